#!/usr/bin/env bash
# Opens what `tchbench export` writes with the tools that it is written for.
#
#     tests/export.sh [--program FILE] [--place DIR] [FORMAT...]
#
# FORMAT is one of tensorboard, bencher, github-action-benchmark, prometheus, otava, mlflow, safetensors; without one, all
# but safetensors, which gets PyTorch with gigabytes of CUDA. The tools are installed from PyPI below DIR (else a
# temporary folder that is removed); prometheus and prometheus-node-exporter are Debian's. What cannot be had is told as
# skipped and fails nothing. The program needs no engine but for safetensors.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${CARGO_TARGET_DIR:-target}/release/tchbench
place=
formats=()
while (($#)); do
    case $1 in
        --program) program=$2; shift 2 ;;
        --place) place=$2; shift 2 ;;
        *) formats+=("$1"); shift ;;
    esac
done
((${#formats[@]})) || formats=(tensorboard bencher github-action-benchmark prometheus otava mlflow)
program=$(realpath "$program")
if [[ -z $place ]]; then
    place=$(mktemp -d)
    trap 'rm -rf "$place"' EXIT
fi
mkdir -p "$place"
place=$(realpath "$place")
runs=(results/published/experiment-b results/published/experiment-e4-seeds)
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1

# venv NAME PACKAGE...: a Python with these packages, in $python; fails if they cannot be had.
venv() {
    local name=$1
    shift
    python=$place/venv-$name/bin/python
    [[ -e $place/venv-$name/whole ]] && return
    python3 -m venv "$place/venv-$name" \
        && "$python" -m pip install --quiet --disable-pip-version-check "$@" \
        && touch "$place/venv-$name/whole"
}

skipped() { echo "skipped: $1: $2"; }

# A port of this machine that nothing listens on.
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

test_tensorboard() {
    venv tensorboard tensorboard || { skipped tensorboard 'PyPI does not give it'; return; }
    rm -rf "$place/tensorboard"
    "$program" export tensorboard "${runs[@]}" --out "$place/tensorboard"
    "$python" tests/consumers/tensorboard_reads.py "$place/tensorboard" "${runs[@]}"
}

test_bencher() {
    "$program" export bencher "${runs[@]}" --out "$place/bencher.json"
    python3 tests/consumers/benchmarks_read.py bencher "$place/bencher.json"
}

test_github-action-benchmark() {
    "$program" export github-action-benchmark "${runs[@]}" --out "$place/github"
    python3 tests/consumers/benchmarks_read.py github-action-benchmark "$place"/github/*.json
}

test_prometheus() {
    "$program" export prometheus "${runs[@]}" --out "$place/textfile/tchbench.prom"
    if command -v promtool >/dev/null; then
        said=$(promtool check metrics <"$place/textfile/tchbench.prom" 2>&1)
        [[ -z $said ]] || { echo "promtool: $said"; exit 1; }
        echo 'promtool check metrics says nothing'
    else
        skipped promtool 'apt-get install prometheus'
    fi
    if command -v prometheus-node-exporter >/dev/null && command -v curl >/dev/null; then
        port=$(free_port)
        prometheus-node-exporter --collector.disable-defaults --collector.textfile \
            --collector.textfile.directory="$place/textfile" --web.listen-address="127.0.0.1:$port" 2>"$place/node_exporter.log" &
        exporter=$!
        for _ in {1..300}; do
            served=$(curl --silent "http://127.0.0.1:$port/metrics" | grep -c '^tchbench_' || true)
            ((served)) && break
            sleep 0.2
        done
        failed=$(curl --silent "http://127.0.0.1:$port/metrics" | sed -n 's/^node_textfile_scrape_error //p')
        kill "$exporter"
        written=$(grep -c '^tchbench_' "$place/textfile/tchbench.prom")
        echo "node_exporter serves $served of $written samples, node_textfile_scrape_error $failed"
        [[ $served == "$written" && $failed == 0 ]]
    else
        skipped node_exporter 'apt-get install prometheus-node-exporter curl'
    fi
}

test_otava() {
    venv otava apache-otava || { skipped otava 'PyPI does not give it'; return; }
    rm -rf "$place/otava" "$place/nights"
    python3 tests/consumers/otava_reads.py plant "$place/nights"
    "$program" export otava --results "$place/nights" --out "$place/otava"
    "$program" history --results "$place/nights" --last 60 --format json >"$place/history.json"
    (cd "$place/otava" && "$place/venv-otava/bin/otava" analyze --config-file otava.yaml smoke.lstm.calibrated --since '2026-01-01' --output json) \
        >"$place/otava.json"
    python3 tests/consumers/otava_reads.py compare "$place/otava.json" "$place/history.json"
}

test_mlflow() {
    venv mlflow mlflow || { skipped mlflow 'PyPI does not give it'; return; }
    rm -rf "$place/mlflow"
    mkdir "$place/mlflow"
    port=$(free_port)
    (cd "$place/mlflow" && exec "$place/venv-mlflow/bin/mlflow" server --backend-store-uri sqlite:///runs.db --host 127.0.0.1 \
        --port "$port" --workers 1) >"$place/mlflow/log" 2>&1 &
    server=$!
    for _ in {1..900}; do
        curl --silent --fail "http://127.0.0.1:$port/health" >/dev/null && break
        sleep 0.2
    done
    status=0
    "$program" export mlflow "${runs[0]}" --url "http://127.0.0.1:$port" \
        && "$program" export mlflow "${runs[0]}" --url "http://127.0.0.1:$port" \
        && "$python" tests/consumers/mlflow_reads.py "http://127.0.0.1:$port" "${runs[0]}" || status=$?
    kill "$server"
    wait "$server" || true
    return "$status"
}

# TORCH_PYTHON names a Python that has PyTorch already; else it is installed.
test_safetensors() {
    if [[ -n ${TORCH_PYTHON:-} ]]; then
        python=$TORCH_PYTHON
    else
        venv torch torch==2.11.0 || { skipped safetensors 'PyPI does not give PyTorch'; return; }
    fi
    "$program" worker --help >/dev/null 2>&1 || { skipped safetensors "$program is built without the engine"; return; }
    rm -rf "$place/weights"
    mkdir "$place/weights"
    python3 tests/consumers/networks_read.py plant "$place/weights"
    (
        cd "$place/weights"
        "$program" data add blurred --train train-{images-idx3,labels-idx1}-ubyte --test t10k-{images-idx3,labels-idx1}-ubyte
        "$program" run networks.toml --device cpu --keep-weights --quiet >/dev/null
        "$program" export safetensors latest --out networks
        for case in networks/networks/*; do
            case=${case##*/}
            "$program" inspect mistakes "latest/networks/$case/1" --weights tested --count 1000 --out "$case.json"
        done
    )
    "$python" tests/consumers/networks_read.py compare "$place/weights"
}

for format in "${formats[@]}"; do
    echo "== $format"
    "test_$format"
done
