#!/bin/bash
# The journeys of readers in a real browser, against the real program with the sample, on a free port of this machine.
set -euo pipefail
folder=$(mktemp -d)
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export KERMESSE_DATA_DIR=$folder/data KERMESSE_LISTEN=127.0.0.1:$port KERMESSE_PUBLIC_URL=http://localhost:$port
server=
finish() {
    if [ -n "$server" ]; then kill "$server" && wait "$server" || echo "the server ended with $?"; fi
    rm -rf "$folder"
}
trap finish EXIT
cargo build
target/debug/kermesse sample
target/debug/kermesse serve >"$folder/log" 2>&1 &
server=$!
for _ in $(seq 1 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.2
done
cd frontend
if ! KERMESSE_E2E_URL=$KERMESSE_PUBLIC_URL npm run e2e; then
    tail -n 50 "$folder/log" >&2
    exit 1
fi
