#!/bin/sh
# Plays a worker: does what the case's name says, and notes its begin and end in `log` beside the
# name it was called by.
# Where crashes leave core dumps, their words would differ.
ulimit -c 0
read -r request
log=$(dirname "$0")/log
say() { printf '%s\n' "$1"; }
started() {
    say '{"event":"started","parameters":7850,"train_samples":96,"validation_samples":0,"test_samples":10,"steps":3,"epochs":2,"resumed_from":'"${1:-0}"'}'
}
epoch() {
    say '{"event":"epoch","epoch":'"$1"',"train":{"loss":'"$2"',"accuracy":0.5},"validation":'"${3:-null}"',"learning_rate":0.1,"samples":96,"train_seconds":0.5,"train_cpu_seconds":0.5,"validation_seconds":0.0,"trajectory":"aa","tensors":{}}'
}
finished() {
    best=2 test='{"loss":'"${2:-0.25}"',"accuracy":0.875}'
    [ "$1" != diverged ] || best=null
    say '{"event":"finished","ending":"'"$1"'","best_epoch":'$best',"restored_best":false,"test":'$test',"weights":"bb","setup_seconds":0.1,"train_seconds":1.0,"test_seconds":0.1,"wall_seconds":1.2,"cpu_seconds":1.2,"peak_memory":1000000,"device_peak_memory":null}'
}

case $request in
*'"request":"describe"'*'"cuda"'*)
    say '{"event":"failed","error":"no CUDA device","out_of_memory":false}'
    exit ;;
*'"request":"describe"'*)
    say '{"event":"described","tchbench":"0.1.0","libtorch":"2.11.0","tch":"0.24.0","rustc":"1.95.0","device":"cpu","driver":null,"cuda":null,"threads":'"${OMP_NUM_THREADS}"',"numerics":"native","capability":"AVX2","numerics_class":"cc","kernels":{"matmul":"dd"}}'
    exit ;;
esac

# The dataset is inherited.
fd=${request##*'"fd":'}
[ -s "/proc/$$/fd/${fd%%[,\}]*}" ] || { echo "no dataset" >&2; exit 9; }

name=${request#*'"case":"'}
name=${name%%'"'*}
case $request in
*'"request":"check"'*)
    case $name in
    fails*) say '{"event":"failed","error":"7850 parameters, the suite expects 7851","out_of_memory":false}' ;;
    *) started; say '{"event":"checked","loss":2.302}' ;;
    esac
    exit ;;
esac

# Times rounds as long as it is told to: 1 ms a step, 2 % more with busy work.
rounds() {
    started
    done=0
    while read -r task; do
        case $task in *'"stop"'*) exit ;; esac
        steps=${task#*'"steps":'}
        steps=${steps%%[,\}]*}
        time=100
        case $task in *'"busy_seconds":0.0}'*) ;; *) time=102 ;; esac
        case $name in
        *-unmeasured) say '{"event":"failed","error":"the clock is odd","out_of_memory":false}' ;;
        fails*) [ $done -lt 4 ] || say '{"event":"failed","error":"the dataset is odd","out_of_memory":false}' ;;
        crashes*) [ $done -lt 4 ] || kill -SEGV $$ ;;
        miscounts*) steps=$((steps + 1)) ;;
        hangs*) [ $done -lt 4 ] || { echo "pid $$" >> "$log"; exec sleep 600; } ;;
        esac
        done=$((done + 1))
        say '{"event":"round","steps":'"$steps"',"samples":'$((steps * 32))',"seconds":'$((steps * time))'e-5,"cpu_seconds":'$((steps * time))'e-5,"device_seconds":null,"wait_seconds":0.0,"slices":[['"$steps"','$((steps * time))'e-5,5e-4]]}'
    done
}
case $request in *'"request":"measure"'*)
    echo "begin $name" >> "$log"
    rounds
    exit ;;
esac

# Answers each transform that it is asked for.
robustness() {
    case $name in *-then-drifts) loss=0.26 ;; *) loss=0.25 ;; esac
    say '{"event":"tested","loss":'$loss',"accuracy":0.875}'
    asked=${request##*'"transforms":['}
    asked=${asked%%']'*}
    while [ -n "$asked" ]; do
        case $name in *-then-errs) asked='{"kind":"scale","strength":7.0}' ;; esac
        transform=${asked%%'}'*}'}' score='{"loss":0.5,"accuracy":0.75}'
        case $transform in
        *'"scale"'* | *'"strength":0.0}') scores=$score ;;
        *'"rotate"'*) scores=$score,$score ;;
        *) scores=$score,$score,$score,$score ;;
        esac
        say '{"event":"transformed","transform":'"$transform"',"scores":['"$scores"']}'
        asked=${asked#*'}'}
        asked=${asked#,}
        case $name in
        *-then-fails) say '{"event":"failed","error":"the weights are odd","out_of_memory":false}' ;;
        *-then-stops-short) exit ;;
        *-then-hangs) grep -q pid "$log" || { echo "pid $$" >> "$log"; exec sleep 600; } ;;
        esac
    done
}
case $request in *'"request":"robustness"'*)
    echo "begin $name" >> "$log"
    robustness
    exit ;;
