#!/usr/bin/env bash
# Compares training throughput with what users would write instead, in turn on this machine, one core each, and prints a
# table: the best of all rounds of each, the ratio of ours to the best peer, and the share of what the core computes without
# memory that our products take.
#
#   TORCH="PYTHON SCRIPT" JAX="PYTHON SCRIPT" KERAS="PYTHON SCRIPT" benches/peers.sh [ROUNDS] [TASK...]
#
# Each peer that is given is called as `PYTHON SCRIPT TASK --secs=3` and prints `TASK NAME ... samples/s=N ...`; what it
# does not know it may refuse.
set -euo pipefail
rounds=${1:-3}
shift $(($# < 1 ? $# : 1))
[ $# -gt 0 ] || set -- lstm2x128 gru128 lstm32 gru3x32 pixel rnn128 mlp128 mlp1000 cnn
[ -n "${TORCH-}${JAX-}${KERAS-}" ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
cd "$(dirname "$0")/.."
ours=$(cargo bench --quiet --bench throughput --no-run --message-format=json |
  python3 -c 'import json,sys; print(next(m["executable"] for m in map(json.loads, sys.stdin)
                               if m.get("executable") and m["target"]["name"] == "throughput"))')
core=$(($(nproc) - 1))
# From here on nproc says 1.
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false TF_CPP_MIN_LOG_LEVEL=3
{
  taskset -c "$core" "$ours" peak
  for task; do
    for _ in $(seq "$rounds"); do
      for peer in "$ours" "${TORCH-}" "${JAX-}" "${KERAS-}"; do
        # shellcheck disable=SC2086 # a program and its script
        [ -z "$peer" ] || taskset -c "$core" $peer "$task" --secs=3 2>/dev/null | grep "samples/s=" || true
      done
    done
  done
} | tee >(cat >&2) | python3 -c '
import math, re, sys
best = {}
work = {}
for line in sys.stdin:
    task, who = line.split()[:2]
    if task == "peak":
        peak = float(re.search(r"gflop/s=([0-9.]+)", line)[1])
        continue
    if who == "tchbench":
        work[task] = float(re.search(r"flop/sample=([0-9]+)", line)[1]) / 1e9
    rate = float(re.search(r"samples/s=([0-9.]+)", line)[1])
    rates = best.setdefault(task, {})
    rates[who] = max(rates.get(who, 0), rate)
peers = sorted({who for rates in best.values() for who in rates} - {"tchbench"})
print("| task | tchbench |", " | ".join(peers), "| ratio to the best | of the peak |")
print("| :--- | ---: |", " | ".join("---:" for _ in peers), "| ---: | ---: |")
ratios = []
for task, rates in best.items():
    ours = rates.pop("tchbench")
    if not rates:
        continue
    ratios.append(ours / max(rates.values()))
    shown = " | ".join(f"{rates[peer]:,.0f}" if peer in rates else "" for peer in peers)
    print(f"| `{task}` | {ours:,.0f} | {shown} | {ratios[-1]:.2f} | {100 * ours * work[task] / peak:.0f} % |")
mean = math.prod(ratios) ** (1 / len(ratios))
print(f"\ngeometric mean of the ratios: {mean:.2f}; peak of the core: {peak:.0f} GFLOP/s")
'
