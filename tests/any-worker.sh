#!/bin/sh
# Plays a worker that trains and scores whatever it is asked to, to results that follow from the trial's identity alone. In `log`
# beside the name it was called by, each trial that is begun has a line.
read -r request
say() { printf '%s\n' "$1"; }
# The first number after a key.
number() {
    rest=${request#*"\"$1\":"}
    [ "$rest" != "$request" ] || { echo "$2"; return; }
    echo "${rest%%[,\}]*}"
}
case $request in *'"request":"describe"'*)
    say '{"event":"described","tchbench":"0.1.0","libtorch":"2.11.0","tch":"0.24.0","rustc":"1.95.0","device":"cpu","driver":null,"cuda":null,"threads":'"${OMP_NUM_THREADS}"',"numerics":"portable","capability":"AVX2","numerics_class":"cc","kernels":{"matmul":"dd"}}'
    exit ;;
esac

identity=${request#*'"identity":"'}
identity=${identity%%'"'*}
echo "$identity" >> "$(dirname "$0")/log"
epochs=$(number epochs 1)
batch=$(number batch 1)
held=0
case $request in *'"validation":{'*) held=$(number count 0) ;; esac
# Two digits of the identity, as a fraction that no decimal rounds.
digits=$(printf '%d' "0x$(printf '%.2s' "$identity")")
score='{"loss":'$((digits + 1))'e-3,"accuracy":0.'$((100 + digits))'}'
case $request in *'"request":"robustness"'*)
    say '{"event":"tested",'"${score#?}"
    asked=${request##*'"transforms":['}
    asked=${asked%%']'*}
    while [ -n "$asked" ]; do
        transform=${asked%%'}'*}'}'
        case $transform in
        *'"scale"'* | *'"strength":0.0}') scores=$score ;;
        *'"rotate"'*) scores=$score,$score ;;
        *) scores=$score,$score,$score,$score ;;
        esac
        say '{"event":"transformed","transform":'"$transform"',"scores":['"$scores"']}'
        asked=${asked#"$transform"}
        asked=${asked#,}
    done
    exit ;;
esac
say '{"event":"started","parameters":'"$(number parameters 0)"',"train_samples":96,"validation_samples":'"$held"',"test_samples":10,"steps":'$(((96 + batch - 1) / batch))',"epochs":'"$epochs"',"resumed_from":0}'
epoch=1
while [ $epoch -le "$epochs" ]; do
    validation=null
    [ "$held" = 0 ] || validation=$score
    say '{"event":"epoch","epoch":'$epoch',"train":'"$score"',"validation":'"$validation"',"learning_rate":0.1,"samples":96,"train_seconds":0.5,"train_cpu_seconds":0.5,"validation_seconds":0.0,"trajectory":"'"$(printf '%.8s' "$identity")$epoch${DRIFT:-}"'","tensors":{}}'
    epoch=$((epoch + 1))
done
[ -z "${PAUSE:-}" ] || sleep "$PAUSE"
say '{"event":"finished","ending":"completed","best_epoch":'"$epochs"',"restored_best":false,"test":'"$score"',"weights":"'"$identity"'","setup_seconds":0.1,"train_seconds":1.0,"test_seconds":0.1,"wall_seconds":1.2,"cpu_seconds":1.2,"peak_memory":1000000,"device_peak_memory":null}'
