"""Reads exported trials back with MLflow's own client, and compares them with the records: URL RUN"""

import glob
import json
import math
import sys

from mlflow import MlflowClient

url, run = sys.argv[1:]
client = MlflowClient(url)
records = [json.load(open(path)) for path in glob.glob(f"{run}/trials/*/*/*.json")]
known = {}
for experiment in client.search_experiments():
    token = None
    while True:
        page = client.search_runs([experiment.experiment_id], max_results=1000, page_token=token)
        for found in page:
            identity = found.data.tags.get("tchbench.identity")
            assert identity not in known, "a trial is there twice"
            known[identity] = found
        token = page.token
        if not token:
            break
assert len(known) == len(records), (len(known), len(records))
values = 0
for record in records:
    found = known[record["trial"]["identity"]]
    assert found.info.status == "FINISHED", found.info.status
    assert found.data.params["training.epochs"] == str(record["trial"]["experiment"]["training"]["epochs"])
    for key, part in (("train-loss", "train"), ("validation-loss", "validation")):
        wanted = {epoch["epoch"]: epoch[part]["loss"] for epoch in record["epochs"] if epoch[part]}
        history = {metric.step: metric.value for metric in client.get_metric_history(found.info.run_id, key)} if wanted else {}
        assert history.keys() == wanted.keys() and all(history[e] == wanted[e] for e in wanted), key
        values += len(wanted)
    if record["finished"]["test"]:
        assert found.data.metrics["test-loss"] == record["finished"]["test"]["loss"]
print(f"MlflowClient reads {len(known)} runs, none twice, and {values} losses to the last bit")
