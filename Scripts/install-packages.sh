#!/bin/bash
# Installs the Debian packages that building, testing and the demo need, and those named as arguments, where any is missing. Does
# nothing otherwise.
#
# Usage: Scripts/install-packages.sh [--for-building] [PACKAGE…]
#   --for-building  not what only tests and the demo need
set -euo pipefail

packages=(
    # The libraries behind Sources/System.
    libssl-dev libpcsclite-dev libsqlite3-dev libmicrohttpd-dev libpq-dev libcurl4-openssl-dev
    libopenjp2-7-dev libpng-dev libseccomp-dev pkg-config
)
for_tests=(
    # The PC/SC daemon and the driver of a reader in software, for the demo and the integration tests.
    pcscd vsmartcard-vpcd
    # The demo asks the daemon with curl and shows the answer with jq; tests compare with OpenSSL's own command.
    curl jq openssl
    # Tests start a PostgreSQL of their own, and a server that plays the national gateway.
    postgresql python3
    # The documentation's commands copy a database that is in use.
    sqlite3
    # Tests of the page use a browser, and axe-core, which pip fetches.
    chromium chromium-driver python3-pip imagemagick
    # Tests of portraits compare with OpenJPEG's own program.
    libopenjp2-tools
)
# Hashes many messages at a time for `cccd batch`, which does without it elsewhere: Debian has it for this one architecture.
[[ $(dpkg --print-architecture) != amd64 ]] || packages+=(libipsec-mb-dev)
if [[ ${1-} == --for-building ]]; then shift; else packages+=("${for_tests[@]}"); fi
packages+=("$@")

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done
((${#missing[@]} > 0)) || exit 0

as_root=()
if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
        echo "These Debian packages are missing: ${missing[*]}" >&2
        echo "Install them as root, then run this again: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi

echo "Installing Debian packages: ${missing[*]}"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 --option DPkg::Lock::Timeout=300)
"${apt[@]}" update || echo "The package lists could not be refreshed; going on with those that are there." >&2
if ! "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null; then
    echo "Not all packages could be installed; the lines above say why. Needed: ${missing[*]}" >&2
    exit 1
fi
