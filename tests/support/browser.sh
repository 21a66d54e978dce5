#!/bin/bash
# The journeys of readers in a real browser, against the real program with the sample.
set -euo pipefail
exec tests/support/with_sample.sh npm --prefix frontend run e2e
