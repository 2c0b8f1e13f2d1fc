#!/bin/bash
# Writes startup-order.txt: the functions that run when the daemon starts and answers for the first time. The package is linked with
# them side by side, because memory is filled by 64 KiB wherever something runs. A list that is not up to date does no harm: what
# it lacks stands elsewhere, and what it has too much is passed over.
#
# Usage: Packaging/startup-order.sh PROGRAM
#   PROGRAM  as built, with its symbols: .build/package/source/.build/release/cccd
#
# Needs valgrind.
set -euo pipefail
program=$(realpath "${1:?which program?}")
cd "$(dirname "${BASH_SOURCE[0]}")"

folder=$(mktemp --directory /tmp/cccd-order.XXXXXX)
readonly program folder
daemon=
trap '[[ -z $daemon ]] || kill "$daemon" 2>/dev/null || true; rm -rf "$folder"' EXIT

mkdir "$folder/trust"
cat >"$folder/cccd.json5" <<END
{ socket: { path: "$folder/cccd.sock" }, state: { folder: "$folder/state" }, trust: { paths: ["$folder/trust"] } }
END
for start in first later; do
    valgrind --quiet --tool=callgrind --demangle=no --compress-strings=no --callgrind-out-file="$folder/$start.calls" \
        "$program" serve --config "$folder/cccd.json5" 2>"$folder/log" &
    daemon=$!
    until curl --silent --fail --output /dev/null --max-time 5 --unix-socket "$folder/cccd.sock" http://cccd/v1/health; do
        kill -0 "$daemon" || { cat "$folder/log" >&2; exit 1; }
        sleep 0.2
    done
    kill "$daemon"
    wait "$daemon" || true
    daemon=
done
awk -v program="$program" '
    sub(/^ob=/, "") { is_ours = $0 == program }
    sub(/^fn=/, "") && is_ours && !/^0x/ { sub(/\047.*/, ""); print }' "$folder"/*.calls | LC_ALL=C sort --unique >startup-order.txt
wc --lines startup-order.txt
