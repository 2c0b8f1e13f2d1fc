#!/usr/bin/env bash
# Runs the Spark job on a master and two workers of its own on this machine, and compares with one process of cccd, to the
# record; then again with a worker killed half-way: `Scale/test.sh PATH-TO-CCCD`.
set -euo pipefail
cd "$(dirname "$0")/.."
cccd=$(realpath "$1")
environment=$(Scale/install.sh)
python=$environment/bin/python
spark=$("$python" -c 'import os, pyspark; print(os.path.dirname(pyspark.__file__))')
work=$(mktemp -d)
started=()
stop() {
    for pid in "${started[@]}"; do kill -9 -- "-$pid" || true; done 2>/dev/null
    rm -rf "$work"
}
trap stop EXIT
export PYSPARK_PYTHON=$python SPARK_HOME=$spark SPARK_LOCAL_IP=127.0.0.1 SPARK_NO_DAEMONIZE=1
export PYTHONDONTWRITEBYTECODE=1


echo "== records: good ones of two kinds of signer, damaged ones, lines that are none"
for algorithm in P-256 RSA-2048; do
    "$cccd" bench --algorithm "$algorithm" --portrait 0 --threads 1 --signers 3 --records 100 --distinct 100 \
        --keep "$work/made" >/dev/null
    "$cccd" archive extract --json "$work/made/$algorithm-0.archive" >>"$work/lines"
done
mkdir "$work/trust"
cp "$work"/made/*.csca "$work/trust"
for _ in {1..12}; do cat "$work/lines"; done | awk '
    NR % 97 == 5 { sub(/..=?"/, "A==\"") }
    NR % 89 == 7 { at = int(length($0) / 2); $0 = substr($0, 1, at) "A" substr($0, at + 2) }
    NR % 131 == 9 { $0 = substr($0, 1, 1000) }
    NR % 151 == 3 { print "" }
    { print }' >"$work/a.jsonl"
head -n 1501 "$work/a.jsonl" >"$work/b.jsonl"
"$cccd" archive pack "$work/c.archive" "$work/a.jsonl" 2>/dev/null || true
printf '\0\0\1\0cut' >>"$work/c.archive"
inputs=("$work/a.jsonl" "$work/c.archive" "$work/b.jsonl")
at=$(date +%F)
status=0
"$cccd" batch --trust "$work/trust" --at "$at" --summary "$work/summary" --output "$work/results" "${inputs[@]}" \
    2>"$work/note" || status=$?
((status == 1)) || { cat "$work/note"; exit 1; }
head -n 5 "$work/note"

# Counts the parts that are begun, and takes its time, so that there is a half-way.
cat >"$work/cccd" <<SCRIPT
#!/bin/bash
echo >>"$work/begun"
/bin/sleep \$(/bin/cat "$work/pause")
exec "$cccd" "\$@"
SCRIPT
chmod +x "$work/cccd"

echo "== a master and two workers"
port=$((20000 + RANDOM % 20000))
setsid "$spark/bin/spark-class" org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port 0 \
    >"$work/master.log" 2>&1 &
started+=($!)
disown
worker() {
    setsid "$spark/bin/spark-class" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --cores 1 --memory 1g \
        --webui-port 0 --work-dir "$work/worker$1" "spark://127.0.0.1:$port" >"$work/worker$1.log" 2>&1 &
    started+=($!)
    disown
}
worker 1
worker 2
for _ in {1..120}; do
    (($(grep -c "Registering worker" "$work/master.log" || true) >= 2)) && break
    sleep 0.5
done
(($(grep -c "Registering worker" "$work/master.log") >= 2)) || { cat "$work"/*.log; exit 1; }

run() {
    : >"$work/begun"
    "$spark/bin/spark-submit" --master "spark://127.0.0.1:$port" --executor-memory 512m --driver-memory 512m \
        --conf spark.ui.enabled=false --conf spark.log.level=ERROR Scale/verify_cards.py --cccd "$work/cccd" \
        --trust "$work/trust" --at "$at" --partition-bytes "$partition" --output "$work/$1" "${inputs[@]}" \
        >"$work/$1.log" 2>&1
}

compare() {
    cmp <(jq -S . "$work/summary") <(jq -S . "$work/$1"/summary/part-*)
    cmp "$work/results" <(cat "$work/$1"/results/part-*)
    echo "the same summary and the same $(wc -l <"$work/results") results; $(wc -l <"$work/begun") parts were begun"
}

partition=$(($(cat "${inputs[@]}" | wc -c) / 12))
echo 0 >"$work/pause"
status=0
run whole || status=$?
((status == 1)) || { cat "$work/whole.log"; exit 1; }
compare whole
parts=$(wc -l <"$work/begun")

echo "== a worker is killed half-way"
echo 0.5 >"$work/pause"
run killed &
job=$!
while (($(wc -l <"$work/begun") < parts / 2)); do
    kill -0 "$job" 2>/dev/null || { cat "$work/killed.log"; exit 1; }
    sleep 0.05
done
# The worker, its executor and whatever that runs: all of one session.
victims=$(ps -eo pid=,sid= | awk -v sid="${started[2]}" '$2 == sid { print $1 }')
kill -9 $victims 2>/dev/null || true  # Some are at their end already.
status=0
wait "$job" || status=$?
((status == 1)) || { cat "$work/killed.log"; exit 1; }
compare killed
(($(wc -l <"$work/begun") > parts)) || { echo "nothing had to be done again: the worker was killed too late"; exit 1; }
