#!/bin/bash
# Builds the package twice, with nothing in common but commit, toolchain and Debian libraries: in folders of different names, under
# another umask, in another time zone and language. The two must be the same byte for byte.
#
# Usage: Packaging/reproducible.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$(mktemp --directory /tmp/cccd-reproducible.XXXXXX)
readonly folder
trap 'rm -rf "$folder"' EXIT

one=$(umask 022 && Packaging/build.sh --work "$folder/one" | tail -n 1)
two=$(umask 077 && TZ=Asia/Ho_Chi_Minh LANG=vi_VN.UTF-8 Packaging/build.sh --work "$folder/a/longer/name/of/a/folder" | tail -n 1)
sha256sum "$one" "$two"
if ! cmp "$one" "$two"; then
    echo "reproducible: the packages differ; this is where:" >&2
    for package in "$one" "$two"; do
        dpkg-deb --raw-extract "$package" "$package.files"
        (cd "$package.files" && find . -type f -exec sha256sum {} + | sort --key=2) >"$package.sums"
    done
    diff "$one.sums" "$two.sums" >&2 || true
    exit 1
fi
echo "The same $(stat --format=%s "$one") bytes."
