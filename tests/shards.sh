#!/usr/bin/env bash
# Trains suites in shards, one after the other on this machine, and holds what `tchbench merge` makes of them against the run of
# one unsharded call:
#
# - smoke, and lstm-gru in its quick profile, in 1, 2, 3, 4 and 7 shards: every record is equal but for when and how fast it was
#   trained, every file of a trial is the shard's, byte by byte, and so is all that `table`, `claims` and `diff` show but times;
# - shards and merges that are killed by SIGKILL at random moments, 20 times or more, each followed by the same command: no record
#   that was there is lost or changed, and the merged run is the unsharded one in the end.
#
#     tests/shards.sh [--kills N] [PROGRAM [OPTIONS OF RUN...]]      as in: tests/shards.sh target/release/tchbench
#
# Without TCHBENCH_DATA, the folder with `mnist/`, lstm-gru is skipped.
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
kills=20
if [[ ${1:-} == --kills ]]; then
    kills=$2
    shift 2
fi
program=$(realpath "${1:-$root/target/release/tchbench}")
shift || true
options=("$@")

place=$(mktemp -d)
finish() {
    kill -9 $(jobs -p) 2> /dev/null || true
    rm -rf "$place"
}
trap finish EXIT
cd "$place"
cp -r "$root/suites" "$root/baselines" .

# must COMMAND...: shows what a command says where it fails, and ends then.
must() { "$@" > out 2>&1 || { cat out >&2; exit 1; }; }
run=("$program" run --device cpu --quiet "${options[@]}" --name night --results)
merge=("$program" merge --name night --results)
shards() { for index in $(seq "$1"); do echo "night-$index-of-$1"; done; }

# same RESULTS: whether the run `night` there is that in `whole`, in each file of a trial and in all views; prints how many there are.
same() { python3 same.py "$program" "$1"; }
cat > same.py <<'PYTHON'
import json, pathlib, subprocess, sys

program, results = sys.argv[1:]
# What tells of time, load and memory rather than of what was computed. A shard that was killed resumes from its last epoch.
RECORD = {"began", "digest"}
FINGERPRINT = {"load"}
STARTED = {"resumed_from"}
EPOCH = {"train_seconds", "train_cpu_seconds", "validation_seconds", "checkpoint_seconds"}
FINISHED = {"setup_seconds", "train_seconds", "test_seconds", "wall_seconds", "cpu_seconds", "peak_memory", "device_peak_memory"}
ROW = {"seconds", "samples_per_second", "peak_memory", "device_peak_memory"}


def without(names, values):
    missing = names - values.keys()
    assert not missing, f"no field is called {missing}; correct {sys.argv[0]}"
    return {name: value for name, value in values.items() if name not in names}


def record(path):
    whole = without(RECORD, json.loads(path.read_text()))
    return whole | {
        "fingerprint": without(FINGERPRINT, whole["fingerprint"]),
        "started": without(STARTED, whole["started"]),
        "epochs": [without(EPOCH, epoch) for epoch in whole["epochs"]],
        "finished": without(FINISHED, whole["finished"]),
    }


def files(run):
    paths = (path for path in run.glob("trials/*/*/*") if not path.name.startswith("."))
    return {path.relative_to(run): path for path in paths}


def show(results, view):
    shown = subprocess.run([program, *view, "night", "--results", results], capture_output=True, text=True)
    return shown.returncode, shown.stdout, shown.stderr


def table(results, *options):
    code, stdout, stderr = show(results, ["table", "--format", "json", *options])
    tables = json.loads(stdout)
    for one in tables:
        one["rows"] = [{name: value for name, value in row.items() if name not in ROW} for row in one["rows"]]
        one["notes"] = [note for note in one["notes"] if not note.startswith("on a busy machine ")]
    return code, tables, stderr


def views(results):
    return {
        "table": table(results),
        "table --epochs": table(results, "--epochs"),
        "table --confusion": show(results, ["table", "--confusion"]),
        "claims": show(results, ["claims"]),
        "diff": show(results, ["diff"]),
    }


