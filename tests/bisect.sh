#!/bin/sh
# Tries `tchbench bisect` on real training and with a compiler: in repositories of 32 commits, each of which is built by cargo into
# a program of its own, one slows a case by a part (5 % where none is given), another changes the bits of native kernels, and one
# does not build.
#
#     tests/bisect.sh target/release/tchbench [ATTEMPTS [PART]]
#
# The programs call the one that is given, which they ask for busy work after every step.
set -eu
tchbench=$(realpath "$1")
attempts=${2:-10}
part=${3:-0.05}
suite=$(realpath "$(dirname "$0")/../suites/smoke.toml")
case=mlp

# Cargo is to leave programs where `bisect` looks for them.
unset CARGO_TARGET_DIR CARGO_BUILD_TARGET_DIR

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
    [ "$1" -lt "$3" ] || capability='.env("ATEN_CPU_CAPABILITY", "default")'
    cat <<END
// Commit $1.
use std::io::{BufRead, Result, Write, stdin};
use std::process::{Command, Stdio};

fn main() -> Result<()> {
    let mut worker = Command::new("$tchbench").arg("worker")$capability.stdin(Stdio::piped()).spawn()?;
    let mut requests = worker.stdin.take().expect("it is piped");
    for line in stdin().lock().lines() {
        writeln!(requests, "{}", line?.replace(r#""busy_seconds":0.0"#, r#""busy_seconds":$wait"#))?;
    }
    drop(requests);
    worker.wait().map(drop)
}
END
}

# repository SLOW OTHER: 32 commits, of which one in the middle does not build. It is neither of these two nor just before one, so
# that the first bad commit is certain.
repository() {
    rm -rf repository
    mkdir -p repository/src
    git init --quiet --initial-branch main
    printf '[package]\nname = "tchbench"\nversion = "0.1.0"\nedition = "2024"\n' > repository/Cargo.toml
    echo /target > repository/.gitignore
    broken=16
    while [ "$broken" = "$1" ] || [ "$broken" = "$2" ] || [ "$broken" = $(($1 - 1)) ] || [ "$broken" = $(($2 - 1)) ]; do
        broken=$((broken + 1))
    done
    for number in $(seq 32); do
        program "$number" "$1" "$2" > repository/src/main.rs
        [ "$number" != "$broken" ] || sed -i 's/drop(requests)/dorp(requests)/' repository/src/main.rs
        git add --all
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
        -- cargo build --release --quiet > out 2> err || true
    seconds=$(($(date +%s) - began))
    if grep -q "the first bad commit is .* (commit $slow)" out; then
        found=$((found + 1))
        echo "attempt $attempt: commit $slow found in $seconds s;$(grep 'it takes' out | tr -s ' ');$(grep ' builds' out | tr -s ' ')," \
            "$(grep -c 'does not build' out) of which fail"
    else
        echo "attempt $attempt: commit $slow not found in $seconds s: $(grep 'first bad' out | tr -s ' ')"
        cat err
    fi
done
echo "$found of $attempts found"

"$tchbench" bisect "$suite" --filter "$case" --device cpu --numerics native --by bits --good c1 --bad c32 \
    --repository repository -- cargo build --release --quiet > out 2> err || cat err
grep "first bad" out
grep -q "the first bad commit is .* (commit $other)" out && echo "the commit that changes bits is found, too"
[ "$found" -eq "$attempts" ]
