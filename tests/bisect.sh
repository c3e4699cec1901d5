#!/bin/sh
# Tries `tchbench bisect` on real training: in repositories of 32 commits, each of which has a program of its own, one slows
# a case by a part (5 % where none is given), and another changes the bits of native kernels.
#
#     tests/bisect.sh target/release/tchbench [ATTEMPTS [PART]]
#
# The programs are the one that is given, behind a filter that asks it for busy work after every step.
set -eu
tchbench=$(realpath "$1")
attempts=${2:-10}
part=${3:-0.05}
suite=$(realpath "$(dirname "$0")/../suites/smoke.toml")
case=mlp

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
git() { command git -c user.name=tester -c user.email=tester@localhost -c commit.gpgsign=false -C repository "$@"; }

# The time of a step at its fastest, of which the part is taken.
"$tchbench" measure "$suite" --filter "$case" --device cpu --name once --quiet >/dev/null 2>&1
busy=$(python3 - "$part" <<'END'
import glob, json, sys
record = json.load(open(glob.glob("results/once/throughput/smoke/*/1.json")[0]))
slices = [s for p in record["processes"] for r in p["rounds"] for s in r["slices"]]
times = [s[1] / s[0] if isinstance(s, list) else s["seconds"] / s["steps"] for s in slices]
print(f"{float(sys.argv[1]) * min(times):.3e}")
END
)
echo "a step of smoke/$case is given $busy s of busy work"

# program NUMBER SLOW OTHER: the program of a commit.
program() {
    wait=0.0
    [ "$1" -lt "$2" ] || wait=$busy
    capability=
    [ "$1" -lt "$3" ] || capability='export ATEN_CPU_CAPABILITY=default'
    cat <<END
#!/bin/sh
# Commit $1.
$capability
sed -u 's/"busy_seconds":0.0/"busy_seconds":$wait/' | exec "$tchbench" worker
END
}

# repository SLOW OTHER: 32 commits.
repository() {
    rm -rf repository
    mkdir repository
    git init --quiet --initial-branch main
    for number in $(seq 32); do
        program "$number" "$1" "$2" > repository/program
        chmod +x repository/program
        git add program
        git commit --quiet --message "commit $number"
        git tag "c$number"
    done
}

found=0
attempt=0
while [ "$attempt" -lt "$attempts" ]; do
    attempt=$((attempt + 1))
    slow=$((attempt * 11 % 31 + 2))
    other=$((attempt * 7 % 31 + 2))
    repository "$slow" "$other"
    began=$(date +%s)
    "$tchbench" bisect "$suite" --filter "$case" --device cpu --good c1 --bad c32 --repository repository \
        --program program -- true > out 2> err || true
    seconds=$(($(date +%s) - began))
    if grep -q "the first bad commit is .* (commit $slow)" out; then
        found=$((found + 1))
        echo "attempt $attempt: commit $slow found in $seconds s;$(grep 'it takes' out | tr -s ' ');$(grep ' builds' out | tr -s ' ')"
    else
        echo "attempt $attempt: commit $slow not found in $seconds s: $(grep 'first bad' out | tr -s ' ')"
        cat err
    fi
done
echo "$found of $attempts found"

"$tchbench" bisect "$suite" --filter "$case" --device cpu --numerics native --by bits --good c1 --bad c32 \
    --repository repository --program program -- true > out 2> err || cat err
grep "first bad" out
grep -q "the first bad commit is .* (commit $other)" out && echo "the commit that changes bits is found, too"
[ "$found" -eq "$attempts" ]