whole = files(pathlib.Path("whole/night"))
merged = files(pathlib.Path(results, "night"))
assert whole.keys() == merged.keys(), f"{results}: other files: {whole.keys() ^ merged.keys()}"
records = [path for path in whole if path.suffix == ".json"]
assert records, f"{results}: no records"
for path in records:
    assert record(whole[path]) == record(merged[path]), f"{results}: another {path}"
for path in whole:
    if path.suffix == ".safetensors":
        assert whole[path].read_bytes() == merged[path].read_bytes(), f"{results}: another {path}"
shards = {}
for run in pathlib.Path(results).glob("night-*-of-*"):
    shards |= files(run)
for path in merged:
    assert shards[path].read_bytes() == merged[path].read_bytes(), f"{results}: another {path} in its shard"
plans = [json.loads(pathlib.Path(folder, "night/run.json").read_text())["plan"] for folder in ("whole", results)]
assert plans[0] == plans[1], f"{results}: other plans: {plans}"
seen = views("whole")
for name, shown in views(results).items():
    assert shown == seen[name], f"{results}: {name} shows\n{shown}\nand not\n{seen[name]}"
print(f"{len(records)} records and {len(seen)} views equal")
PYTHON

# splits SUITE OPTIONS...: the run in every number of shards.
splits() {
    rm -rf whole
    must "${run[@]}" whole "$@"
    for count in 1 2 3 4 7; do
        for index in $(seq "$count"); do must "${run[@]}" "in-$count" "$@" --shard "$index/$count"; done
        must "${merge[@]}" "in-$count" $(shards "$count")
        echo "$1 in $count shards: $(same "in-$count")"
        rm -rf "in-$count"
    done
}
splits smoke
if [[ -d ${TCHBENCH_DATA:-}/mnist ]]; then
    splits lstm-gru --profile quick
else
    echo "skipped: lstm-gru, which needs MNIST; TCHBENCH_DATA is its folder"
fi

# Digests of the records below a folder.
records() { find "$1" -path '*/trials/*' -name '[0-9]*.json' ! -name '*.checkpoint.json' | xargs -r sha256sum; }
# killed SECONDS COMMAND...: calls a command until it ends by itself, and kills it within so many seconds, and half as many more each
# time, so that it ends on any machine.
killed() {
    local within=$1 pid victims code
    shift
    while true; do
        "$@" > out 2>&1 &
        pid=$!
        sleep "$(awk -v within="$within" -v random=$RANDOM 'BEGIN { print within * random / 32768 }')"
        within=$(awk -v within="$within" 'BEGIN { print within * 1.5 }')
        # Alone, or with its workers.
        victims=$pid
        ((RANDOM % 2)) || victims+=" $(pgrep -d ' ' -P $pid || true)"
        records killed > before
        kill -9 $victims 2> /dev/null || true
        code=0
        wait $pid 2> /dev/null || code=$?
        [[ ! -s before ]] || sha256sum --quiet --check before || { echo "what was there is lost: $*" >&2; exit 1; }
        case $code in
        137) hits=$((hits + 1)) ;;
        0) return ;;
        *) cat out >&2; exit 1 ;;
        esac
    done
}
suite=(smoke --filter 'smoke/{linear,mlp,cnn,lstm}' --set epochs=3 --keep-weights)
rm -rf whole
must "${run[@]}" whole "${suite[@]}"
hits=0 of_shards=0
while ((hits < kills || hits == of_shards)); do
    rm -rf killed
    mkdir killed
    for index in 1 2 3 4; do
        before=$hits
        killed 1 "${run[@]}" killed "${suite[@]}" --shard "$index/4"
        of_shards=$((of_shards + hits - before))
    done
    killed 0.3 "${merge[@]}" killed $(shards 4)
    equal=$(same killed)
done
echo "$of_shards kills of shards and $((hits - of_shards)) of merges: nothing is lost; $equal"
