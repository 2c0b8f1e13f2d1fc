#!/bin/bash
# Looks a package over without installing it.
#
# Usage: Packaging/test/static.sh PACKAGE
set -euo pipefail
package=${1:?which package?}
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
readonly package here
folder=$(mktemp --directory)
readonly folder
trap 'rm -rf "$folder"' EXIT

say() { printf '\n== %s\n' "$*"; }
fail() { echo "package-test: $*" >&2; exit 1; }

say "lintian"
lintian --allow-root --fail-on error,warning "$package"

dpkg-deb --extract "$package" "$folder"
cd "$folder"

say "units"
# The program and pcscd need not be installed here.
"$here/units.sh" lib/systemd/system
systemd-analyze security --offline=true --no-pager --threshold=20 lib/systemd/system/cccd.service | tail -n 1

say "polkit"
"$here/polkit.sh" usr/share/polkit-1/rules.d/cccd.rules

say "manual pages"
for page in usr/share/man/man*/*.gz; do
    gunzip "$page"
    page=${page%.gz}
    mandoc -T lint -W warning "$page"
    warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings --encoding=UTF-8 --local-file --troff-device=utf8 --ditroff \
        "$page" 2>&1 >/dev/null)
    [[ -z $warnings ]] || fail "$page: $warnings"
    echo "$page"
done

say "completions"
"$here/completions.sh" usr/bin/cccd usr/share

say "software bill of materials"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install spdx-tools
"$folder/venv/bin/pyspdxtools" --infile usr/share/doc/cccd/cccd.spdx.json
jq --raw-output '.packages[] | "\(.name) \(.versionInfo)"' usr/share/doc/cccd/cccd.spdx.json

say "size"
dpkg-deb --field "$package" Version Installed-Size Depends
