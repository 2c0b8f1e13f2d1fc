#!/bin/bash
# Runs the documents' commands: `session.sh FOLDER`, within Scripts/virtual-reader.sh. FOLDER has the programs in `bin`, and for
# each document a folder with a `script`, whose outputs go beside it.
#
# Each document finds the machine that docs/en/README.md describes: cccd installed and its service running, an invented
# citizen's card in the reader, the State's CSCA certificate in csca.cer, and a stored card in card/. A document that lays
# cards on by itself finds the reader empty.
set -euo pipefail

session=$1
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export PATH=$session/bin:$PATH SWIFT_BACKTRACE=enable=no
readonly number=001090012345

card=
stop() {
    trap - EXIT
    [[ -z $card ]] || kill "$card" 2>/dev/null || true
    [[ -z ${machine-} ]] || stop_daemon
}
trap stop EXIT

# until_card CONDITION: waits until reading finds a card (0), or none (2).
until_card() {
    local attempt status
    for ((attempt = 0; attempt < 200; attempt++)); do
        status=0
        command cccd read --personal-number "$number" --no-portrait --patience 0 --trust "$session/pki/csca.cer" \
            >/dev/null 2>&1 || status=$?
        ((status != $1)) || return 0
        sleep 0.1
    done
    echo "the card did not come or go, after ${machine-none}" >&2
    return 1
}
lay_card() {
    [[ -z $card ]] || return 0
    setpriv --pdeathsig TERM cccd simulate card --pki "$session/pki" --port "$CCCD_VIRTUAL_READER_PORT" \
        >/dev/null 2>&1 &
    card=$!
    until_card 0
}
take_card() {
    [[ -n $card ]] || return 0
    kill "$card"
    wait "$card" || true
    card=
    until_card 2
}

# What an installed package brings along: its configuration and its service.
install_package() {
    machine=$1
    mkdir -p "$machine"/{etc/trust,run,lib,home,mnt/elsewhere,mnt/safe}
    cp "$session/pki/csca.cer" "$machine/etc/trust"
    cp "$session/registry.sqlite" "$machine/lib/registry.sqlite"
    cp "$session/pki/csca.cer" "$machine/home"
    cp -r "$session/card" "$machine/home/card"
    cat >"$machine/etc/cccd.json5" <<END
{
    socket: { path: "$machine/run/cccd.sock" },
    state: { folder: "$machine/lib" },
    trust: { paths: ["$machine/etc/trust"] },
    registry: { url: "sqlite:$machine/lib/registry.sqlite" },
    facility: { code: "01001" },
}
END
    local name
    for name in Examples Fixtures Scale Scripts Benchmarks; do ln -s "$repository/$name" "$machine/home/$name"; done
}

# systemctl VERB…: for the one service that there is here.
systemctl() {
    local verb=
    for word in "$@"; do
        [[ $word == -* || -n $verb ]] || verb=$word
    done
    [[ $* == *cccd* ]] || return 0
    case $verb in
    start | enable | restart)
        stop_daemon
        setpriv --pdeathsig TERM "$session/bin/cccd" serve --config "$machine/etc/cccd.json5" \
            >>"$machine/log" 2>&1 </dev/null &
        echo "$!" >"$machine/pid"
        local attempt
        for ((attempt = 0; attempt < 400; attempt++)); do
            ! curl --silent --output /dev/null --unix-socket "$machine/run/cccd.sock" http://cccd/v1/health || return 0
            kill -0 "$(<"$machine/pid")" || { tail -n 3 "$machine/log" >&2; return 1; }
            sleep 0.05
        done
        return 1
        ;;
    stop) stop_daemon ;;
    reload) kill -HUP "$(<"$machine/pid")" && sleep 0.3 ;;
    status | is-active) kill -0 "$(<"$machine/pid")" ;;
    *) echo "systemctl: $verb is not known here" >&2; return 1 ;;
    esac
}
stop_daemon() {
    [[ -e $machine/pid ]] || return 0
    local process attempt
    process=$(<"$machine/pid")
    kill "$process" 2>/dev/null || true
    for ((attempt = 0; attempt < 200; attempt++)); do
        kill -0 "$process" 2>/dev/null || break
        sleep 0.05
    done
    rm -f "$machine/pid"
}
journalctl() { cat "$machine/log"; }
sudo() {
    while [[ ${1-} == -* ]]; do
        [[ $1 != -u ]] || shift
        shift
    done
    "$@"
}
# The service's user is whoever runs the tests.
install() {
    local words=()
    while (($# > 0)); do
        case $1 in
        -o | -g) shift ;;
        *) words+=("$1") ;;
        esac
        shift
    done
    command install "${words[@]}"
}
# The configuration's usual place is in the machine that is made up. A person lays the card on before reading it.
cccd() {
    case ${1-} in
    # In the background it is the process that `kill %1` ends.
    simulate) ((BASH_SUBSHELL == 0)) || exec env LC_MESSAGES="$language" "$session/bin/cccd" "$@" ;;
    status | audit | serve)
        [[ $* == *--config* || $* == *--log* || $* == *--socket* || $* == *--help* ]] ||
            set -- "$@" --config "$machine/etc/cccd.json5"
        ;;
    read)
        local attempt status
        for ((attempt = 0; attempt < 100; attempt++)); do
            status=0
            env LC_MESSAGES="$language" "$session/bin/cccd" "$@" >"$machine/read.out" 2>"$machine/read.errors" || status=$?
            grep --quiet "There is no card" "$machine/read.errors" || break
            sleep 0.1
        done
        cat "$machine/read.errors" >&2
        cat "$machine/read.out"
        return "$status"
        ;;
    esac
    # Not by the shell's own variables, which would warn of a language that this system does not have.
    env LC_MESSAGES="$language" "$session/bin/cccd" "$@"
}
# Events go on for ever: a person ends them by Ctrl-C, here they end after a second.
curl() {
    [[ $* == */v1/events* ]] || { command curl "$@"; return; }
    local status=0
    command curl --max-time 1 "$@" || status=$?
    ((status == 28))
}
export -f curl systemctl stop_daemon journalctl sudo install cccd
export session CURL_HOME=$session
echo no-progress-meter >"$session/.curlrc"

command cccd simulate pki --out "$session/pki" --name "Test CSCA" >/dev/null
command cccd simulate card --pki "$session/pki" --out "$session/card" >/dev/null
command cccd registry import --registry "$session/registry.sqlite" "$repository/Fixtures/Registry/insured.csv" >/dev/null

run() {
    export machine=$1
    install_package "$machine"
    systemctl start cccd
    cd "$machine/home"
    # In a process group of its own, as `timeout` has it, so that nothing of it is left.
    timeout --kill-after 5 120 bash -c '. "$1"' document "$machine/script" >"$machine/errors" 2>&1 &
    local group=$!
    wait "$group" || true
    kill -KILL -- "-$group" 2>/dev/null || true
    cd "$session"
    stop_daemon
    if [[ -n ${PGHOST-} ]] && grep --quiet createdb "$machine/script"; then
        psql --quiet --command 'DROP DATABASE IF EXISTS registry WITH (FORCE)' \
            --command 'DROP ROLE IF EXISTS loader, desk' >"$machine/psql" 2>&1
    fi
}

own=()
lay_card
for script in "$session"/*/script; do
    if grep --quiet 'simulate card .*--port' "$script"; then
        own+=("$script")
    else
        run "$(dirname "$script")"
    fi
done
take_card
for script in ${own[@]+"${own[@]}"}; do
    run "$(dirname "$script")"
    until_card 2
done
