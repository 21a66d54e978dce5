#!/bin/sh
# Installs what the tests need and this machine lacks, by package name: PostgreSQL, Chromium, nextest, and two folders
# below target/ with Python packages: what our dates are compared with, and the programs of `make check`.
set -eu

packages=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || packages="$packages postgresql"
command -v chromium >/dev/null 2>&1 || packages="$packages chromium"
command -v python3 >/dev/null 2>&1 || packages="$packages python3"
python3 -c 'import ensurepip' >/dev/null 2>&1 || packages="$packages python3-venv"
if [ -n "$packages" ]; then
    root=""
    if [ "$(id -u)" != 0 ]; then root="sudo -n"; fi
    echo "installing:$packages"
    # shellcheck disable=SC2086 # lists of words
    $root apt-get update -qq && $root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $packages >/dev/null || {
        echo "this user may not install packages; as root: apt-get install$packages" >&2
        exit 1
    }
fi
command -v cargo-nextest >/dev/null 2>&1 || cargo install --locked cargo-nextest

# FOLDER LIST [OPTION]: a Python environment with exactly what the list says; made anew when the list changes.
environment() {
    if cmp -s "$2" "$1/made-from.txt"; then return; fi
    rm -rf "$1"
    python3 -m venv "$1"
    # shellcheck disable=SC2086 # an option or none
    "$1/bin/pip" install --quiet --disable-pip-version-check ${3:-} --requirement "$2"
    cp "$2" "$1/made-from.txt"
}
mkdir -p target
environment target/oracle tests/oracle/requirements.txt
environment target/lint tests/support/lint.txt --require-hashes
