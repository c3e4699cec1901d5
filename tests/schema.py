"""What checkers of TOML say of suites by their schema, held against the program's reader.

Called by tests/schema.sh:  schema.py PROGRAM ROOT PLACE STEP CHECKER...

Checks every shipped suite and every example of the manual, then mutants of them: what the program reads must be accepted, and
what it refuses must be rejected, but for what a JSON Schema cannot say (docs/suites.md).
"""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

program, root, place = (Path(argument) for argument in sys.argv[1:4])
step = int(sys.argv[4])
checkers = sys.argv[5:]

# How the program's reader words what depends on other values, on the dataset or on arithmetic.
BEYOND = [
    r"the layers have \d+ parameters",
    r"^case\.[^:]*layers\[\d+\]",  # shapes, where no value is told to be wrong
    r"^[^:]*\bdataset: \".*\" given; (did you|there are)",
    # A text of a template may become a word.
    r'"[^"]*\{\w+\}[^"]*" given; (did you|there are)',
    r"images; hold out fewer",
    r"images; write at most that",
    r"only images can have it",
    r"one for each (channel|feature) of",
    r"no samples are held out",
    r"holds none out",
    r"there are only \d+ epochs",
    r"epochs count from 1",
    r"there is one value of this metric",
    r"at_least is above at_most",
    r"the rate begins at",
    r"nesterov wants a momentum",
    r"nothing is changed",
    r"write ascending epochs",
    r"has a batch of one",
    r"another case before it has this name",
    r"is there twice",
    r"no case is called so",
    r"these have no axis in common",
    r"headings for \d+ cases",
    r"makes no sense for case",
    r"no trial can be worse by so many",
    r"^case\.each: nothing in the case names it",
    r"^case\.each: not every row",
    r"is in `each`, too",
]

# What the same reader says of a layer's own values; a shape's error names the layer and none of its keys.
OF_A_VALUE = r"given; |is missing|no such key|an rnn's activation"


