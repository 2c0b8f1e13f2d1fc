#!/bin/bash
# Has systemd verify the units of a folder; what they start need not be installed.
#
# Usage: Packaging/test/units.sh FOLDER
set -euo pipefail
folder=$(mktemp --directory)
trap 'rm -rf "$folder"' EXIT
for unit in "${1:?which folder?}"/cccd.{service,socket}; do
    sed 's|^ExecStart=/usr/bin/cccd|ExecStart=/bin/true|' "$unit" >"$folder/$(basename "$unit")"
done
told=$(systemd-analyze verify --man=no --recursive-errors=no "$folder"/cccd.service "$folder"/cccd.socket 2>&1) ||
    { echo "$told" >&2; exit 1; }
[[ -z $told ]] || { echo "$told" >&2; exit 1; }
