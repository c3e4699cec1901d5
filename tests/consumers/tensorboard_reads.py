"""Reads exported event files with TensorBoard itself, and compares them with the records: FOLDER RUN..."""

import glob
import json
import math
import struct
import sys

from tensorboard.backend.event_processing import plugin_event_multiplexer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.data import provider
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.context import RequestContext

folder, runs = sys.argv[1], sys.argv[2:]
records = [json.load(open(path)) for run in runs for path in glob.glob(f"{run}/trials/*/*/*.json")]


def single(value):
    return math.nan if value is None else struct.unpack("f", struct.pack("f", value))[0]


losses = 0
for record in records:
    trial = record["trial"]
    accumulator = EventAccumulator(f"{folder}/{trial['suite']}/{trial['case']}/seed-{trial['seed']}", {"scalars": 0})
    accumulator.Reload()
    for tag, part in (("loss/train", "train"), ("loss/validation", "validation")):
        wanted = {epoch["epoch"]: single(epoch[part]["loss"]) for epoch in record["epochs"] if epoch[part]}
        found = {event.step: event.value for event in accumulator.Scalars(tag)} if wanted else {}
        assert wanted.keys() == found.keys(), (trial["case"], tag)
        for epoch, loss in wanted.items():
            assert loss == found[epoch] or (math.isnan(loss) and math.isnan(found[epoch])), (trial["case"], tag, epoch)
        losses += len(wanted)

multiplexer = plugin_event_multiplexer.EventMultiplexer()
multiplexer.AddRunsFromDirectory(folder)
multiplexer.Reload()
context = backend_context.Context(base_plugin.TBContext(data_provider=MultiplexerDataProvider(multiplexer, folder)))
nothing = provider.ListHyperparametersResult(hyperparameters=[], session_groups=[])
found = context.hparams_metadata(RequestContext(), "")
experiment = context.experiment_from_metadata(RequestContext(), "", False, found, nothing)
request = api_pb2.ListSessionGroupsRequest(start_index=0, slice_size=10000, allowed_statuses=[0, 1, 2, 3])
answer = list_session_groups.Handler(RequestContext(), context, "", request).run()
groups = {group.name: len(group.sessions) for group in answer.session_groups}
cases = {}
for record in records:
    name = f"{record['trial']['suite']}/{record['trial']['case']}"
    cases[name] = cases.get(name, 0) + 1
assert groups == cases, (sorted(groups.items())[:5], sorted(cases.items())[:5])
parts = len(experiment.hparam_infos)
print(f"EventAccumulator reads {losses} losses of {len(records)} trials as the records have them, to float32; the hparams")
print(f"endpoint lists {len(groups)} cases with {sum(groups.values())} sessions, {parts} hyperparameters")
