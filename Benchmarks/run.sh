#!/usr/bin/env bash
# Measures everything that Benchmarks/README.md tells: `Benchmarks/run.sh [--stage NAME]… [FOLDER]`.
#
# Without --stage all stages are run, one after the other; each takes at most ten minutes on two quiet processors, and what
# it found goes to a file of its name in FOLDER (.build/benchmarks): nothing is lost when a later one is stopped.
set -euo pipefail
cd "$(dirname "$0")/.."
all=(P-256 P-384 P-521 brainpoolP256r1 brainpoolP384r1 brainpoolP512r1 RSA-2048 RSA-4096 signers memory profile page)
stages=()
while [[ ${1:-} == --* ]]; do
    [[ $1 == --stage && " ${all[*]} " == *" ${2:-} "* ]] || {
        echo "usage: Benchmarks/run.sh [--stage NAME]… [FOLDER], where NAME is one of: ${all[*]}" >&2
        exit 2
    }
    stages+=("$2")
    shift 2
done
((${#stages[@]} > 0)) || stages=("${all[@]}")
out=$(realpath -m "${1:-.build/benchmarks}")
mkdir -p "$out"
swift build --configuration release --product cccd
cccd=.build/release/cccd
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT

# 20000 records to each of 5 signers, one thread and all.
algorithm() { "$cccd" bench --full --algorithm "$1" --repeat 3 --seconds 2; }

# What fewer records to a signer cost, and from where on a table pays.
signers() {
    local first=1
    for row in "5 20000" "50 2000" "500 200" "2000 20"; do
        read -r signers records <<<"$row"
        "$cccd" bench --algorithm P-256 --portrait 0 --threads 1 --signers "$signers" --records "$records" --repeat 3 |
            tail -n $((1 + first))
        first=0
    done
}

archive() {
    [[ -e $kept/P-256.csca ]] || "$cccd" bench --algorithm P-256 --portrait 0 --threads 1 --distinct 2000 \
        --keep "$kept" >/dev/null
    archive=$kept/P-256-0.archive
}

# The same archive once and a hundred times: 10000 records and 1000000.
memory() {
    archive
    for times in 1 100; do
        inputs=()
        for ((i = 0; i < times; i++)); do inputs+=("$archive"); done
        "$cccd" batch --trust "$kept/P-256.csca" --output /dev/null "${inputs[@]}" 2>"$kept/note" &
        pid=$!
        peak=0
        while kill -0 "$pid" 2>/dev/null; do
            now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
            peak=${now:-$peak}
            sleep 0.02
        done
        echo "$(head -n 1 "$kept/note"): at most $((peak / 1024)) MiB; $(grep -o 'tables: .*' "$kept/note")"
    done
}

# From card in to the answer on the page; needs chromium-driver and vsmartcard-vpcd.
page() {
    command -v chromedriver >/dev/null || { echo "chromedriver is not installed"; return; }
    CCCD=$cccd Scripts/virtual-reader.sh python3 Benchmarks/Page/measure.py
}

# Where the time goes.
profile() {
    command -v perf >/dev/null || { echo "perf is not installed"; return; }
    archive
    inputs=()
    for ((i = 0; i < 10; i++)); do inputs+=("$archive"); done
    perf record --quiet --output "$kept/perf.data" "$cccd" batch --trust "$kept/P-256.csca" --threads 1 \
        --output /dev/null "${inputs[@]}" 2>/dev/null
    for by in dso dso,symbol; do
        perf report --input "$kept/perf.data" --no-children --sort "$by" --percent-limit 0.5 --stdio 2>/dev/null |
            grep -v '^#' | grep . | cut -c 1-120
    done
}

for stage in "${stages[@]}"; do
    echo "== $stage"
    case $stage in
    signers | memory | profile | page) "$stage" ;;
    *) algorithm "$stage" ;;
    esac | tee "$out/$stage.part"
    mv "$out/$stage.part" "$out/$stage.txt"
done
