#!/usr/bin/env bash
# Runs a suite as an array of four tasks, by `tchbench slurm`, on a Slurm of one node, which it starts in a temporary folder and
# ends again: one task is cancelled and put into the queue again, one is killed, and what is missing then is submitted again. The
# merged run is the one that an unsharded call makes.
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
    --pid-file="$place/munged.pid" --seed-file="$place/munge.seed" --log-file="$place/munge.log" > munge.out 2>&1 &
pids+=($!)
cat > slurm.conf <<EOF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
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
# The node has two cores here, whatever the machine has.
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,batch_sched_delay=1
KillWait=2
MinJobAge=600
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOF
export SLURM_CONF=$place/slurm.conf
slurmctld -D -c > slurmctld.out 2>&1 &
pids+=($!)
slurmd -D -N "$host" > slurmd.out 2>&1 &
pids+=($!)

# Waits until a command succeeds.
until_so() {
    for _ in $(seq 600); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.2
    done
    echo "waited in vain for: $*" >&2
    squeue >&2 || true
    tail -n 20 ./*.log "$place"/*.log "$place"/*.out results/night.slurm/*.log >&2 || true
    exit 1
}
has_node() { sinfo -h -o %T | grep -q idle; }
until_so has_node

cd work
cp -r "$root/suites" .
"$program" run smoke "${options[@]}" --device cpu --name whole --quiet > /dev/null
submit() { "$program" slurm smoke "${options[@]}" --device cpu --name night --shards 4 --submit; }
state() { scontrol show job "$1" | grep -o 'JobState=[A-Z]*' | head -1 | cut -d= -f2; }
has_begun() { [[ -e results/night-$1-of-4/run.json ]]; }
has_state() { [[ $(state "$1") == "$2" ]]; }
is_over() { ! squeue -h -j "$1" | grep -q .; }
# What was submitted last: "array 3, merge 7".
follow() {
    array=${1#array } array=${array%,*} merge=${1##* }
    echo "$1"
}

follow "$(submit)"
until_so has_begun 1
scancel "${array}_1"
ended() { has_state "${array}_1" CANCELLED || has_state "${array}_1" COMPLETED; }
until_so ended
echo "task 1: $(state "${array}_1"), put into the queue again"
scontrol requeue "${array}_1"
until_so has_begun 2
pid=$(pgrep -f -- "^$program run smoke .*--shard auto/4" | tail -1 || true)
[[ -z $pid ]] || kill -9 "$pid"
until_so is_over "$array"
until_so is_over "$merge"
for task in 1 2 3 4; do echo "task $task: $(state "${array}_$task")"; done
cat results/night.slurm/merge.log

# What a killed task left is trained, and merged with the rest.
follow "$(submit)"
until_so is_over "$array"
until_so is_over "$merge"
tail -n 1 results/night.slurm/merge.log
has_state "$merge" COMPLETED || { tail -n 20 results/night.slurm/*.log >&2; exit 1; }

# Equal but for times.
bits() {
    find "results/$1/trials" -name '[0-9]*.json' ! -name '*.checkpoint.json' | sort | while read -r record; do
        echo "${record#results/*/}"
        grep -E '"(identity|status|trajectory|weights|loss|accuracy)"' "$record"
    done
}
diff <(bits whole) <(bits night)
echo "the merged run of $(find results/night/trials -name '[0-9]*.json' | wc -l) trials is the unsharded one"
