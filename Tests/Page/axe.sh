#!/bin/bash
# Prints the path of axe-core's script, which is fetched once, checked by its hash; prints nothing where it cannot be had. The
# tests then hold their own rules alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

readonly package=axe-playwright-python==0.1.8
readonly hash=fdd263c998388f1a8e67cad02677e612d946248bd44d163be5e8650ea31f95f8
readonly folder=.build/axe script=.build/axe/axe.min.js

if [[ ! -s $script ]]; then
    mkdir -p "$folder"
    echo "$package --hash=sha256:$hash" >"$folder/requirements"
    if ! python3 -m pip --quiet --disable-pip-version-check download --no-deps --only-binary :all: --require-hashes \
        --dest "$folder" --requirement "$folder/requirements" >&2; then
        echo "axe-core cannot be had here: the page is held to the tests' own rules of accessibility alone" >&2
        exit 0
    fi
    python3 -c 'import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
print(wheel.read(next(name for name in wheel.namelist() if name.endswith("axe.min.js"))).decode(), end="")' \
        "$folder"/*.whl >"$script.part"
    mv "$script.part" "$script"
fi
echo "$PWD/$script"
