#!/bin/bash
# Runs COMMAND with a PostgreSQL server of its own around it: on a Unix socket alone, in a private folder, stopped by its
# process id when COMMAND ends. PostgreSQL does not run as root; where this does, the server runs as Debian's user
# `postgres`.
#
# Usage: postgresql.sh [--folder FOLDER] COMMAND…
#   --folder  keeps the databases there, for the next run; default: a new folder that is removed at the end.
#
# COMMAND finds it by PGHOST, PGUSER and PGDATABASE, or by CCCD_POSTGRESQL_URL; CCCD_POSTGRESQL_PID is its process.
set -euo pipefail

folder=
if [[ ${1-} == --folder ]]; then
    folder=$2
    shift 2
fi
programs=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -name initdb 2>/dev/null | sort --version-sort | tail -n 1)
[[ -n $programs ]] || { echo "PostgreSQL is not installed: apt-get install postgresql" >&2; exit 1; }
programs=$(dirname "$programs")

temporary=
if [[ -z $folder ]]; then
    folder=$(mktemp --directory /tmp/cccd-postgresql.XXXXXX)
    temporary=$folder
fi
as_user=()
if ((EUID == 0)); then
    as_user=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    chown postgres: "$folder"
fi

server=
stop() {
    trap - EXIT
    if [[ -n $server ]]; then
        # Tests make it stand still.
        local process
        for process in "$server" $(cat "/proc/$server/task/$server/children" 2>/dev/null); do
            kill -CONT "$process" 2>/dev/null || true
        done
        kill -INT "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    [[ -z $temporary ]] || rm -rf "$temporary"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

cd "$folder"
if [[ ! -e data/PG_VERSION ]]; then
    "${as_user[@]}" "$programs/initdb" --pgdata=data --username=cccd --encoding=UTF8 --locale=C --auth=trust \
        --no-sync >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
fi
# What is lost with the power is of no interest here; figures of a server that syncs are asked for by FSYNC=on.
"${as_user[@]}" "$programs/postgres" -D data -k "$folder" -c listen_addresses= -c "fsync=${FSYNC:-off}" \
    -c max_wal_size=4GB ${POSTGRESQL_OPTIONS-} >>"$folder/server.log" 2>&1 &
server=$!
for ((attempt = 0; attempt < 600; attempt++)); do
    "$programs/pg_isready" --quiet --host="$folder" --username=cccd --dbname=postgres && break
    kill -0 "$server" 2>/dev/null || { tail "$folder/server.log" >&2; exit 1; }
    sleep 0.1
done

cd - >/dev/null
export PGHOST=$folder PGUSER=cccd PGDATABASE=postgres CCCD_POSTGRESQL_PID=$server
export CCCD_POSTGRESQL_URL="postgresql:///postgres?host=$folder&user=cccd"
"$@"
