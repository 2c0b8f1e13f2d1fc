#!/bin/bash
# Builds the Debian package of the last commit: what is not committed is not in it.
#
# Usage: Packaging/build.sh [--work FOLDER] [--revision N] [--again]
#   --work      where the source is exported and built, and the package is put. Default: .build/package
#   --revision  of the package, behind the version. Default: that of debian/changelog
#   --again     uses what was built there before, for trying things out: the compiler keeps objects although its options changed
#
# The package's path is the last line printed. The same commit, toolchain and Debian libraries give the same bytes, in whatever folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=.build/package
revision=
again=
while (($# > 0)); do
    case $1 in
        --work) work=$2; shift 2 ;;
        --revision) revision=$2; shift 2 ;;
        --again) again=yes; shift ;;
        *) sed -n '4,7s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
mkdir -p "$work"
work=$(realpath "$work")

[[ -n $again ]] || rm -rf "$work/source"
export=$(mktemp --directory "$work/export.XXXXXX")
trap 'rm -rf "$export"' EXIT
git archive HEAD | tar --extract --directory="$export"
git diff --quiet HEAD -- 2>/dev/null || echo "package: changes that are not committed are left out" >&2
rsync --recursive --links --perms --checksum --delete --exclude=/.build "$export/" "$work/source/"
cd "$work/source"

swift=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p')
sed --in-place "s/^swift\$/swift $swift/" Sources/cccd/Build/facts.txt
# What is packed bears the commit's time.
SOURCE_DATE_EPOCH=$(date --date="$(sed -n 's/^time //p' Sources/cccd/Build/facts.txt)" +%s)
export SOURCE_DATE_EPOCH

rm -rf debian
cp --recursive Packaging/debian debian
if [[ -n $revision ]]; then
    sed --in-place "1s/-[0-9]*)/-$revision)/" debian/changelog
fi
LC_ALL=C.UTF-8 TZ=UTC dpkg-buildpackage --build=binary --no-sign --no-check-builddeps --no-pre-clean >&2

package=cccd_$(dpkg-parsechangelog --show-field Version)_$(dpkg-architecture --query DEB_HOST_ARCH).deb
echo "$work/$package"
