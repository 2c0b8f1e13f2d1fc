#!/bin/bash
# Fuzzes the parsers of Document, what CardReader makes of a chip's answers, what Verifier makes of files, and the decoder of
# portraits.
#
#   Fuzz/run.sh SECONDS [TARGET]…
#
# The seconds are divided over the targets: those named, or every file of Fuzz/Targets. A target is one Swift file there
# and its seeds in Fuzz/seeds, a line of hexadecimal each; `sod` also starts from the real files of ../shared/vectors where
# that folder is. The corpus grows in .build-fuzz and is used again. Exit status: 0 nothing found, 1 a finding (its input
# is named), 2 the targets could not be built.
#
# To see a finding again: .build-fuzz/bin-Onone/TARGET .build-fuzz/findings/TARGET-crash-… (with SWIFT_BACKTRACE=enable=no).
# To add a target: a file in Fuzz/Targets with LLVMFuzzerTestOneInput, and seeds of the same name in Fuzz/seeds. It is
# linked with the parts that it imports.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -eq 0 ]; then
    echo "usage: Fuzz/run.sh SECONDS [TARGET]…" >&2
    exit 2
fi
seconds=$1
shift
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for file in Fuzz/Targets/*.swift; do targets+=("$(basename "$file" .swift)"); done
fi
build=.build-fuzz
vectors=../shared/vectors
# Optimised targets run three times as fast and take five times as long to build.
optimisation=-Onone
if [ "$seconds" -ge 600 ]; then optimisation=-O; fi
bin="$build/bin$optimisation"
mkdir -p "$bin" "$build/findings"

# The backtracer waits for ever under the fuzzer.
export SWIFT_BACKTRACE=enable=no SWIFT_DETERMINISTIC_HASHING=1

flags=(-sanitize=fuzzer,address -package-name cccd -parse-as-library "$optimisation" -wmo -swift-version 6 -strict-memory-safety
    -enable-experimental-feature Lifetimes)
modules="$bin/modules"
systems=()
for flag in -I/usr/include/PCSC $(pkg-config --cflags-only-I libopenjp2 libpng); do systems+=(-Xcc "$flag"); done
for module in Sources/System/*/; do systems+=(-I "$module"); done

# One part as an object and a module, which the targets see the inside of.
build_part() {
    local part=$1 object="$modules/$1.o" newer files
    mkdir -p "$modules"
    mapfile -t files < <(find "Sources/$part" -name '*.swift' | sort)
    # `objects` are the parts that it may import.
    newer=$(find "${files[@]}" "${objects[@]}" -newer "$object" 2>/dev/null | head -1 || true)
    if [ -f "$object" ] && [ -z "$newer" ]; then return; fi
    swiftc "${flags[@]}" -enable-testing -module-name "$part" -I "$modules" "${systems[@]}" \
        -emit-module -emit-module-path "$modules/$part.swiftmodule" -c "${files[@]}" -o "$object"
}

# A target with the parts that it imports.
build_target() {
    local target=$1 binary="$bin/$1" newer part objects=() libraries=()
    local files=(Fuzz/FuzzInput.swift "Fuzz/Targets/$target.swift")
    for part in Document Crypto CardReader Verifier Portrait; do
        case $part in
            # Which the other two need.
            Crypto) grep -qE 'import (Crypto|CardReader|Verifier)$' "Fuzz/Targets/$target.swift" || continue ;;
            # Which Portrait needs.
            Document) grep -qE 'import (Document|Portrait)$' "Fuzz/Targets/$target.swift" || continue ;;
            *) grep -q "import $part\$" "Fuzz/Targets/$target.swift" || continue ;;
        esac
        build_part "$part"
        objects+=("$modules/$part.o")
        case $part in
            Crypto) libraries+=(-lcrypto) ;;
            CardReader) libraries+=(-lpcsclite) ;;
            Portrait) libraries+=(-lopenjp2 -lpng16 -lseccomp) ;;
            Verifier) files+=(Fuzz/Seeds.swift) ;;
        esac
    done
    newer=$(find "${objects[@]}" "${files[@]}" -newer "$binary" 2>/dev/null | head -1 || true)
    if [ -x "$binary" ] && [ -z "$newer" ]; then return; fi
    swiftc "${flags[@]}" -module-name Fuzz -use-ld=lld -I "$modules" "${systems[@]}" "${objects[@]}" "${files[@]}" \
        "${libraries[@]}" -o "$binary"
}

write_seeds() {
    local target=$1 corpus=$2 line number=0
    while IFS= read -r line; do
        case $line in '' | '#'*) continue ;; esac
        number=$((number + 1))
        printf '%b' "$(sed 's/../\\x&/g' <<<"$line")" >"$corpus/seed-$number"
    done <"Fuzz/seeds/$target.hex"
    [ -d "$vectors" ] || return 0
    case $target in
        com) cp "$vectors"/specimen/bsi2008/EF_COM.bin "$corpus" ;;
        dg1) cp "$vectors"/specimen/bsi2008/Datagroup1.bin "$corpus" ;;
        dg2) cp "$vectors"/specimen/bsi2008/Datagroup2.bin "$vectors"/dg2/ISO19794_Test1_Data.bin "$corpus" ;;
        securityinfos) cp "$vectors"/specimen/bsi2008/Datagroup15.bin "$corpus" ;;
        trust) cp "$vectors"/chains/*.csca.cer "$corpus" ;;
        sod) cp "$vectors"/chains/*.sod "$vectors"/specimen/bsi2008/EF_SOD.bin "$corpus" ;;
    esac
    chmod u+w "$corpus"/*
}

for target in "${targets[@]}"; do
    echo "fuzz: building $target" >&2
    build_target "$target" || { echo "fuzz: $target does not build" >&2; exit 2; }
done

share=$((seconds / ${#targets[@]}))
[ "$share" -ge 1 ] || share=1
found=0
for target in "${targets[@]}"; do
    corpus="$build/corpus/$target"
    mkdir -p "$corpus"
    write_seeds "$target" "$corpus"
    log="$build/$target.log"
    if ASAN_OPTIONS=detect_leaks=0 "$bin/$target" "$corpus" -max_total_time="$share" -max_len=16384 -timeout=10 \
        -rss_limit_mb=1024 -artifact_prefix="$build/findings/$target-" -print_final_stats=1 >"$log" 2>&1; then
        echo "fuzz: $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $share s, nothing found"
    else
        found=1
        echo "fuzz: $target: FINDING" >&2
        grep -aE 'Fatal error|ERROR: |SUMMARY|Test unit written|it does not hold' "$log" | head -10 >&2 || true
    fi
done
exit "$found"
