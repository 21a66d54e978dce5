#!/bin/bash
# Runs a command beside the real program with the sample, on a free port of this machine; KERMESSE_E2E_URL says where.
set -euo pipefail
folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export KERMESSE_DATA_DIR=$folder/data KERMESSE_LISTEN=127.0.0.1:$port KERMESSE_PUBLIC_URL=http://localhost:$port
export KERMESSE_E2E_URL=$KERMESSE_PUBLIC_URL
program=${CARGO_TARGET_DIR:-target}/debug/kermesse
server=
finish() {
    if [ -n "$server" ]; then kill "$server" && wait "$server" || echo "the server ended with $?"; fi
    rm -rf "$folder"
}
trap finish EXIT
cargo build
"$program" sample
"$program" serve >"$folder/log" 2>&1 &
server=$!
for _ in $(seq 1 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.2
done
if ! "$@"; then
    tail -n 50 "$folder/log" >&2
    exit 1
fi
