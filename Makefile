# The two commands that do everything: `make run` and `make test`. Each target is one or two plain commands.
SHELL := /bin/bash
.PHONY: run test check crash fuzz bench screenshots frontend tools

# A site with sample data at http://localhost:8080; ends with Ctrl-C.
run: frontend
	cargo build
	@test -e data/kermesse.sqlite3 || target/debug/kermesse sample
	target/debug/kermesse serve

# Installs what the tests need, then runs all of them: Rust on SQLite and PostgreSQL, front end, browser.
test: tools check
	tests/support/all.sh

# What CI looks at first: layout, habits, types, dependencies, spelling.
check: frontend tools
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cd frontend && npm run lint && npm run check
	target/lint/bin/cargo-deny --log-level error check bans licenses sources
	target/lint/bin/cargo-shear
	target/lint/bin/typos

# kill -9 at random moments, 50 rounds on each database: ROUNDS=200 make crash.
crash: export KERMESSE_CRASH_ROUNDS = $(or $(ROUNDS),50)
crash: frontend tools
	cargo nextest run --package kermesse --test main --no-capture crash::
	tests/support/postgres.sh cargo nextest run --package kermesse --test main --no-capture crash::

# Inputs that nobody thought of, for everything that reads strangers' bytes, 10 minutes each: SECONDS=60 make fuzz.
fuzz: export KERMESSE_FUZZ_SECONDS = $(or $(SECONDS),600)
fuzz: frontend tools
	cargo nextest run --workspace --profile fuzz -E 'test(fuzz)'

# The pictures of the guides, taken of the program with the sample.
screenshots: export KERMESSE__SITE__DESCRIPTION = What is on in Lyon, kept by the associations of the Pentes.
screenshots: export KERMESSE__SITE__CONTACT = bonjour@agenda.example.org
screenshots: frontend tools
	tests/support/with_sample.sh npm --prefix frontend run screenshots

# How fast it is, on both databases; what came of it stands in docs/developer/performance.md.
# A part alone: make bench BENCH='--sizes 1000 --only feed'.
bench: frontend tools
	cargo bench --bench main -- $(BENCH)
	tests/support/postgres.sh cargo bench --bench main -- $(BENCH)

# The front end as the binary embeds it: build/ssr.js and build/client. Made anew where a source, or the folder that one
# was taken from, is younger.
frontend: frontend/node_modules/.package-lock.json
	@test -e frontend/build/ssr.js && test -z "$$(find frontend schema.graphql \
	    \( -path frontend/node_modules -o -path frontend/build -o -path frontend/.svelte-kit -o -path frontend/e2e \
	       -o -name generated -o -path 'frontend/static/*' \) -prune -o -newer frontend/build/ssr.js -print -quit)" \
	|| (cd frontend && npm run build)

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund

# What the tests need beside Rust, a C compiler, npm and make; by package name, only what is missing.
tools:
	tests/support/tools.sh
