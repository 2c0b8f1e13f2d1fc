#!/bin/bash
# Times a full load and `sqlite3 .import` of the same file into a table of the file's columns with the same indexes.
# Usage: import-beside-sqlite.sh PROGRAM FILE.csv
set -eu
program=$1
file=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$program" import "$file" "$folder/registry.sqlite"
echo "sqlite3 .import:"
columns=$(head -n 1 "$file" | sed 's/,/ TEXT, /g')
time -p sqlite3 "$folder/plain.sqlite" >/dev/null <<SQL
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE insured ($columns TEXT);
.mode csv
.import --skip 1 "$file" insured
CREATE INDEX insured_person ON insured (personalNumber, validFrom);
CREATE INDEX insured_card ON insured (substr(cardNumber, -10));
CREATE INDEX insured_parent ON insured (parentPersonalNumber) WHERE parentPersonalNumber IS NOT NULL;
SQL