def toml(value):
    """A value as TOML writes it on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value) if isinstance(value, (str, bool)) else repr(value)


def whole(suite):
    return "#:schema ./suite.schema.json\n" + "".join(f"{json.dumps(key)} = {toml(value)}\n" for key, value in suite.items())


def changed(tree, path, change):
    """The same tree with what is at `path` changed; `change` gets the object or list that holds it, and its key."""
    copy = json.loads(json.dumps(tree))
    holder = copy
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return copy


def set_to(value):
    def change(holder, key):
        holder[key] = value
    return change


def renamed(to):
    def change(holder, key):
        pairs = [(to if old == key else old, value) for old, value in holder.items()]
        holder.clear()
        holder.update(pairs)
    return change


def removed(holder, key):
    del holder[key]


def added(holder, key):
    holder[key]["surplus"] = 1


def paths(tree, path=()):
    """The way to every value below a tree."""
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield path + (key,), value
        if isinstance(value, (dict, list)):
            yield from paths(value, path + (key,))


def mutations(path, value):
    """What is done to a value: what it is called, and how."""
    if isinstance(path[-1], str) and "profiles" not in path[-2:-1]:
        yield "misspelled", renamed(path[-1] + "z")
        yield "missing", removed
    if isinstance(value, dict):
        yield "surplus", added
    for kind, other in [("text", "wrong"), ("flag", True), ("number", 7.5), ("list", []), ("table", {})]:
        if type(other) is not type(value):
            yield "type " + kind, set_to(other)
    if isinstance(value, str):
        yield "word", set_to(value + "x")
    elif not isinstance(value, bool) and isinstance(value, (int, float)):
        for other in (-1, 0, 1, 1000000000):
            yield "range", set_to(other)


def mutants(tree):
    """Every mutant of a suite: rows of `each` are free, so they are left alone."""
    for path, value in paths(tree):
        if "each" not in path and "grid" not in path:
            for kind, change in mutations(path, value):
                title = re.sub(r"\d+", "N", f"{'.'.join(map(str, path))}, {kind}")
                yield title, shortened(changed(tree, path, change), path)


def shortened(tree, path):
    """A suite with little besides what is at a path: a checker takes its time for every case."""
    if path[0] in ("figure", "table") or path == ("case",):
        return tree
    case = path[1] if path[0] == "case" else 0
    short = {key: value for key, value in tree.items() if key not in ("figure", "table")}
    return short | {"case": [tree["case"][case]]}


def examples():
    """The suites of the manual; one that begins with a case stands under ordinary defaults."""
    defaults = 'schema = 1\nname = "s"\n[defaults]\ndataset = "mnist"\nepochs = 3\nbatch = 100\n' \
        'optimizer = { kind = "sgd", lr = 0.1 }\n'
    for page in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        for index, example in enumerate(re.findall(r"^```toml\n(.*?)^```", page.read_text(), re.M | re.S)):
            tree = tomllib.loads(example)
            if "case" in tree and "accuracy_margin" not in example:
                yield f"{page.name} {index + 1}", example if "schema" in tree else defaults + example


def refused(paths):
    """Of each file that the program refuses, what it says."""
    verdicts = {}
    for path in paths:
        listed = subprocess.run([program, "list", path], capture_output=True, text=True)
        if listed.returncode:
            lines = [line.removeprefix("error: ") for line in listed.stderr.splitlines()]
            told = [line.removeprefix(f"{path}:") for line in lines if line.startswith(str(path))]
            verdicts[path.name] = [re.sub(r"^\d+:\d+: ", "", line) for line in told] or lines
    return verdicts


def is_beyond(line):
    layers = BEYOND[1]
    said = any(re.search(pattern, line) for pattern in BEYOND if pattern != layers)
    return said or bool(re.search(layers, line)) and not re.search(OF_A_VALUE, line)


def rejected(checker, folder, names):
    """The names of files of `folder` that a checker rejects."""
    if checker == "taplo":
        found = subprocess.run([checker, "check", "--colors", "never", *names], cwd=folder, capture_output=True, text=True)
        return set(re.findall(r'invalid file .*path="[^"]*?([^"/]+)"', found.stderr + found.stdout))
    found = subprocess.run([checker, "lint", "--offline", *names], cwd=folder, capture_output=True, text=True)
    text = re.sub(r"\x1b\[[0-9;]*m", "", found.stderr + found.stdout)
    return set(re.findall(r"^\s*at ([^:\n]+\.toml):\d+", text, re.M))


def main():
    schema = subprocess.run([program, "schema", "suite"], capture_output=True, check=True).stdout
    folder = place / "suites"
    folder.mkdir()
    (folder / "suite.schema.json").write_bytes(schema)
    files = {}
    counts = {}

    def add(title, text):
        name = f"{len(files):05}.toml"
        (folder / name).write_text(text)
        files[name] = title

    sound = [(path.name, path.read_text()) for path in sorted((root / "suites").glob("*.toml"))] + list(examples())
    for title, text in sound:
        text = re.sub(r"^#:schema .*\n", "", text)
        add(title, "#:schema ./suite.schema.json\n" + text)
    whole_ones = len(files)
    # One of each kind at each key, whatever the suite and the case, and of these every so many.
    seen = set()
    for suite, text in sound:
        for title, mutant in mutants(tomllib.loads(text)):
            if title not in seen and len(seen) % step == 0:
                add(f"{suite}: {title}", whole(mutant))
            seen.add(title)
    verdicts = refused([folder / name for name in files])
    beyond = {name for name, lines in verdicts.items() if all(map(is_beyond, lines))}
    for name in list(files)[:whole_ones]:
        assert name not in verdicts or name in beyond, f"the program refuses {files[name]}: {verdicts[name]}"
    failed = 0
    for checker in checkers:
        found = rejected(checker, folder, sorted(files))
        for name, title in files.items():
            is_mutant = int(name[:5]) >= whole_ones
            if is_mutant and name in beyond or (is_mutant and name in verdicts) == (name in found):
                continue
            failed += 1
            what = f"accepts what the program refuses ({verdicts[name][0]})" if name in verdicts else "rejects what the program reads"
            print(f"{checker} {what}: {title} ({name})", file=sys.stderr)
        wrong = len(set(verdicts) - beyond)
        print(f"{checker}: {whole_ones} suites and examples, {wrong} mutants that the program refuses, "
              f"{len(files) - whole_ones - len(verdicts)} that it reads; {len(beyond)} are refused for what no schema can say")
    sys.exit(1 if failed else 0)


main()
