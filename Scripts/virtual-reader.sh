#!/bin/bash
# Runs a command with a virtual card reader at hand: pcscd with the driver of vsmartcard-vpcd.
#
#   Scripts/virtual-reader.sh COMMAND [ARGUMENT…]
#
# The command finds in its environment
#   CCCD_VIRTUAL_READER_PORT  the TCP port of 127.0.0.1 that a virtual card connects to
#   PCSCLITE_CSOCK_NAME       the socket of the pcscd that has this reader, which libpcsclite looks up by itself;
#                             not set where that is the usual one
# and its exit status is this script's. What was started is stopped when the command ends.
#
# A pcscd that already runs is used when its virtual reader listens and is empty, unless CCCD_VIRTUAL_READER is `own`.
# Otherwise one is started, in a mount namespace of its own: its socket's path is built in, and there it leads to a private
# folder. So it needs no rights beyond the user's, any number of them can run at once, and none touches the machine's real
# readers. Where namespaces are not allowed (some containers), root starts it in the ordinary place, if that is free.
# On SIGUSR1 a pcscd that was started here ends and starts again in the same place, as when an administrator has it do so.
set -euo pipefail

readonly driver=/usr/lib/pcsc/drivers/serial/libifdvpcd.so
readonly usual_port=35963
readonly usual_folder=/run/pcscd

fail() {
    echo "virtual-reader: $*" >&2
    exit 2
}

(($# > 0)) || fail "usage: $0 COMMAND [ARGUMENT…]"
[[ -x /usr/sbin/pcscd && -e $driver ]] || fail "pcscd or the driver of vsmartcard-vpcd is missing: run Scripts/install-packages.sh"

# has_socket PORT STATE: whether a TCP socket has this local port and this state (0A listening, 01 connected).
has_socket() {
    awk -v port="$(printf '%04X' "$1")" -v state="$2" '
        { n = split($2, address, ":") }
        address[n] == port && $4 == state { found = 1 }
        END { exit !found }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

# socket_answers PATH: whether a process listens on this Unix socket.
socket_answers() {
    awk -v path="$1" '$4 == "00010000" && $NF == path { found = 1 } END { exit !found }' /proc/net/unix
}

# free_port: a port that is free, and the one after it too, which the driver takes for its second slot. Below the
# range from which the kernel gives ports to clients.
free_port() {
    local port
    while true; do
        port=$((20000 + RANDOM % 6000 * 2))
        has_socket "$port" 0A || has_socket $((port + 1)) 0A || break
    done
    echo "$port"
}

# Mounts, then becomes pcscd; runs in the new namespace. The tmpfs over the drivers hides those of USB readers.
readonly enter='
    mount -t tmpfs tmpfs /run && mkdir /run/pcscd && mount --bind "$1/ipc" /run/pcscd &&
    mount -t tmpfs tmpfs /usr/lib/pcsc/drivers || exit 1
    exec /usr/sbin/pcscd --foreground --config "$1/readers"'

service=
command=
folder=

stop() {
    trap - EXIT
    end_service
    [[ -z $folder ]] || rm -rf "$folder"
}
trap stop EXIT

# Ends pcscd, if need be without asking: who starts this script may have blocked the signal, which is inherited.
end_service() {
    local attempt
    [[ -n $service ]] || return 0
    kill "$service" 2>/dev/null || true
    for ((attempt = 0; attempt < 40; attempt++)); do
        kill -0 "$service" 2>/dev/null || break
        sleep 0.05
    done
    kill -KILL "$service" 2>/dev/null || true
    wait "$service" 2>/dev/null || true
    service=
}

# start PORT: starts pcscd with a reader on PORT, and waits until a card can be put in.
start() {
    local port=$1 spaces socket attempt
    cat >"$folder/readers/virtual" <<END
FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:$(printf '0x%04X' "$port")
LIBPATH      $folder/libifdvpcd.so
CHANNELID    $(printf '0x%04X' "$port")
END
    # pcscd goes when this script does, whatever ends it.
    if spaces=$(namespaces); then
        socket=$folder/ipc/pcscd.comm
        # shellcheck disable=SC2086  # several words
        setpriv --pdeathsig TERM unshare $spaces bash -c "$enter" pcscd "$folder" >"$folder/log" 2>&1 &
    elif ((EUID == 0)); then
        socket=$usual_folder/pcscd.comm
        socket_answers "$socket" && fail "pcscd runs without a free virtual reader, and no second one can be started" \
            "here: end what uses the reader, or restart pcscd so that it finds the driver of vsmartcard-vpcd"
        mkdir -p "$usual_folder"
        setpriv --pdeathsig TERM /usr/sbin/pcscd --foreground --config "$folder/readers" >"$folder/log" 2>&1 &
    else
        fail "this system lets only root start pcscd: start it with \`sudo systemctl restart pcscd\`, or run this as root"
    fi
    service=$!
    for ((attempt = 0; attempt < 100; attempt++)); do
        if [[ -S $socket ]] && has_socket "$port" 0A; then
            export PCSCLITE_CSOCK_NAME=$socket
            return 0
        fi
        kill -0 "$service" 2>/dev/null || break
        sleep 0.05
    done
    end_service
    return 1
}

# namespaces: the options of unshare that this user may use.
namespaces() {
    local options
    for options in "--mount" "--user --map-root-user --mount"; do
        # shellcheck disable=SC2086
        if unshare $options mount -t tmpfs tmpfs /run 2>/dev/null; then
            echo "$options"
            return 0
        fi
    done
    return 1
}

if [[ ${CCCD_VIRTUAL_READER-} != own ]] && socket_answers "$usual_folder/pcscd.comm" && has_socket "$usual_port" 0A && ! has_socket "$usual_port" 01; then
    port=$usual_port
    unset PCSCLITE_CSOCK_NAME
else
    # Not below /run, which the namespace covers.
    folder=$(mktemp --directory /tmp/cccd-reader.XXXXXX)
    mkdir "$folder/readers" "$folder/ipc"
    cp "$driver" "$folder/libifdvpcd.so"
    port=$(free_port)
    if ! start "$port"; then
        # Another process may have been quicker to take the port.
        port=$(free_port)
        start "$port" || fail "pcscd did not start: $(tail -n 5 "$folder/log")"
    fi
fi
export CCCD_VIRTUAL_READER_PORT=$port

restart() {
    [[ -n $service ]] || return 0
    end_service
    rm -f "$folder/ipc/pcscd.comm"
    start "$port" || fail "pcscd did not start again: $(tail -n 5 "$folder/log")"
}
trap restart USR1

# In the background, so that a signal reaches the traps at once.
"$@" <&0 &
command=$!
trap 'kill "$command" 2>/dev/null || true' INT TERM HUP
status=0
wait "$command" || status=$?
while kill -0 "$command" 2>/dev/null; do
    status=0
    wait "$command" || status=$?
done
exit "$status"
