#!/usr/bin/env bash
# Installs the program into a folder, moves the tree, and uses what is there. Needs what `make build` needs.
#
#     tests/install.sh [ARGUMENT...]     arguments of `make install`, such as LINK=1, or -o build for what is built already
set -euo pipefail
cd "$(dirname "$0")/.."

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
make install PREFIX="$place/first" "$@" >"$place/log" 2>&1 || { cat "$place/log"; exit 1; }
mv "$place/first" "$place/moved"
cd "$place/moved"

size=$(du -sh . | cut -f1)
libtorch=$(ldd bin/tchbench | sed -n 's/.*libtorch_cpu.so => \([^ ]*\) .*/\1/p')
echo "installed: $size, the program $(stat -c %s bin/tchbench) bytes; it loads $libtorch"
[[ $(realpath "$libtorch") == "$(realpath bin/../lib/tchbench/torch/lib/libtorch_cpu.so)" ]]

bin/tchbench run share/tchbench/suites/smoke.toml --filter linear --device cpu --numerics portable --quiet --results "$place/results" >/dev/null
bin/tchbench diff latest --filter linear --results "$place/results" --baselines share/tchbench/baselines --fail-on accuracy --require-identical \
    | sed -n '1,6p'

[[ -e share/tchbench/suites/$(sed -n 's/^#:schema //p' share/tchbench/suites/smoke.toml) ]]

bash -n share/bash-completion/completions/tchbench
completed=$(bash -c 'source share/bash-completion/completions/tchbench; COMP_WORDS=(tchbench exp); COMP_CWORD=1; _tchbench tchbench exp tchbench
    echo "${COMPREPLY[@]}"')
echo "bash completes \`tchbench exp\`: $completed"
[[ $completed == *export* ]]
pages=(share/man/man1/*.1)
[[ -e share/man/man1/tchbench.1 && -e share/man/man1/tchbench-run.1 ]]
if command -v man >/dev/null; then
    for page in "${pages[@]}"; do
        warnings=$(MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
        [[ -z $warnings ]] || { echo "$page: $warnings"; exit 1; }
    done
    echo "man shows ${#pages[@]} pages without a warning"
else
    echo "skipped: man is not installed; ${#pages[@]} pages are there"
fi
