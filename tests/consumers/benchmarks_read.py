"""Checks exported files against the published rules of their formats: FORMAT FILE...

The rules are our own words for https://bencher.dev/docs/reference/bencher-metric-format (an object of objects of
objects with a number `value` and, if wanted, numbers `lower_value` and `upper_value`; names of at most 1024 and measures
of at most 64 characters) and for the custom tools of https://github.com/benchmark-action/github-action-benchmark (an
array of objects with texts `name` and `unit`, a number `value` and, if wanted, texts `range` and `extra`).
"""

import json
import math
import sys


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def bencher(content):
    assert isinstance(content, dict) and content
    metrics = 0
    for benchmark, measures in content.items():
        assert 0 < len(benchmark) <= 1024 and isinstance(measures, dict) and measures, benchmark
        for measure, metric in measures.items():
            assert 0 < len(measure) <= 64, measure
            assert metric.keys() - {"lower_value", "upper_value"} == {"value"}, metric
            assert all(number(value) for value in metric.values()), metric
            assert metric.get("lower_value", metric["value"]) <= metric["value"] <= metric.get("upper_value", metric["value"])
            metrics += 1
    return f"{len(content)} benchmarks, {metrics} metrics"


def action(content):
    assert isinstance(content, list) and content
    for entry in content:
        assert {"name", "unit", "value"} <= entry.keys() <= {"name", "unit", "value", "range", "extra"}, entry
        assert number(entry["value"]), entry
        assert all(isinstance(text, str) for key, text in entry.items() if key != "value"), entry
    names = [entry["name"] for entry in content]
    assert len(set(names)) == len(names)
    return f"{len(content)} entries"


rule = {"bencher": bencher, "github-action-benchmark": action}[sys.argv[1]]
for path in sys.argv[2:]:
    with open(path) as file:
        print(f"{path.rsplit('/', 1)[-1]}: {rule(json.load(file, parse_constant=refuse))}, all as the format wants them")
