#!/bin/bash
# Has two JOSE libraries that are not ours (PyPI: jwcrypto, joserfc) check the receipts of a daemon with scripted cards.
#
# Takes the Python that CCCD_JOSE_PYTHON names, or installs the libraries for this run. Needs built tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folder=$(mktemp --directory /tmp/cccd-jose.XXXXXX)
readonly folder
trap 'rm -rf "$folder"' EXIT
if [[ -z ${CCCD_JOSE_PYTHON-} ]]; then
    Scripts/install-packages.sh python3-venv
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" --quiet install jwcrypto joserfc
    export CCCD_JOSE_PYTHON=$folder/venv/bin/python
fi
swift test --skip-build --disable-xctest --filter ReceiptLibraryTests
