#!/usr/bin/env bash
# Trains a suite N times, every trial in a process of its own, and counts the different trajectories of
# each trial: one each, or numbers do not repeat here. Exit 1 if any has more.
#
#   tests/repeat.sh N [RUN-OPTIONS...]        as in: tests/repeat.sh 20 smoke --seeds 1
#
# The program is target/release/tchbench, or $TCHBENCH. Put other load on the machine to make it hard.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
cd "$(dirname "$0")/.."
program=${TCHBENCH:-target/release/tchbench} times=$1
shift
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for i in $(seq "$times"); do
  "$program" run "$@" --quiet --results "$results" --name "run-$i" >"$results/output" 2>&1 ||
    { cat "$results/output" >&2; exit 1; }
done
python3 - "$results" <<'PYTHON'
import collections, json, pathlib, sys

found = collections.defaultdict(collections.Counter)
for path in sorted(pathlib.Path(sys.argv[1]).glob("run-*/trials/*/*/*.json")):
    record = json.loads(path.read_text())
    trial = record["trial"]
    name = f'{trial["suite"]}/{trial["case"]}/{trial["seed"]}'
    found[name][record["epochs"][-1]["trajectory"], record["finished"]["weights"]] += 1
for name, digests in found.items():
    print(f"{name}: {digests.total()} trained, {len(digests)} different, {max(digests)[0][:16]}")
sys.exit(any(len(digests) > 1 for digests in found.values()))
PYTHON
