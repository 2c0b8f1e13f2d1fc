#!/usr/bin/env bash
# Installs what the Spark job needs on this machine: Java from Debian, and PySpark from PyPI in an environment of its own.
# Prints where that is: `environment=$(Scale/install.sh)`. Does nothing where all is there; --check only tells whether.
set -euo pipefail

spark_version=4.1.4
environment=${CCCD_SPARK_ENVIRONMENT:-${XDG_CACHE_HOME:-$HOME/.cache}/cccd/spark-$spark_version}

is_there() {
    command -v java >/dev/null && [[ -x $environment/bin/python ]] &&
        [[ $("$environment/bin/python" -c 'import pyspark; print(pyspark.__version__)' 2>/dev/null) == "$spark_version" ]]
}

if ! is_there; then
    [[ ${1:-} != --check ]] || exit 1
    missing=()
    command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
    dpkg-query --show --showformat='${db:Status-Status}' python3-venv 2>/dev/null | grep -qx installed ||
        missing+=(python3-venv)
    if ((${#missing[@]} > 0)); then
        as_root=()
        if ((EUID != 0)); then
            command -v sudo >/dev/null || { echo "Install as root, then run this again: ${missing[*]}" >&2; exit 1; }
            as_root=(sudo)
        fi
        apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 --option DPkg::Lock::Timeout=300)
        "${apt[@]}" update >&2 || echo "The package lists could not be refreshed; going on with those there." >&2
        "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null >&2
    fi
    # Built beside and moved, so that one cut short is not taken for a whole one.
    mkdir -p "$(dirname "$environment")"
    rm -rf "$environment" "$environment.part"
    /usr/bin/python3 -m venv "$environment.part"
    "$environment.part/bin/pip" install --quiet --disable-pip-version-check "pyspark==$spark_version" >&2
    mv "$environment.part" "$environment"
fi
echo "$environment"
