#!/bin/sh
# Kills loads with SIGKILL at random moments and looks whether the registry is the old one or the new one, whole.
# A load that ended before it was killed is counted apart, and another begun in its place.
# The last line counts. Usage: kill-test.sh PROGRAM [TIMES] [ROWS] [REGISTRY]
# REGISTRY is a file of its own, or 'postgresql://' for the server that the environment names.
set -eu
program=$1
times=${2:-100}
rows=${3:-100000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
registry=${4:-$folder/registry.sqlite}

"$program" generate "$rows" 1 >"$folder/a.csv"
"$program" generate "$rows" 2 >"$folder/b.csv"
# Changes small enough to be made in the file itself, so that its journal is at stake too.
head -n 12000 "$folder/a.csv" >"$folder/a-changes.csv"
head -n 12000 "$folder/b.csv" >"$folder/b-changes.csv"

# A server may take a moment to notice that a load was killed, and lets no other begin before.
load() { # MODE FILE
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        if "$program" "$1" "$2" "$registry" >"$folder/said"; then return 0; fi
        sleep 1
    done
    cat "$folder/said"
    return 1
}

old=0 new=0 broken=0 finished=0
for mode in import changes; do
    if [ "$mode" = import ]; then a=$folder/a.csv b=$folder/b.csv; else a=$folder/a-changes.csv b=$folder/b-changes.csv; fi
    load import "$folder/a.csv"
    "$program" lose "$registry" 001090012345
    begin=$(date +%s%N)
    load "$mode" "$b"
    span=$(($(date +%s%N) - begin))
    of_b=$("$program" digest "$registry")
    load "$mode" "$a"
    of_a=$("$program" digest "$registry")
    case "$of_a$of_b" in *cannot*) echo "no digest: $of_a, $of_b"; exit 1 ;; esac
    before=$of_a file=$b after=$of_b
    round=0 killed=0
    while [ "$killed" -lt $(((times + 1) / 2)) ] && [ "$round" -lt $((times * 2)) ]; do
        round=$((round + 1))
        "$program" "$mode" "$file" "$registry" >/dev/null 2>&1 &
        load=$!
        random=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
        sleep "$(awk -v r="$random" -v s="$span" 'BEGIN { printf "%.4f", r / 4294967296 * s / 1e9 * 1.1 }')"
        kill -9 "$load" 2>/dev/null || true
        status=0
        wait "$load" 2>/dev/null || status=$?
        if [ "$status" -eq 137 ]; then killed=$((killed + 1)); else finished=$((finished + 1)); fi
        now=$("$program" digest "$registry")
        case $now in
        "$before") old=$((old + 1)) ;;
        "$after")
            new=$((new + 1))
            if [ "$file" = "$b" ]; then before=$of_b file=$a after=$of_a; else before=$of_a file=$b after=$of_b; fi
            ;;
        *)
            broken=$((broken + 1))
            echo "$mode, round $round: $now, not $before nor $after"
            ;;
        esac
    done
done
echo "killed $((old + new + broken - finished)) of $((old + new + broken)) loads: $old old, $new new, $broken broken"
[ "$broken" -eq 0 ]
