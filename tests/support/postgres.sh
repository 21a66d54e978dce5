#!/bin/sh
# Runs a command with a throw-away PostgreSQL: tests/support/postgres.sh COMMAND [ARGUMENT…]
# The command finds the server in KERMESSE_TEST_DATABASE_URL. Works as root and as any other user; listens on a socket
# only. It sorts texts as the French do: what we compare must not depend on that. It does not write
# to the disk in earnest: never use it outside tests.
set -eu

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [ -z "$programs" ]; then
    echo "PostgreSQL is missing: apt-get install postgresql" >&2
    exit 1
fi
folder=$(mktemp -d)
as=""
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    as="runuser -u postgres --"
    chown postgres: "$folder"
    chmod 711 "$folder"
fi
back=$PWD
cd "$folder"

stop() {
    cd /
    $as "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

$as "$programs/initdb" -D "$folder/data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 \
    --locale-provider=icu --icu-locale=fr-FR --no-sync >/dev/null
$as "$programs/pg_ctl" -D "$folder/data" -l "$folder/data/log" -w -t 30 start >/dev/null -o "-c listen_addresses='' \
    -c unix_socket_directories=$folder -c max_connections=400 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off"

export KERMESSE_TEST_DATABASE_URL="postgres://postgres@/postgres?host=$folder"
cd "$back"
"$@"
