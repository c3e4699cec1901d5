"""plant RESULTS: a history of forty nights with a step of 8 % at the 25th; compare OTAVA HISTORY: whether both name it."""

import json
import os
import random
import sys
from datetime import datetime, timedelta, timezone

STEP, NIGHTS = 24, 40
FIRST = datetime(2026, 9, 1, 2, tzinfo=timezone.utc)


def plant(results):
    os.makedirs(f"{results}/history")
    noise = random.Random(7)
    with open(f"{results}/history/smoke.jsonl", "w") as file:
        for index in range(NIGHTS):
            began = FIRST + timedelta(days=index)
            time = 2e-3 * (1.08 if index >= STEP else 1.0) * (1 + noise.gauss(0, 0.004))
            night = {
                "format": {"major": 1, "minor": 6},
                "began": began.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "run": began.strftime("%Y-%m-%dT%H%M%SZ-nightly"),
                "suite": "smoke", "case": "lstm", "identity": "a" * 64, "numerics_class": "c" * 16,
                "device_class": "cpu-native", "machine": "0123456789ab",
                "accuracy": {"mean": 0.97, "deviation": 0.001, "seeds": 2},
                "loss": {"mean": 0.1, "deviation": 0.001, "seeds": 2},
                "step": {"seconds": time, "calibrated": time * 1e3, "spread": 0.01, "samples_per_second": 64 / time},
                "verdicts": None,
            }
            file.write(json.dumps(night) + "\n")


def compare(otava, history):
    with open(otava) as file:
        points = [point for changes in json.load(file).values() for point in changes]
    with open(history) as file:
        rows = json.load(file)[0]["rows"]
    told = [datetime.fromtimestamp(point["time"], timezone.utc).strftime("%Y-%m-%d") for point in points]
    ours = [row["night"][:10] for row in rows if row["change_point"]]
    planted = [(FIRST + timedelta(days=STEP)).strftime("%Y-%m-%d")]
    print(f"a step planted in the night {planted}: otava analyze names {told}, tchbench history {ours}")
    assert told == ours == planted


if sys.argv[1] == "plant":
    plant(sys.argv[2])
else:
    compare(*sys.argv[2:])