esac

identity=${request#*'"identity":"'}
identity=${identity%%'"'*}
kept=${request#*'"checkpoint":"'}
kept=${kept%%'"'*}
# Keeps a checkpoint of the first epoch.
keep() {
    mkdir -p "${kept%/*}"
    printf 'the tensors' > "$kept.checkpoint-1.safetensors"
    json='{
  "format": {"major": 1, "minor": 0},
  "identity": "'$identity'",
  "epochs": [{}],
  "steps": 1,
  "tensors": "'${kept##*/}'.checkpoint-1.safetensors",
  "tensors_crc32": "80d669c4",
'
    sum=$(printf '%s' "$json" | sha256sum)
    printf '%s  "digest": "%s"\n}\n' "$json" "${sum%% *}" > "$kept.checkpoint.json"
}
# With a checkpoint, goes on from it to the end.
go_on() {
    [ -e "$kept.checkpoint.json" ] || return
    started 1
    epoch 1 0.5
    epoch 2 0.25
    finished completed
    exit
}

# With a checkpoint, refuses it and ends.
refuse() {
    [ -e "$kept.checkpoint.json" ] || return
    say '{"event":"refused","error":"1.checkpoint.json: the tensor best/w is forged"}'
    exit
}

echo "begin $name" >> "$log"
case $name in
succeeds*)
    started
    say '{"event":"step","epoch":1,"step":1,"steps":3}'
    epoch 1 0.5
    epoch 2 0.25
    sleep 0.02
    echo "end $name" >> "$log"
    finished completed ;;
diverges) started; epoch 1 null; finished diverged ;;
diverges-in-the-test) started; epoch 1 0.5; epoch 2 0.25; finished diverged null ;;
hides-a-training-loss) started; epoch 1 null; epoch 2 0.25; finished completed ;;
hides-a-validation-loss) started; epoch 1 0.5 '{"loss":null,"accuracy":0.1}'; epoch 2 0.25; finished stopped-early ;;
hides-a-test-loss) started; epoch 1 0.5; epoch 2 0.25; finished completed null ;;
fails) started; epoch 1 0.5; say '{"event":"failed","error":"the dataset is odd","out_of_memory":false}' ;;
fills-memory) started; say '{"event":"failed","error":"12 GiB were asked for","out_of_memory":true}' ;;
crashes) started; echo 'corrupted double-linked list' >&2; kill -SEGV $$ ;;
is-killed) started; kill -KILL $$ ;;
allocates) started; echo 'memory allocation of 1099511627776 bytes failed' >&2; kill -ABRT $$ ;;
is-loud)
    started
    head -c 1000000 /dev/zero | tr '\0' 'x' >&2
    printf '\n%s\n' 'these are the last words' >&2
    exit 9 ;;
exits) echo 'libtorch_cpu.so: cannot open shared object file' >&2; exit 127 ;;
stops-short) started; epoch 1 0.5 ;;
is-torn) started; printf '{"event":"epo'; exit 3 ;;
babbles) started; echo 'Segmentation what?'; exec sleep 600 ;;
skips) started; epoch 2 0.5; exec sleep 600 ;;
stops-early) started; epoch 1 0.5; epoch 2 0.25; finished stopped-early ;;
dies-at-end) started; epoch 1 0.5; epoch 2 0.25; finished completed; kill -ABRT $$ ;;
lingers) started; exec >&-; exec sleep 600 ;;
waits*)
    go_on
    started
    epoch 1 0.5
    keep
    echo "pid $$" >> "$log"
    read -r request
    case $request in *'"stop"'*) say '{"event":"stopped","epoch":1}' ;; esac ;;
fails-once)
    go_on
    started
    epoch 1 0.5
    keep
    say '{"event":"failed","error":"a wire is loose","out_of_memory":false}' ;;
refuses-its-checkpoint)
    refuse
    started
    epoch 1 0.5
    if [ -e "$kept.checkpoint.json.broken" ]; then
        epoch 2 0.25
        finished completed
    else
        keep
        say '{"event":"failed","error":"a wire is loose","out_of_memory":false}'
    fi ;;
refuses-what-is-not-there) say '{"event":"refused","error":"1.checkpoint.json: I dislike it"}' ;;
refuses-late) started; say '{"event":"refused","error":"1.checkpoint.json: I dislike it"}' ;;
drifts) started; epoch 1 0.5; epoch 2 "${DRIFT:-0.25}"; finished completed ;;
stops-unasked) started; epoch 1 0.5; say '{"event":"stopped","epoch":1}' ;;
hangs*) started; epoch 1 0.5; echo "pid $$" >> "$log"; exec sleep 600 ;;
esac
