#!/bin/bash
# Times a full load into PostgreSQL and `psql \copy` of the same file into a table of the file's columns with the same
# indexes, both in one transaction: on the clock, and processor seconds of client and server together.
# Usage: Scripts/postgresql.sh Benchmarks/Registry/import-beside-psql.sh PROGRAM FILE.csv
set -euo pipefail
program=$1
file=$(realpath "$2")
ticks=$(getconf CLK_TCK)

# Processor seconds of the server and all its ended children (proc(5), stat: utime, stime, cutime, cstime).
server_seconds() { awk -v t="$ticks" '{ print ($14 + $15 + $16 + $17) / t }' "/proc/$CCCD_POSTGRESQL_PID/stat"; }

measured() {
    local before after
    before=$(server_seconds)
    TIMEFORMAT='clock %R s, client %U + %S s'
    time "$@"
    sleep 1
    after=$(server_seconds)
    awk -v a="$before" -v b="$after" 'BEGIN { printf "server %.2f s\n", b - a }'
}

columns=$(head -n 1 "$file" | sed 's/,/ text COLLATE "C", /g')' text COLLATE "C"'
plain() {
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 <<SQL
SET maintenance_work_mem = '256MB';
BEGIN;
CREATE TABLE plain ($columns);
\copy plain FROM '$file' WITH (FORMAT csv, HEADER true, FREEZE)
CREATE UNIQUE INDEX ON plain (personalNumber, validFrom);
CREATE INDEX ON plain (right(cardNumber, 10));
CREATE UNIQUE INDEX ON plain (right(cardNumber, 10), validFrom) WHERE personalNumber IS NULL;
CREATE INDEX ON plain (parentPersonalNumber) WHERE parentPersonalNumber IS NOT NULL;
ANALYZE plain;
COMMIT;
SQL
}
for ((round = 1; round <= ${ROUNDS:-2}; round++)); do
    echo "psql \\copy, round $round:"
    measured plain
    psql --quiet --no-psqlrc -c 'DROP TABLE plain; CHECKPOINT'
    echo "load, round $round:"
    measured "$program" import "$file" postgresql://
    psql --quiet --no-psqlrc -c 'DROP SCHEMA cccd CASCADE; CHECKPOINT' 2>/dev/null
done
