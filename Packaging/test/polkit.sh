#!/bin/bash
# Runs a polkit rule as polkit does, with an invented polkit around it: the daemon may use readers and nothing else.
#
# Usage: Packaging/test/polkit.sh RULE
set -euo pipefail
script=$(mktemp)
trap 'rm -f "$script"' EXIT
{
    echo 'var rule; var polkit = { Result: { YES: "yes", NOT_HANDLED: "not handled" }, addRule: function (f) { rule = f; } };'
    cat "${1:?which rule?}"
    cat <<'END'
function ask(action, user) { return rule({ id: action }, { user: user }); }
[
    ["org.debian.pcsc-lite.access_pcsc", "cccd", "yes"],
    ["org.debian.pcsc-lite.access_card", "cccd", "yes"],
    ["org.debian.pcsc-lite.access_card", "desk", "not handled"],
    ["org.freedesktop.systemd1.manage-units", "cccd", "not handled"],
].forEach(function (row) {
    var answer = ask(row[0], row[1]);
    if (answer !== row[2]) { throw new Error(row[0] + " for " + row[1] + ": " + answer); }
    print(row[1] + ", " + row[0] + ": " + answer);
});
END
} >"$script"
duk "$script"
