#!/usr/bin/env bash
# Opens reports in headless Chromium (Debian's `chromium`), by Playwright from PyPI: no error, no request, tables that sort and
# filter, charts that show values, light, dark, narrow and in print.
# Usage: tests/report.sh [RUN BASELINE [PICTURES]]; without a run, of a published one against itself.
# TCHBENCH names another program than target/release/tchbench, CARGO_FLAGS other flags of `cargo test` than --release.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
tchbench=${TCHBENCH:-$target/release/tchbench}
run=${1:-results/published/experiment-e4-seeds}
baseline=${2:-$run}

chromium=$(command -v chromium || command -v google-chrome || true)
if [[ -z $chromium ]]; then
    echo 'skipped: chromium is missing; on Debian, apt-get install chromium'
    exit 0
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
if ! "$place/venv/bin/pip" install --quiet --disable-pip-version-check playwright==1.65.2; then
    echo 'skipped: Playwright cannot be got from PyPI'
    exit 0
fi
mkdir "$place/reports"
"$tchbench" report "$run" --baseline "$baseline" --out "$place/run"
read -ra flags <<<"${CARGO_FLAGS:---release}"
TCHBENCH_REPORTS=$place/reports cargo test --quiet "${flags[@]}" --test report a_thousand_trials
pictures=()
if [[ -n ${3:-} ]]; then
    mkdir -p "$3"
    pictures=("$3")
fi
"$place/venv/bin/python" tests/report.py "$chromium" "$place/run/index.html" "$place/reports/1000-cases.html" "${pictures[@]}"
