#!/bin/bash
# Usage: Benchmarks/Load/run.sh [ROWS [SECONDS]]
# Decisions of the insurance a second, over the Unix socket on 32 connections, beside redis-benchmark's GET on a Unix socket
# with as many keys and connections, in turns on the same machine. The last line is the ratio of the medians.
#
# Installs redis from Debian where it is missing, and builds everything else.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly rows=${1:-4400000} seconds=${2:-5} connections=32 turns=5 scratch=${SCRATCH:-.build/load}
Scripts/install-packages.sh redis-server redis-tools
# Linked as the package is.
build=(swift build --configuration release --static-swift-stdlib --scratch-path "$scratch")
for product in cccd registry-benchmark load-benchmark; do "${build[@]}" --product "$product"; done
built=$("${build[@]}" --show-bin-path)
folder=$(mktemp --directory /tmp/cccd-load.XXXXXX)
readonly built folder
started=()
stop() {
    for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT

"$built/registry-benchmark" generate "$rows" >"$folder/insured.csv"
"$built/cccd" registry import --registry "$folder/registry.sqlite" "$folder/insured.csv" >&2
column=$(head -n 1 "$folder/insured.csv" | tr ',' '\n' | grep -n '^personalNumber$' | cut -d: -f1)
tail -n +2 "$folder/insured.csv" | cut -d, -f"${column:-1}" | shuf -n 200000 --random-source=<(yes) >"$folder/numbers"
rm "$folder/insured.csv"
# What the load wrote is not to go to the disk while it is measured.
sync
mkdir "$folder/trust"
cat >"$folder/config.json5" <<END
{
    socket: { path: "$folder/cccd.sock", mode: "0600" },
    state: { folder: "$folder/state" },
    trust: { paths: ["$folder/trust"] },
    registry: { url: "sqlite:$folder/registry.sqlite" },
    http: { connections: 2000 },
    log: { level: "error" },
}
END
PCSCLITE_CSOCK_NAME=$folder/none "$built/cccd" serve --config "$folder/config.json5" &
started+=($!)
redis-server --port 0 --unixsocket "$folder/redis.sock" --save '' --appendonly no --daemonize no >/dev/null &
started+=($!)
until redis-cli -s "$folder/redis.sock" ping >/dev/null 2>&1; do sleep 0.05; done
until curl --silent --fail --output /dev/null --unix-socket "$folder/cccd.sock" http://cccd/v1/health; do sleep 0.05; done
redis-benchmark -s "$folder/redis.sock" -q -t set -r "$rows" -n "$rows" -P 64 -d 200 >/dev/null

# Both generators as batch jobs, which take no processor away from whom they wait for: with as many processors as threads at
# work, one that wakes at each answer costs more in changes of threads than the answers do.
redis_rate() {
    chrt --batch 0 redis-benchmark -s "$folder/redis.sock" --csv -t get -r "$rows" -n $((seconds * 60000)) -c "$connections" \
        | tail -n 1 | cut -d, -f2 | tr -d '"' | cut -d. -f1
}
ours() { chrt --batch 0 "$built/load-benchmark" "$folder/cccd.sock" "$folder/numbers" "$connections" "$seconds" "$@"; }
median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

ours >/dev/null
for ((turn = 1; turn <= turns; turn++)); do
    ours | tee -a "$folder/ours" | awk -v turn="$turn" '{ printf "turn %d: cccd %d/s, p50 %d µs, p99 %d µs\n", turn, $1, $2, $3 }'
    redis_rate | tee -a "$folder/redis" | awk -v turn="$turn" '{ printf "turn %d: redis GET %d/s\n", turn, $1 }'
done
ours 1000 | tee "$folder/idle" | awk '{ printf "with 1000 idle connections: cccd %d/s, p50 %d µs, p99 %d µs\n", $1, $2, $3 }'
rate=$(cut -d' ' -f1 "$folder/ours" | median)
redis=$(median <"$folder/redis")
echo "medians: cccd $rate/s, redis GET $redis/s"
awk -v ours="$rate" -v redis="$redis" 'BEGIN { printf "%.3f\n", ours / redis }'
