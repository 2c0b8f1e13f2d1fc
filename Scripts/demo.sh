#!/bin/bash
# The demo behind `make demo`: three virtual cards are checked in, each through PC/SC and over the daemon's socket. The
# second has one byte of DG13 altered, the third is signed by a stranger. Exit status 0 only when all three are told apart.
#
# Needs a built cccd (CCCD names it; default .build/debug/cccd), and starts and stops everything else by itself.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# With a virtual reader around it.
[[ -n ${CCCD_VIRTUAL_READER_PORT-} ]] || exec Scripts/virtual-reader.sh "$0" "$@"

readonly cccd=${CCCD:-.build/debug/cccd}
readonly number=001090012345
folder=$(mktemp --directory /tmp/cccd-demo.XXXXXX)
readonly folder socket=$folder/cccd.sock
started=()

stop() {
    trap - EXIT
    local process
    for process in "${started[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say() {
    if [[ -t 1 ]]; then printf '\n\033[1m%s\033[0m\n' "$*"; else printf '\n%s\n' "$*"; fi
}
fail() {
    echo "demo: $*" >&2
    for log in "$folder"/*.log; do
        [[ -s $log ]] && sed "s|^|$(basename "$log" .log): |" "$log" >&2
    done
    exit 1
}

# start NAME COMMAND…: runs in the background; ends with this script, whatever ends it.
start() {
    local name=$1
    shift
    setpriv --pdeathsig TERM "$@" >>"$folder/$name.log" 2>&1 &
    started+=("$!")
}

ask() { curl --silent --show-error --max-time 60 --unix-socket "$socket" --header 'Content-Type: application/json' "$@"; }

# until_readers JQ-CONDITION: waits until the list of readers fulfils it.
until_readers() {
    local attempt
    for ((attempt = 0; attempt < 100; attempt++)); do
        if ask http://cccd/v1/readers 2>/dev/null | jq --exit-status "$1" >/dev/null 2>&1; then return 0; fi
        sleep 0.1
    done
    return 1
}

say "A test PKI: a CSCA that the desk trusts, and a stranger's"
"$cccd" simulate pki --out "$folder/state" --name "Demo CSCA"
"$cccd" simulate pki --out "$folder/stranger" --name "Stranger CSCA"

say "A registry of invented people"
"$cccd" registry import --registry "$folder/registry.sqlite" Fixtures/Registry/insured.csv

say "The daemon"
cat >"$folder/config.json5" <<END
{
    socket: { path: "$socket", mode: "0600" },
    state: { folder: "$folder/daemon" },
    trust: { paths: ["$folder/state/csca.cer"] },
    registry: { url: "sqlite:$folder/registry.sqlite" },
    readers: { names: ["Virtual PCD*"] },
    facility: { code: "01001" },
}
END
start daemon "$cccd" serve --config "$folder/config.json5"
until_readers '.readers | length > 0' || fail "the daemon did not come up with its reader"
ask http://cccd/v1/health | jq --compact-output .

# check NAME TITLE CONDITION OPTION…: puts a card in, checks it in, and compares the answer with what it must be.
failures=0
check() {
    local name=$1 title=$2 condition=$3 request answer card
    shift 3
    say "$title"
    start "card-$name" "$cccd" simulate card --port "$CCCD_VIRTUAL_READER_PORT" "$@"
    card=$!
    until_readers 'any(.readers[]; .cardPresent)' || fail "no card came into the reader"
    request="{\"personalNumber\": \"$number\"}"
    echo "\$ curl --unix-socket $socket -X POST http://cccd/v1/check-in -d '$request'"
    answer=$(ask --request POST --data "$request" http://cccd/v1/check-in) || fail "the daemon did not answer"
    jq --raw-output --from-file Scripts/answer.jq <<<"$answer"
    if jq --exit-status "$condition" <<<"$answer" >/dev/null; then
        echo "  As it must be."
    else
        echo "  NOT as it must be: $condition"
        failures=$((failures + 1))
    fi
    kill "$card"
    wait "$card" || true
    until_readers 'all(.readers[]; .cardPresent | not)' || fail "the card did not leave the reader"
}

check good "1. A good card" \
    '(.verdict.outcome == "genuine" or .verdict.outcome == "authenticData") and .holder.isProven and .insurance.eligible' \
    --pki "$folder/state"
check tampered "2. The same card, one byte of DG13 altered" \
    '.verdict.outcome == "invalid" and .insurance == null
        and any(.verdict.checks[]; .id == "dataGroups.hash" and .result == "failed")' \
    --pki "$folder/state" --tamper EF_DG13:60
check stranger "3. The same data, signed by a stranger" \
    '(.verdict.outcome == "invalid" or .verdict.outcome == "unverified") and .insurance == null
        and any(.verdict.checks[]; .id == "signer.chain" and .result != "passed")' \
    --pki "$folder/stranger"

((failures == 0)) || fail "$failures of three answers were not what they must be"
say "Three cards, three answers, all as they must be."
