#!/bin/bash
# Lists the public symbols without a doc comment, and fails where there is one. It asks the compiled modules, so what stands
# there is exactly what users of the libraries see. Then it makes the documentation with docc, where the toolchain has it,
# which knows of links that lead nowhere and of parameters without a word.
#
# Usage: Scripts/doc-check.sh [--out FOLDER] [MODULE…]; without one, the modules that are library products. Needs a debug build.
#   --out  keeps the documentation there, one archive for each module.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

out=
if [[ ${1-} == --out ]]; then
    mkdir -p "$2"
    out=$(realpath "$2")
    shift 2
fi
modules=("$@")
((${#modules[@]} > 0)) || modules=(Verifier CardReader Document Crypto)
readonly build=.build/debug
folder=$(mktemp --directory)
trap 'rm -rf "$folder"' EXIT

includes=(-I "$build/Modules")
for map in Sources/System/*/; do includes+=(-I "$map"); done
for flag in $(pkg-config --cflags-only-I libpcsclite libcrypto); do includes+=(-Xcc "$flag"); done
status=0
for module in "${modules[@]}"; do
    [[ -e $build/Modules/$module.swiftmodule ]] || { echo "$module is not built: run swift build" >&2; exit 2; }
    mkdir "$folder/$module"
    swift symbolgraph-extract -module-name "$module" "${includes[@]}" -target "$(uname -m)-unknown-linux-gnu" \
        -output-dir "$folder/$module" -minimum-access-level public -skip-synthesized-members
    missing=$(jq --raw-output '
        .symbols[] | select(.docComment == null)
        | "\(.location.uri // "?" | sub("^.*/Sources/"; "Sources/")):\((.location.position.line // 0) + 1): "
            + "\(.pathComponents | join(".")) has no doc comment"
        ' "$folder/$module"/*.symbols.json | sort)
    count=$(jq --slurp '[.[].symbols[]] | length' "$folder/$module"/*.symbols.json)
    if [[ -n $missing ]]; then
        echo "$missing"
        status=1
    else
        echo "$module: all of $count public symbols have a doc comment"
    fi
    command -v docc >/dev/null || continue
    catalogue=Sources/$module/Documentation.docc
    [[ -d $catalogue ]] || catalogue=
    # shellcheck disable=SC2086  # none where there is none
    docc convert $catalogue --additional-symbol-graph-dir "$folder/$module" --fallback-display-name "$module" \
        --fallback-bundle-identifier "cccd.$module" --warnings-as-errors \
        --output-path "${out:-$folder}/$module.doccarchive" >"$folder/docc.log" 2>&1 || { cat "$folder/docc.log"; status=1; }
done
exit "$status"
