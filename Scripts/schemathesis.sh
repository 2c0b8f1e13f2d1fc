#!/bin/bash
# Tries the daemon's API with schemathesis against the OpenAPI document that it serves, all checks on: no status 5xx, no
# answer that is not described.
#
# Takes schemathesis (PyPI) from PATH or SCHEMATHESIS, or installs it for this run. Needs a built cccd (CCCD names it).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# With a virtual reader around it, which is empty: check-ins are answered no-card.
[[ -n ${CCCD_VIRTUAL_READER_PORT-} ]] || exec Scripts/virtual-reader.sh "$0" "$@"

readonly cccd=${CCCD:-.build/debug/cccd} port=${PORT:-8719} examples=${EXAMPLES:-200}
folder=$(mktemp --directory /tmp/cccd-schemathesis.XXXXXX)
readonly folder
daemon=
stop() {
    [[ -z $daemon ]] || kill "$daemon" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT

schemathesis=${SCHEMATHESIS:-$(command -v schemathesis || true)}
if [[ -z $schemathesis ]]; then
    python3 -m venv "$folder/venv"
    "$folder/venv/bin/pip" --quiet install schemathesis
    schemathesis=$folder/venv/bin/schemathesis
fi

token=$(openssl rand -hex 32)
mkdir "$folder/trust"
"$cccd" registry import --registry "$folder/registry.sqlite" Fixtures/Registry/insured.csv >/dev/null
cat >"$folder/config.json5" <<END
{
    socket: { path: "$folder/cccd.sock", mode: "0600" },
    state: { folder: "$folder/state" },
    trust: { paths: ["$folder/trust"] },
    registry: { url: "sqlite:$folder/registry.sqlite" },
    loopback: {
        port: $port,
        tokens: [{ name: "schemathesis", role: "admin", sha256: "$(printf %s "$token" | sha256sum | cut -d' ' -f1)" }],
    },
    log: { level: "warning" },
}
END
"$cccd" serve --config "$folder/config.json5" &
daemon=$!
until curl --silent --fail --output /dev/null --unix-socket "$folder/cccd.sock" http://cccd/v1/health; do
    kill -0 "$daemon"
    sleep 0.05
done

# A schema cannot say that a check digit is right or that a day exists: 422 is a good answer to what a schema allows.
cat >"$folder/schemathesis.toml" <<END
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 403, 404, 409, 422, 429]

# What is too long is refused before anybody looks whether it is right.
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 414, 415, 422, 428, 429, 431]
END
# Events have no end, so that they are no answer to wait for; the tests of the daemon follow them.
"$schemathesis" --config-file "$folder/schemathesis.toml" run "http://127.0.0.1:$port/v1/openapi.json" --url "http://127.0.0.1:$port" \
    --header "Authorization: Bearer $token" --exclude-path /v1/events --checks all \
    --max-examples "$examples" --suppress-health-check all "$@"
kill -0 "$daemon"
