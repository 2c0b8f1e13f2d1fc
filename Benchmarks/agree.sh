#!/usr/bin/env bash
# Puts random, damaged and edge signatures to the batch's fast path and to EVP, and compares: `Benchmarks/agree.sh [COUNT]`.
# The published cases of Wycheproof are compared by the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build --configuration release --product cccd
exec .build/release/cccd bench --agree "${1:-1000000}"
