"""plant FOLDER: a dataset of random images and a suite of small networks of every kind; compare FOLDER: whether PyTorch,
with the exported loader, gives the logits that tchbench gave."""

import glob
import json
import math
import struct
import sys

SIDE, CLASSES, TRAIN, TEST = 8, 10, 400, 200

NETWORKS = {
    "mlp": '{ kind = "flatten" }, { kind = "dense", units = 16, activation = "relu" }, { kind = "layer-norm" }, { kind = "dense", units = 10 }',
    "cnn": '{ kind = "conv", filters = 6, padding = "same", activation = "relu" }, { kind = "batch-norm" }, { kind = "max-pool" }, '
           '{ kind = "conv", filters = 8, kernel = [2, 2], activation = "tanh" }, { kind = "dropout", rate = 0.2 }, { kind = "flatten" }, '
           '{ kind = "dense", units = 10 }',
    "residual": '{ kind = "conv", filters = 6, padding = "same" }, { kind = "residual", layers = [{ kind = "conv", filters = 8, padding = "same", '
                'activation = "relu" }, { kind = "conv", filters = 8, padding = "same" }], projection = { } }, { kind = "activation", function = "relu" }, '
                '{ kind = "avg-pool" }, { kind = "global-avg-pool" }, { kind = "dense", units = 10 }',
    "rnn": '{ kind = "sequence", by = "rows" }, { kind = "rnn", units = 12 }, { kind = "dense", units = 10 }',
    "lstm": '{ kind = "sequence", by = "columns" }, { kind = "lstm", units = 12, layers = 2, bidirectional = true }, { kind = "dense", units = 10 }',
    "gru": '{ kind = "sequence", by = "pixels" }, { kind = "gru", units = 12 }, { kind = "dense", units = 10 }',
    "gru-before": '{ kind = "sequence", by = "rows" }, { kind = "gru", units = 12, reset = "before", output = "every" }, { kind = "flatten" }, '
                  '{ kind = "dense", units = 10 }',
}


def images(count, seed):
    """Blurred classes, so that networks learn something and still make mistakes."""
    import random
    noise = random.Random(seed)
    labels = [index % CLASSES for index in range(count)]
    pixels = bytearray()
    for label in labels:
        for place in range(SIDE * SIDE):
            bright = 140 if (place // 6) % CLASSES == label else 60
            pixels.append(min(255, max(0, int(noise.gauss(bright, 60)))))
    return bytes(pixels), bytes(labels)


def plant(folder):
    for split, count, seed in (("train", TRAIN, 1), ("t10k", TEST, 2)):
        pixels, labels = images(count, seed)
        with open(f"{folder}/{split}-images-idx3-ubyte", "wb") as file:
            file.write(struct.pack(">IIII", 0x803, count, SIDE, SIDE) + pixels)
        with open(f"{folder}/{split}-labels-idx1-ubyte", "wb") as file:
            file.write(struct.pack(">II", 0x801, count) + labels)
    text = 'schema = 1\nname = "networks"\n[defaults]\ndataset = "blurred"\nepochs = 2\nbatch = 25\n'
    text += 'optimizer = { kind = "adam", lr = 0.003 }\n'
    for convention in ("torch", "keras"):
        for name, layers in NETWORKS.items():
            text += f'[[case]]\nname = "{name}-{convention}"\nconvention = "{convention}"\nlayers = [{layers}]\n'
    with open(f"{folder}/networks.toml", "w") as file:
        file.write(text)


def compare(folder):
    import torch
    sys.path.insert(0, f"{folder}/networks")
    from network import load, read

    pixels, _ = images(TEST, 2)
    x = torch.frombuffer(bytearray(pixels), dtype=torch.uint8).reshape(TEST, 1, SIDE, SIDE).float() / 255
    worst, samples, names = 0.0, 0, 0
    paths = sorted(glob.glob(f"{folder}/networks/networks/*/seed-1.safetensors"))
    assert len(paths) == 2 * len(NETWORKS), paths
    for path in paths:
        case = path.split("/")[-2]
        network = load(path)
        tensors, _ = read(path)
        kept = {name for name in tensors if not name.startswith("best/")}
        assert set(network.state_dict()) == kept, (case, kept ^ set(network.state_dict()))
        names += len(kept)
        with torch.no_grad():
            ours = torch.log_softmax(network(x).double(), 1)
        with open(f"{folder}/{case}.json") as file:
            mistakes = json.load(file)["shown"]
        assert mistakes, case
        for mistake in mistakes:
            # Logits up to what is added to all of them.
            sample, predicted = mistake["sample"], mistake["predicted"]
            for label, probability in ((predicted, "probability"), (sample["label"], "probability_of_truth")):
                theirs = math.log(mistake[probability])
                worst = max(worst, abs(theirs - ours[sample["index"], label].item()))
            assert ours[sample["index"]].argmax() == predicted, (case, sample["index"])
            samples += 1
    print(f"PyTorch {torch.__version__} computes {len(paths)} networks; {names} names of tensors are those of its state_dict;")
    print(f"the log-probabilities of {samples} samples differ by at most {worst:.1e}")
    assert worst < 1e-5


{"plant": plant, "compare": compare}[sys.argv[1]](sys.argv[2])
