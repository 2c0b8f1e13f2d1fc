#!/bin/sh
# Loads into a registry on a small volume until it is full, and onto a read-only one: clear errors, nothing lost.
# Mounts a tmpfs and so needs root. Usage: full-disk-test.sh PROGRAM
set -eu
program=$1
folder=$(mktemp -d)
mount -t tmpfs -o size=24m tmpfs "$folder"
trap 'umount "$folder"; rmdir "$folder"; rm -f "$small" "$large"' EXIT
small=$(mktemp) large=$(mktemp)
"$program" generate 30000 1 >"$small"
"$program" generate 200000 2 >"$large"
registry=$folder/registry.sqlite

failed=0
expect() { # TEXT MODE FILE
    said=$("$program" "$2" "$3" "$registry" 2>&1 || true)
    case $said in *"$1"*) ;; *) echo "$2 said: $said"; failed=1 ;; esac
    [ "$("$program" digest "$registry")" = "$before" ] || { echo "$2 changed the registry"; failed=1; }
}
"$program" import "$small" "$registry" >/dev/null
before=$("$program" digest "$registry")
expect "no space left" import "$large"
expect "no space left" changes "$large"
[ "$(ls "$folder" | wc -l)" = 2 ] || { echo "left behind: $(ls "$folder")"; failed=1; }
mount -o remount,ro "$folder"
said=$("$program" import "$small" "$registry" 2>&1 || true)
case $said in *"permission"* | *"Read-only"* | *"cannot be written"*) ;; *) echo "read-only said: $said"; failed=1 ;; esac
"$program" decide "$registry" 30000 >/dev/null || { echo "a read-only volume is not answered from"; failed=1; }
[ "$failed" = 0 ] && echo "full and read-only volumes: clear errors, nothing lost"
exit "$failed"
