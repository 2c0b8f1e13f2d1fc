#!/bin/bash
# What happens in the other Debian: install, use, upgrade, remove, purge. Run by Packaging/test.sh.
#
# Usage: inside.sh systemd|by-hand
set -euo pipefail
readonly mode=$1
cd /root/test
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
readonly socket=/run/cccd/cccd.sock number=001090012345 configuration=/etc/cccd/cccd.json5
started=()

stop() {
    trap - EXIT
    local process
    for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
}
trap stop EXIT

say() { printf '\n== %s\n' "$*"; }
fail() {
    echo "package-test: $*" >&2
    if [[ $mode == systemd ]]; then journalctl --no-pager --lines=40 --unit=cccd.service --unit=cccd.socket >&2; else cat ./*.log >&2; fi
    exit 1
}
# must TEXT COMMAND…: the command succeeds, and TEXT says what that means.
must() {
    local text=$1
    shift
    if "$@"; then echo "ok: $text"; else fail "NOT: $text"; fi
}
not() { if "$@"; then return 1; fi; }
is() { [[ $1 == "$2" ]]; }
# within_seconds N COMMAND…: the command succeeds before N seconds are over.
within_seconds() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.1
    done
}
get() { apt-get --quiet=2 "$@" >>apt.log 2>&1 || { cat apt.log >&2; fail "apt-get $*"; }; }
# document NAME FOLDER: does in FOLDER, as the user desk's administrator, what the document says.
document() {
    local command
    while read -r command; do
        echo "\$ $command"
        (cd "$2" && USER=desk bash -euc "sudo() { \"\$@\"; }; $command") >>apt.log 2>&1 </dev/null || { cat apt.log >&2; fail "$1.md: $command"; }
    done <"$1.commands"
}

# as USER COMMAND…: in that user's groups, as after a login.
as() { runuser --user "$1" -- "${@:2}"; }
ask() { curl --silent --show-error --max-time 60 --unix-socket "$socket" --header 'Content-Type: application/json' "$@"; }
answers() { ask --output /dev/null --fail http://cccd/v1/health 2>/dev/null; }

# directive FILE NAME: what a unit says.
directive() { sed -n "s/^$2=//p" "/lib/systemd/system/$1" | head -n 1; }

# Where systemd does not run, what the units say is started by hand: user, socket and command are theirs.
start_by_hand() {
    local listen user
    [[ $mode == by-hand ]] || return 0
    listen=$(directive cccd.socket ListenStream)
    user=$(directive cccd.service User)
    mkdir -p "$(dirname "$listen")"
    rm -f "$listen"
    # shellcheck disable=SC2046  # several words
    systemd-socket-activate --listen="$listen" setpriv --reuid="$user" --regid="$(directive cccd.service Group)" --init-groups \
        --no-new-privs --inh-caps=-all $(directive cccd.service ExecStart) >>daemon.log 2>&1 &
    daemon=$!
    started+=("$daemon")
    within_seconds 5 test -S "$listen"
    chgrp "$(directive cccd.socket SocketGroup)" "$listen"
    chmod "$(directive cccd.socket SocketMode)" "$listen"
}
stop_by_hand() {
    [[ $mode == by-hand ]] || return 0
    kill "$daemon"
    wait "$daemon" || true
    rm -f "$socket"
}
reload() { if [[ $mode == systemd ]]; then systemctl reload cccd; else kill -HUP "$daemon"; fi; }
main_process() { if [[ $mode == systemd ]]; then systemctl show --property=MainPID --value cccd.service; else echo "$daemon"; fi; }
program() { readlink "/proc/$(main_process)/exe"; }
restarts() { systemctl show --property=NRestarts --value cccd.service; }
owner() { stat --format='%U:%G %a' "$1"; }

if [[ $mode == by-hand ]]; then
    # Nothing is to be started by the packages.
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
fi

# Who follows the documents answers yes.
echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/99yes
useradd desk
useradd visitor

say "Install"
document check-in older
start_by_hand
must "the program runs" cccd --version
must "the daemon answers" within_seconds 10 answers
must "it runs as its own user" is "$(stat --format=%U "/proc/$(main_process)")" cccd
must "it has no capabilities" grep --quiet '^CapEff:\s*0*$' "/proc/$(main_process)/status"
resident=$(awk '/^VmRSS:/ { print $2 }' "/proc/$(main_process)/status")
must "it takes less than 20 MiB when nobody asks ($resident KiB)" test "$resident" -lt 20480
must "its state is its own alone" is "$(owner /var/lib/cccd)" "cccd:cccd 700"
must "its socket is for the desk's group" is "$(owner $socket)" "root:cccd-desk 660"
must "it reaches its own socket, as it must for the watchdog" as cccd curl --silent --fail --output /dev/null --unix-socket $socket http://cccd/v1/health
if [[ $mode == systemd ]]; then
    must "socket and service start with the machine" systemctl --quiet is-enabled cccd.socket cccd.service
    systemd-analyze security --no-pager cccd.service | tail -n 1
    # A short limit, so that nobody waits for the usual one.
    mkdir -p /run/systemd/system/cccd.service.d
    printf '[Service]\nWatchdogSec=2\n' >/run/systemd/system/cccd.service.d/watchdog.conf
    systemctl daemon-reload
    systemctl restart cccd.service
    sleep 7
    must "the watchdog hears of it" is "$(restarts)" 0
    rm -r /run/systemd/system/cccd.service.d
    systemctl daemon-reload
    systemctl restart cccd.service
    must "the daemon answers" within_seconds 10 answers
fi
cccd status || true

say "A desk"
document kiosk .
must "the kiosk's user is in the group" grep --quiet --word-regexp cccd-desk <<<"$(id --name --groups kiosk)"
userdel kiosk
must "a member of the group may ask" as desk curl --silent --fail --output /dev/null --unix-socket $socket http://cccd/v1/health
must "nobody else may" not as visitor curl --silent --output /dev/null --unix-socket $socket http://cccd/v1/health
must "and is told why" grep --quiet "may not connect" <<<"$(as visitor cccd status 2>&1)"
cccd simulate pki --out pki --name "Test CSCA" >/dev/null
cp pki/csca.cer /etc/cccd/trust/
cp insured.csv /var/lib/cccd/
as cccd cccd registry import --registry /var/lib/cccd/registry.sqlite /var/lib/cccd/insured.csv
rm /var/lib/cccd/insured.csv
sed --in-place 's|^  // \(registry: \)|  \1|; s|^  // \(facility: \)|  \1|' "$configuration"
reload
trusts() { ask http://cccd/v1/health | jq --exit-status '.trust.anchors == 1 and .registry.status.rows > 0' >/dev/null; }
must "what was configured is taken over without a restart" within_seconds 10 trusts

say "Libraries that are loaded when they are needed"
postgresql=$(cccd registry status --registry 'postgresql://cccd@127.0.0.1:1/registry' 2>&1 || true)
must "libpq" grep --quiet 'Connection refused' <<<"$postgresql"
cp "$configuration" before
printf 'd41d8cd98f00b204e9800998ecf8427e\n' >/var/lib/cccd/password
cat >"$configuration" <<'END'
{
  trust: { paths: ["/etc/cccd/trust"] },
  registry: {
    url: "sqlite:/var/lib/cccd/registry.sqlite",
    gateway: {
      url: "https://127.0.0.1:1", username: "01001", passwordFile: "/var/lib/cccd/password", officerName: "Desk",
      officerPersonalNumber: "001090012345",
    },
  },
}
END
reload
gateway() {
    ask http://cccd/v1/insurance --data "{\"personalNumber\": \"$number\", \"fullName\": \"Nguyễn Văn Minh\", \"birthDate\": \"1990-03-15\"}" >answer
    grep --quiet 'libcurl' "/proc/$(main_process)/maps"
}
must "libcurl" within_seconds 10 gateway
must "a gateway that does not answer is told" grep --quiet gatewayNotReached answer
cp before "$configuration"
rm /var/lib/cccd/password
reload
must "the configuration is as it was" within_seconds 10 trusts

say "A card"
get install --no-install-recommends vsmartcard-vpcd libipsec-mb1
if [[ $mode == systemd ]]; then
    systemctl restart pcscd.socket
else
    mkdir -p /run/pcscd
    /usr/sbin/pcscd --foreground >pcscd.log 2>&1 &
    started+=("$!")
fi
must "the library that hashes side by side is found" grep --quiet 'libIPSec_MB  found' <(cccd --version)
has_reader() { ask http://cccd/v1/readers | jq --exit-status '.readers | length > 0' >/dev/null; }
has_card() { ask http://cccd/v1/readers | jq --exit-status 'any(.readers[]; .cardPresent)' >/dev/null; }
must "the service reaches pcscd" within_seconds 15 has_reader
cccd simulate card --pki pki >card.log 2>&1 &
started+=("$!")
must "the card is seen" within_seconds 15 has_card
check_in() {
    as desk curl --silent --show-error --max-time 60 --unix-socket $socket --header 'Content-Type: application/json' \
        --data "{\"personalNumber\": \"$number\"}" http://cccd/v1/check-in >answer
    jq --exit-status '.verdict.outcome == "genuine" and .holder.isProven and .insurance.eligible' answer >/dev/null ||
        { jq . answer >&2; return 1; }
}
must "a desk's user checks a genuine card in, and its holder is insured" check_in
must "the audit log is whole" as cccd cccd audit verify
if [[ $mode == systemd ]]; then
    journalctl --output=cat --unit=cccd.service >journal
    # In a container that lacks CAP_SYS_RESOURCE the unit's LimitNICE has no effect.
    if grep --quiet '^Max nice priority  *0' "/proc/$(main_process)/limits"; then sed --in-place '/thread priority/d' journal; fi
    must "the service's limits hinder nothing" not grep --ignore-case --extended-regexp 'fail|denied|not permitted|errno' journal
fi

if [[ $mode == systemd ]]; then
    say "A portrait, decoded within the service's limits"
    cccd simulate card --pki pki --out card >/dev/null
    cp --recursive card /var/lib/cccd/card
    chown --recursive cccd: /var/lib/cccd/card
    # The same limits around another command.
    sed 's|^Type=.*|Type=oneshot|; s|^ExecStart=.*|ExecStart=/usr/bin/cccd portrait /var/lib/cccd/card --out /var/lib/cccd/portrait|
        /^WatchdogSec=/d; /^Restart=/d; /^Requires=/d' /lib/systemd/system/cccd.service >/run/systemd/system/portrait.service
    systemctl daemon-reload
    must "the decoder's process runs there" systemctl start portrait.service
    must "there is a portrait" test -s /var/lib/cccd/portrait
    rm -rf /run/systemd/system/portrait.service /var/lib/cccd/card /var/lib/cccd/portrait
    systemctl daemon-reload
fi

say "Upgrade"
if [[ $mode == systemd ]]; then must "the daemon was never started again by itself" is "$(restarts)" 0; fi
sha256sum "$configuration" /var/lib/cccd/terminal.key >kept
records() { as cccd cccd audit export | wc --lines; }
before=$(records)
if [[ $mode == systemd ]]; then
    # A caller that asks all the time.
    (while :; do answers || echo refused; echo asked; sleep 0.02; done) >callers.log &
    caller=$!
    started+=("$caller")
fi
stop_by_hand
document operating newer
start_by_hand
must "the newer version is installed" is "$(dpkg-query --show --showformat='${Version}' cccd)" "$(dpkg-deb --field newer/cccd_*.deb Version)"
must "the daemon answers again" within_seconds 10 answers
if [[ $mode == systemd ]]; then
    kill "$caller"
    must "callers asked meanwhile" test "$(grep --count asked callers.log)" -gt 10
    must "and none was refused" not grep --quiet refused callers.log
fi
must "it is the newer program that runs" is "$(program)" /usr/bin/cccd
must "configuration and key are as they were" sha256sum --check --quiet kept
must "trust and registry are as they were" trusts
must "the audit log went on" test "$(records)" -gt "$before"
must "and is whole" as cccd cccd audit verify
must "a card is checked in" check_in
if [[ $mode == systemd ]]; then must "nor was the newer one" is "$(restarts)" 0; fi

say "Remove"
stop_by_hand
stop
started=()
get remove cccd
must "no process is left" not pgrep --exact cccd
must "no socket is left" not test -e "$socket"
must "configuration and data are kept" test -e "$configuration" -a -e /var/lib/cccd/audit.sqlite -a -e /var/lib/cccd/registry.sqlite

say "Purge"
useradd --gid cccd-desk clerk
get purge cccd
must "a group that is a user's first is kept, and hinders nothing" getent group cccd-desk
userdel clerk
groupdel cccd-desk
rm -rf /root/test/pki
left=$(find / /run -xdev -regextype posix-extended \( -path /proc -o -path /sys -o -path /root/test -o -path /var/cache/apt -o -path /var/log \) -prune -o \
    \( -iregex '.*/([^/]*[^0-9a-z])?cccd[^/]*' -o -nouser -o -nogroup \) -print)
echo "${left:-nothing}"
must "no file is left" is "$left" ""
must "no user is left" not getent passwd cccd
must "no group is left" not getent group cccd cccd-desk
if [[ $mode == systemd ]]; then must "systemd knows nothing of it" not systemctl cat cccd.service; fi
