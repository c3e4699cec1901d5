#!/usr/bin/env bash
# Checks suites, mutants of them, records, baselines and a comparison against the schemas that the program prints: suites by taplo
# and tombi, the rest by Python's jsonschema. It installs the three from PyPI into a temporary folder, and says so where one cannot
# be had. Call it as: tests/schema.sh [PROGRAM [STEP]]     of the mutants every STEPth is tried, 1 for all
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
program=$(realpath "${1:-$root/target/release/tchbench}")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
log=$place/install.log

install() {
    python3 -m pip install --quiet --disable-pip-version-check --target "$place/$1" "$1==$2" > "$log" 2>&1 && return
    echo "skipped: $3: $(tail -n 1 "$log")"
    return 1
}

checkers=()
if install taplo 0.9.3 "suites by taplo"; then checkers+=(taplo); fi
if install tombi 1.9.6 "suites by tombi"; then checkers+=(tombi); fi
if ((${#checkers[@]})); then
    PATH=$place/taplo/bin:$place/tombi/bin:$PATH python3 "$root/tests/schema.py" "$program" "$root" "$place" "${2:-4}" "${checkers[@]}"
fi

if install jsonschema 4.26.0 "records and baselines by jsonschema"; then
    "$program" diff experiment-b --baseline experiment-b --no-confirm --format json --results "$root/results/published" > "$place/diff.json"
    PYTHONPATH=$place/jsonschema python3 - "$program" "$root" "$place/diff.json" << 'END'
import copy
import json
import subprocess
import sys
from pathlib import Path

from jsonschema import Draft4Validator, Draft202012Validator

program, root, diff = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])


def schema(kind):
    return json.loads(subprocess.run([program, "schema", kind], capture_output=True, check=True).stdout)


Draft4Validator.check_schema(schema("suite"))
for kind, paths in [
    ("record", sorted(root.glob("results/published/*/trials/*/*/*.json"))),
    ("baseline", sorted(root.glob("baselines/*/*.json"))),
    ("diff", [diff]),
]:
    Draft202012Validator.check_schema(schema(kind))
    validator = Draft202012Validator(schema(kind))
    assert paths, f"there is no {kind} to check"
    for path in paths:
        content = json.loads(path.read_text())
        for error in validator.iter_errors(content):
            sys.exit(f"{path}: {error.json_path}: {error.message[:300]}")
    # A checker that checks nothing finds nothing in a broken one either.
    broken = copy.deepcopy(content)
    if kind == "diff":
        broken[0]["rows"][0]["accuracy_verdict"] = "fine"
    else:
        del broken["fingerprint"]["engine"]["libtorch"]
    assert not validator.is_valid(broken), f"{kind}: a broken one is valid"
    print(f"jsonschema: {len(paths)} of `tchbench schema {kind}`")
END
fi
