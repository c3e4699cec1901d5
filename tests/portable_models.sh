#!/bin/bash
# Which processors agree with this one in `portable`, kernel by kernel, and what `portable` costs:
# the tables of docs/numerics.md. Needs qemu-user and jq; takes some minutes.
#
#   tests/portable_models.sh agreement [MODEL...]     (QEMU's names of x86 processors)
#   tests/portable_models.sh cost [SUITE [ROUNDS [OPTION...]]]  (in turn with native; options of `run`)
set -euo pipefail
program=$(realpath "${TCHBENCH:-target/release/tchbench}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

agreement() {
  local models=("$@")
  test $# -gt 0 || models=(Haswell Icelake-Server EPYC-Rome EPYC-Milan)
  env_of() { "$program" env --numerics portable --device cpu --format json "${@:2}" | jq '.engine.kernels | with_entries(select(.key | startswith("libtorch-") | not))' >"$scratch/$1.json"; }
  env_of here
  env_of two-threads --threads 2
  for model in "${models[@]}"; do
    printf '#!/bin/sh\nexec qemu-x86_64 -cpu %s "%s" "$@" 2>/dev/null\n' "$model" "$program" >"$scratch/worker"
    chmod +x "$scratch/worker"
    env_of "$model" --worker "$scratch/worker"
  done
  for other in two-threads "${models[@]}"; do
    jq -r --slurpfile here "$scratch/here.json" --arg other "$other" \
      '[to_entries[] | select($here[0][.key] != .value) | .key]
       | "| \($other) | \(if . == [] then "all kernels" else "all but " + join(", ") end) |"' "$scratch/$other.json"
  done
}

# The median over rounds of a case's CPU time in training, in seconds.
median() {
  jq -s '[.[] | [.epochs[].train_cpu_seconds] | add] | sort | .[length / 2 | floor]' \
    "$scratch"/results/"$1"-*/trials/*/"$2"/1.json
}

cost() {
  local suite=${1:-suites/smoke.toml} rounds=${2:-5} options=("${@:3}") round mode case
  for round in $(seq "$rounds"); do
    for mode in native portable; do
      "$program" run "$suite" --numerics "$mode" --device cpu --jobs 1 --seeds 1 --quiet "${options[@]}" \
        --results "$scratch/results" --name "$mode-$round" >/dev/null
    done
  done
  for case in "$scratch"/results/native-1/trials/*/*/; do
    case=$(basename "$case")
    jq -nr --arg case "$case" --argjson native "$(median native "$case")" --argjson portable "$(median portable "$case")" \
      '"| \($case) | \($native * 100 | round / 100) s | \($portable * 100 | round / 100) s | \($portable / $native * 100 | round / 100) |"'
  done
}

case "${1:-}" in
  agreement | cost) "$@" ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
