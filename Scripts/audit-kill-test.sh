#!/bin/bash
# Usage: Scripts/audit-kill-test.sh ROUNDS
# Kills a daemon under load with SIGKILL at random moments. After each kill its audit log must be whole, and hold every
# check-in that was answered. Without a reader every check-in is answered with a problem, which is kept like any other.
#
# Needs a built cccd (CCCD names it; default .build/debug/cccd).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly rounds=${1:?how many rounds?} callers=4
readonly cccd=${CCCD:-.build/debug/cccd}
folder=$(mktemp --directory /tmp/cccd-kill.XXXXXX)
readonly folder
daemon=
stop() {
    [[ -z $daemon ]] || kill -KILL "$daemon" 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT

cat >"$folder/config.json5" <<END
{
    socket: { path: "$folder/cccd.sock", mode: "0600" },
    state: { folder: "$folder/state" },
    trust: { paths: ["$folder/trust"] },
    log: { level: "error" },
}
END
mkdir "$folder/trust"
# No pcscd: nobody listens there.
export PCSCLITE_CSOCK_NAME=$folder/none SWIFT_BACKTRACE=enable=no

answered=0
for ((round = 1; round <= rounds; round++)); do
    # A log of its own for every ten rounds, so that each is soon proven.
    ((round % 10 == 1)) && rm -rf "$folder/state"
    "$cccd" serve --config "$folder/config.json5" 2>>"$folder/log" &
    daemon=$!
    until curl --silent --fail --output /dev/null --unix-socket "$folder/cccd.sock" http://cccd/v1/health; do
        kill -0 "$daemon" || { cat "$folder/log" >&2; exit 1; }
        sleep 0.02
    done
    for ((caller = 0; caller < callers; caller++)); do
        curl --silent --fail-early --unix-socket "$folder/cccd.sock" --output /dev/null \
            --header 'Content-Type: application/json' --data '{"can": "012345"}' \
            --write-out '%{http_code} %header{audit-id}\n' "http://cccd/v1/check-in?[1-100000]" >"$folder/$caller.ids" &
    done
    sleep "0.$((RANDOM % 60 + 100))"
    kill -KILL "$daemon"
    wait "$daemon" 2>/dev/null || true
    daemon=
    wait

    if ! "$cccd" audit verify --config "$folder/config.json5" >"$folder/verification"; then
        echo "round $round: the audit log is not whole" >&2
        cat "$folder/verification" >&2
        exit 1
    fi
    awk '$1 != "000" && $2 != "" { print $2 }' "$folder"/*.ids | sort >"$folder/answered"
    "$cccd" audit export --config "$folder/config.json5" | jq --raw-output 'select(.id) | .id' | sort >"$folder/kept"
    lost=$(comm -23 "$folder/answered" "$folder/kept" | wc --lines)
    count=$(wc --lines <"$folder/answered")
    if ((lost > 0)); then
        echo "round $round: $lost of $count answered check-ins are not in the audit log" >&2
        exit 1
    fi
    answered=$((answered + count))
done
((answered > 0)) || { echo "no check-in was answered: the test shows nothing" >&2; exit 1; }
echo "$rounds kills: the audit log was whole each time, with all of $answered answered check-ins in it"
