#!/usr/bin/env bash
# Compares training throughput with PyTorch's, in turn on this machine, and prints the ratio of the
# medians, by wall time and by CPU time, for one thread each:
#
#   benches/peers.sh PYTHON TORCH_EAGER.PY [ROUNDS] [TASK...]
#
# PYTHON has torch 2.11.0 and numpy; TORCH_EAGER.PY prints `samples/s=` and `samples/cpu-s=` for a task.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
python=$1 peer=$2 rounds=${3:-3}
shift $(($# < 3 ? $# : 3))
[ $# -gt 0 ] || set -- mlp128 lstm2x128 gru128 cnn
cd "$(dirname "$0")/.."
ours=$(cargo bench --quiet --bench throughput --no-run --message-format=json |
  python3 -c 'import json,sys; print(next(m["executable"] for m in map(json.loads, sys.stdin)
                               if m.get("executable") and m["target"]["name"] == "throughput"))')
export OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
for task; do
  for _ in $(seq "$rounds"); do
    "$ours" "$task"
    "$python" "$peer" "$task"
  done | tee >(cat >&2) | python3 -c '
import re, statistics, sys
rates = {}
for line in sys.stdin:
    task, who = line.split()[:2]
    found = [float(x) for x in re.findall(r"samples/(?:cpu-)?s=(\d+)", line)]
    rates.setdefault(who, []).append(found)
median = {who: [statistics.median(column) for column in zip(*rows)] for who, rows in rates.items()}
ours = median.pop("tchbench")
for who, theirs in median.items():
    wall, cpu = (a / b for a, b in zip(ours, theirs))
    print(f"{task}: tchbench / {who} = {wall:.2f} by wall time, {cpu:.2f} by CPU time")
'
done
