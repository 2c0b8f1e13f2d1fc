#!/bin/bash
# Uses the Debian package as a clinic's administrator would, in a Debian of its own: installs it by apt, checks a virtual card in
# as a user of the desk, upgrades, removes and purges it. Before that it looks the package over: lintian, units, manual pages,
# completions, software bill of materials.
#
# Usage: Packaging/test.sh [--mode systemd|by-hand] [--folder FOLDER] PACKAGE NEWER-PACKAGE
#   --mode    boots that Debian's systemd in a container, or starts what the units say in a chroot. Default: systemd where it boots
#   --folder  keeps the bare Debian there for the next run. Default: .build/package-test
#
# Needs root, for the other Debian. Its packages come from where this machine's apt has them from.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mode=
folder=.build/package-test
while [[ ${1-} == --* ]]; do
    case $1 in
        --mode) mode=$2 ;;
        --folder) folder=$2 ;;
        *) echo "unknown option $1" >&2; exit 2 ;;
    esac
    shift 2
done
readonly package=$(realpath "${1:?which package?}") newer=$(realpath "${2:?and which newer one?}")
((EUID == 0)) || exec sudo --preserve-env=PATH "$0" ${mode:+--mode "$mode"} --folder "$folder" "$package" "$newer"
mkdir -p "$folder"
folder=$(realpath "$folder")
readonly folder base=$folder/base
# Where a /tmp is small or in memory the layers would not fit.
layers=$(mktemp --directory "$folder/run.XXXXXX")
readonly layers root=$layers/root
container=
leader=

stop() {
    local attempt
    trap - EXIT
    if [[ -n $container ]]; then
        kill -TERM "$container" 2>/dev/null || true
        for ((attempt = 0; attempt < 100; attempt++)); do
            kill -0 "$container" 2>/dev/null || break
            sleep 0.1
        done
        # With its first process everything in it ends.
        [[ -z $leader ]] || kill -KILL "$leader" 2>/dev/null || true
        kill -KILL "$container" 2>/dev/null || true
        wait "$container" 2>/dev/null || true
    fi
    umount "$root" 2>/dev/null || true
    rm -rf --one-file-system "$layers"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say() { printf '\n== %s\n' "$*"; }
fail() { echo "package-test: $*" >&2; exit 1; }

# The bare Debian of the release that this machine is.
make_base() {
    local release mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    release=$(. /etc/os-release && echo "$VERSION_CODENAME")
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Release: $release" | head -n 1)
    [[ -n $mirror ]] || fail "apt knows no source of Debian $release here: look at /etc/apt, and run apt-get update"
    rm -rf "$base.new"
    debootstrap --variant=minbase --include=systemd-sysv,dbus,ca-certificates "$release" "$base.new" "$mirror" >"$folder/debootstrap.log" ||
        { tail "$folder/debootstrap.log" >&2; fail "debootstrap did not succeed"; }
    apt-get indextargets --format "deb [signed-by=$keyring] \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" \
        'Created-By: Packages' 'Origin: Debian' | sort --unique >"$base.new/etc/apt/sources.list"
    rm -rf "$base"
    mv "$base.new" "$base"
}

# inside COMMAND…: runs it in the other Debian, in the network of this machine, which is to fetch packages alone.
inside() {
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    unshare --mount --pid --fork --kill-child bash -c \
        'mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot "$0" "$@"' "$root" \
        env DEBIAN_FRONTEND=noninteractive "$@"
}

# boot: starts that Debian's systemd, with a network that leads nowhere, and sets `leader` to its process; fails where that cannot be.
boot() {
    local attempt state
    systemd-nspawn --quiet --boot --register=no --keep-unit --private-network --link-journal=no --console=pipe \
        --directory="$root" >"$layers/boot.log" 2>&1 </dev/null &
    container=$!
    for ((attempt = 0; attempt < 600; attempt++)); do
        kill -0 "$container" 2>/dev/null || return 1
        leader=$(pgrep --parent "$container" | head -n 1 || true)
        if [[ -n $leader ]]; then
            state=$(nsenter --target "$leader" --all systemctl is-system-running 2>/dev/null || true)
            [[ $state != running && $state != degraded ]] || return 0
        fi
        sleep 0.1
    done
    return 1
}

Packaging/test/static.sh "$package"

say "A Debian of its own"
[[ -d $base ]] || make_base
mkdir "$layers/upper" "$layers/work" "$root"
# Many containers are an overlay themselves, on which the kernel puts no other: there the bare Debian is copied.
mount -t overlay overlay --options "lowerdir=$base,upperdir=$layers/upper,workdir=$layers/work" "$root" 2>/dev/null ||
    cp --archive "$base/." "$root"
mkdir -p "$root/root/test/older" "$root/root/test/newer"
cp "$package" "$root/root/test/older/"
cp "$newer" "$root/root/test/newer/"
cp Packaging/test/inside.sh Fixtures/Registry/insured.csv "$root/root/test/"
# What the documents say about the package is what is done there.
for document in check-in kiosk operating; do
    packaged() { awk '/^```sh package/ { inside = 1; next } /^```/ { inside = 0 } inside { sub(/ +#.*/, ""); print }' "$1"; }
    packaged "docs/en/$document.md" >"$root/root/test/$document.commands"
    [[ -s $root/root/test/$document.commands ]] || fail "docs/en/$document.md says nothing of the package"
    diff "$root/root/test/$document.commands" <(packaged "docs/vi/$document.md") || fail "the two languages of $document.md differ"
done
# Fetched here, because what is started later has no network.
inside apt-get --quiet=2 update
inside apt-get --quiet=2 install --yes --no-install-recommends curl jq procps >/dev/null
inside apt-get --quiet=2 install --yes --download-only "/root/test/older/$(basename "$package")" vsmartcard-vpcd libipsec-mb1 sqlite3 >/dev/null

if [[ $mode != by-hand ]]; then
    if boot; then
        mode=systemd
    elif [[ $mode == systemd ]]; then
        cat "$layers/boot.log" >&2
        fail "systemd does not boot here"
    else
        echo "systemd does not boot here; what the units say is started by hand"
        mode=by-hand
    fi
fi
if [[ $mode == systemd ]]; then
    nsenter --target "$leader" --all /bin/bash /root/test/inside.sh systemd
else
    # An empty place for the run-time files, and a network that leads nowhere.
    unshare --mount --pid --net --fork --kill-child bash -c '
        ip link set lo up || exit 1
        mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/run" || exit 1
        exec chroot "$0" /bin/bash /root/test/inside.sh by-hand' "$root"
fi
say "The package is as it must be ($mode)"
