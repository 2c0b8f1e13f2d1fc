#!/usr/bin/env bash
# Measures everything that Benchmarks/README.md tells, and writes it to the folder given: `Benchmarks/run.sh [FOLDER]`.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath -m "${1:-.build/benchmarks}")
mkdir -p "$out"
swift build --configuration release --product cccd
cccd=.build/release/cccd

echo "== algorithms: 20000 records to each of 5 signers, one thread and all"
"$cccd" bench --full --repeat 3 --seconds 2 | tee "$out/algorithms.txt"

echo "== records to a signer: P-256, one thread, no portrait"
for row in "5 20000" "50 2000" "500 200" "2000 20"; do
    read -r signers records <<<"$row"
    "$cccd" bench --algorithm P-256 --portrait 0 --threads 1 --signers "$signers" --records "$records" --repeat 3 \
        | tail -n 1
done | tee "$out/signers.txt"

echo "== memory: the same archive once and a hundred times"
"$cccd" bench --algorithm P-256 --portrait 0 --threads 1 --distinct 2000 --keep "$out/keep" >/dev/null
archive="$out/keep/P-256-0.archive"
for times in 1 100; do
    inputs=()
    for ((i = 0; i < times; i++)); do inputs+=("$archive"); done
    "$cccd" batch --trust "$out/keep/P-256.csca" --output /dev/null "${inputs[@]}" 2>"$out/memory.$times" &
    pid=$!
    peak=0
    while kill -0 "$pid" 2>/dev/null; do
        now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
        peak=${now:-$peak}
        sleep 0.05
    done
    echo "$(head -n 1 "$out/memory.$times"): at most $((peak / 1024)) MiB"
done | tee "$out/memory.txt"

if command -v perf >/dev/null; then
    echo "== where the time goes: P-256, no portrait"
    inputs=()
    for ((i = 0; i < 10; i++)); do inputs+=("$archive"); done
    perf record --quiet --output "$out/perf.data" "$cccd" batch --trust "$out/keep/P-256.csca" --threads 1 \
        --output /dev/null "${inputs[@]}" 2>/dev/null
    perf report --input "$out/perf.data" --no-children --sort dso --stdio 2>/dev/null | grep -v '^#' | grep . \
        | tee "$out/profile.txt"
fi
rm -rf "$out/keep"
