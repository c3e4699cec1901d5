#!/usr/bin/env bash
# Runs a suite as an array of four tasks on a Slurm of one node, which it starts in a temporary folder and ends again: one task is
# cancelled and put into the queue again, and one is killed. The merged run is the one that an unsharded call makes.
# It needs slurmctld, slurmd, munged and mungekey (Debian: slurm-wlm, munge), root, and installs nothing.
# Call it as: tests/slurm.sh [PROGRAM [OPTIONS OF RUN...]], as in tests/slurm.sh target/release/tchbench
set -euo pipefail
root=$(realpath "$(dirname "$0")/..")
program=$(realpath "${1:-$root/target/release/tchbench}")
shift || true
options=("$@")
for tool in slurmctld slurmd munged mungekey sbatch scancel scontrol squeue; do
    command -v $tool >/dev/null || PATH=$PATH:/usr/sbin
    command -v $tool >/dev/null || { echo "$tool is not installed (Debian: slurm-wlm, munge)" >&2; exit 1; }
done
[[ $EUID == 0 ]] || { echo "this starts Slurm's daemons, which needs root" >&2; exit 1; }

place=$(mktemp -d)
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$place"
}
trap finish EXIT
# munged refuses folders that others may write to.
chmod 755 "$place"
cd "$place"
mkdir spool state work

host=$(hostname -s)
port=$((20000 + RANDOM % 20000))
mungekey -c -k "$place/munge.key"
munged --foreground --force --socket="$place/munge.socket" --key-file="$place/munge.key" \
    --pid-file="$place/munged.pid" --seed-file="$place/munge.seed" --log-file="$place/munge.log" &
pids+=($!)
cat > slurm.conf <<EOF
ClusterName=test
SlurmctldHost=$host
SlurmUser=root
AuthType=auth/munge
# So soon a task that is put into the queue again may begin.
AuthInfo=socket=$place/munge.socket,cred_expire=5
CredType=cred/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
MpiDefault=none
ReturnToService=2
StateSaveLocation=$place/state
SlurmdSpoolDir=$place/spool
SlurmctldPidFile=$place/slurmctld.pid
SlurmdPidFile=$place/slurmd.pid
SlurmctldLogFile=$place/slurmctld.log
SlurmdLogFile=$place/slurmd.log
KillWait=5
MinJobAge=600
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOF
export SLURM_CONF=$place/slurm.conf
slurmctld -D -c &
pids+=($!)
slurmd -D -N "$host" &
pids+=($!)

# Waits until a command succeeds.
until_so() {
    for _ in $(seq 600); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.2
    done
    echo "waited in vain for: $*" >&2
    squeue >&2 || true
    tail -n 20 ./*.log "$place"/*.log >&2
    exit 1
}
has_node() { sinfo -h -o %T | grep -q idle; }
until_so has_node

cd work
cp -r "$root/suites" .
"$program" run smoke "${options[@]}" --device cpu --name whole --quiet > /dev/null
cat > task.sh <<EOF
#!/bin/sh
#SBATCH --array=1-4
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%a.log
exec "$program" run smoke ${options[*]@Q} --device cpu --name night --shard auto/4 --jobs 1
EOF
job=$(sbatch --parsable task.sh)
state() { scontrol show job "$1" | grep -o 'JobState=[A-Z]*' | head -1; }
has_begun() { compgen -G "results/night-$1-of-4/trials/smoke/*/*.json" >/dev/null; }
is_over() { [[ $(state "$1") == JobState=COMPLETED || $(state "$1") == JobState=FAILED ]]; }

# What scancel ends is put into the queue again by hand, what dies by kill -9, too.
until_so has_begun 1
scancel "${job}_1"
until_so has_begun 2
pid=$(pgrep -f -- "^$program run smoke .*--shard auto/4" | tail -1 || true)
[[ -z $pid ]] || kill -9 "$pid"
over() { ! squeue -h -j "$job" | grep -q .; }
until_so over
for task in 1 2 3 4; do
    if [[ $(state "${job}_$task") != JobState=COMPLETED ]]; then
        echo "task $task: $(state "${job}_$task"), put into the queue again"
        scontrol requeue "${job}_$task"
    fi
done
until_so over
for task in 1 2 3 4; do echo "task $task: $(state "${job}_$task")"; done
sbatch --parsable --wait --output=merge.log --wrap "exec '$program' merge results/night-*-of-4 --name night" > /dev/null
cat merge.log

# Equal but for times.
bits() {
    find "results/$1/trials" -name '[0-9]*.json' ! -name '*.checkpoint.json' | sort | while read -r record; do
        echo "${record#results/*/}"
        grep -E '"(identity|status|trajectory|weights|loss|accuracy)"' "$record"
    done
}
diff <(bits whole) <(bits night)
echo "the merged run of $(find results/night/trials -name '[0-9]*.json' | wc -l) trials is the unsharded one"
