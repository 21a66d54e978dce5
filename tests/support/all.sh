#!/bin/bash
# Every test, in the order in which a failure is found soonest.
set -euo pipefail
export KERMESSE_PYTHON=$PWD/target/oracle/bin/python

echo "== Rust on SQLite"
cargo nextest run --workspace --no-fail-fast
echo "== Rust on PostgreSQL"
tests/support/postgres.sh cargo nextest run --workspace --no-fail-fast
echo "== Examples in the documentation"
cargo test --workspace --doc --quiet
echo "== Front end"
(cd frontend && npm test)
echo "== Browser"
tests/support/browser.sh
