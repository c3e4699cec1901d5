"""Writes forward.json: logits, losses and gradient sums that PyTorch computes in float64 for the
networks below, with weights and images filled by formula. Run with torch 2.11.0:

    python3 tests/reference/forward.py > tests/reference/forward.json
"""

import json

import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
BATCH, SIDE, CLASSES = 3, 6, 10


def dense(units, activation="linear"):
    return {"kind": "dense", "units": units, "activation": activation, "bias": True, "l2": 0.0}


def conv(filters, kernel, padding, activation="relu", stride=1):
    return {"kind": "conv", "filters": filters, "kernel": [kernel, kernel], "stride": [stride, stride],
            "padding": padding, "activation": activation, "bias": True, "l2": 0.0}


def recurrent(cell, units, layers=1, bidirectional=False, output="last", reset="after", implementation="fused"):
    return {"kind": "recurrent", "cell": cell, "units": units, "layers": layers, "bidirectional": bidirectional,
            "output": output, "reset": reset, "implementation": implementation, "l2": 0.0}


FLATTEN = {"kind": "flatten"}
ROWS, COLUMNS, PIXELS = ({"kind": "sequence", "by": by} for by in ("rows", "columns", "pixels"))
POOL = {"kind": "max-pool", "size": [2, 2], "stride": [2, 2]}
MEAN = {"kind": "avg-pool", "size": [2, 2], "stride": [1, 1]}
NORM = {"torch": {"kind": "batch-norm", "momentum": 0.1, "eps": 1e-5},
        "keras": {"kind": "batch-norm", "momentum": 0.01, "eps": 1e-3}}
LAYER_NORM = {"kind": "layer-norm", "eps": 1e-5}


def residual(*layers, projection=None, activation="relu"):
    return {"kind": "residual", "layers": list(layers), "projection": projection, "activation": activation}


def projection(stride=1, bias=True):
    return {"stride": [stride, stride], "bias": bias, "l2": 0.0}


def networks():
    for convention in ("torch", "keras"):
        def case(name, *layers):
            return {"name": f"{name}, {convention}", "convention": convention, "layers": list(layers)}

        yield case("mlp", FLATTEN, dense(7, "relu"), dense(5, "tanh"), dense(4, "sigmoid"), dense(10))
        yield case("cnn", conv(3, 3, "same"), NORM[convention], POOL, conv(4, 2, "valid", "tanh"), FLATTEN, dense(10))
        yield case("strided cnn", conv(3, 3, "valid", stride=2), MEAN, {"kind": "dropout", "rate": 0.5}, FLATTEN,
                   {"kind": "activation", "function": "relu"}, dense(10))
        for implementation in ("fused", "library", "equations"):
            for cell in ("rnn-tanh", "rnn-relu", "lstm", "gru"):
                yield case(f"{cell} by {implementation}", ROWS, recurrent(cell, 5, 2, implementation=implementation), dense(10))
            yield case(f"both directions by {implementation}", COLUMNS,
                       recurrent("lstm", 4, 2, True, implementation=implementation), dense(10))
            yield case(f"both directions, every step, by {implementation}", COLUMNS,
                       recurrent("gru", 4, 1, True, "every", implementation=implementation), FLATTEN, dense(10))
        yield case("gru that resets before", ROWS, recurrent("gru", 5, 2, reset="before"), dense(10))
        yield case("pixels, every step", PIXELS, dense(3, "tanh"), recurrent("lstm", 4, output="every"), dense(10))
        yield case("norm over a sequence", ROWS, recurrent("rnn-tanh", 4, output="every"), NORM[convention], FLATTEN, dense(10))
        yield case("layer norm", FLATTEN, dense(7, "tanh"), LAYER_NORM, dense(10))
        yield case("layer norm over a sequence", ROWS, LAYER_NORM, recurrent("lstm", 4, output="every"), LAYER_NORM, FLATTEN, dense(10))
        yield case("residual networks", conv(3, 3, "same"), residual(conv(3, 3, "same"), conv(3, 3, "same", "linear")),
                   residual(conv(5, 2, "valid", "tanh", stride=2), projection=projection(2, False)), {"kind": "global-avg-pool"},
                   dense(6, "relu"), residual(dense(9, "tanh"), dense(4), projection=projection(), activation="linear"), dense(10))
        yield case("cnn then lstm", conv(2, 3, "same"), POOL, ROWS, recurrent("lstm", 4), dense(10))


class Filled:
    """Parameters in the order in which they are asked for, filled by formula."""

    def __init__(self):
        self.tensors = []

    def __call__(self, *shape):
        index, n = len(self.tensors), torch.Size(shape).numel()
        values = 0.3 * torch.sin(0.7 * torch.arange(n) + 1.3 * index)
        self.tensors.append(values.reshape(shape).requires_grad_())
        return self.tensors[-1]


ACTIVATIONS = {"linear": lambda x: x, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


def gru_before(x, weights):
    w_ih, w_hh, b_ih = weights
    units = w_hh.shape[1]
    h, outputs = torch.zeros(x.shape[0], units), []
    for t in range(x.shape[1]):
        z_x = x[:, t] @ w_ih.T + b_ih
        r = torch.sigmoid(z_x[:, :units] + h @ w_hh[:units].T)
        z = torch.sigmoid(z_x[:, units:2 * units] + h @ w_hh[units:2 * units].T)
        n = torch.tanh(z_x[:, 2 * units:] + (r * h) @ w_hh[2 * units:].T)
        h = (1 - z) * n + z * h
        outputs.append(h)
    return torch.stack(outputs, 1)


def run_recurrent(layer, x, convention, filled):
    cell, units, directions = layer["cell"], layer["units"], 2 if layer["bidirectional"] else 1
    gates = {"lstm": 4, "gru": 3}.get(cell, 1)
    before = cell == "gru" and layer["reset"] == "before"
    two = (layer["reset"] == "after") if cell == "gru" else convention == "torch"
    module = {"lstm": nn.LSTM, "gru": nn.GRU}.get(cell, nn.RNN)
    named = {}
    for index in range(layer["layers"]):
        inputs = x.shape[2] if index == 0 else units * directions
        for direction in range(directions):
            suffix = f"l{index}" + ("_reverse" if direction else "")
            named[f"weight_ih_{suffix}"] = filled(gates * units, inputs)
            named[f"weight_hh_{suffix}"] = filled(gates * units, units)
            named[f"bias_ih_{suffix}"] = filled(gates * units)
            if two:
                named[f"bias_hh_{suffix}"] = filled(gates * units)
            elif not before:
                named[f"bias_hh_{suffix}"] = torch.zeros(gates * units)
    if before:
        for index in range(layer["layers"]):
            x = gru_before(x, [named[f"{kind}_l{index}"] for kind in ("weight_ih", "weight_hh", "bias_ih")])
        every = x
    else:
        options = {"nonlinearity": cell[4:]} if cell.startswith("rnn") else {}
        built = module(x.shape[2], units, layer["layers"], batch_first=True, bidirectional=directions == 2, **options)
        every = torch.func.functional_call(built, named, (x,))[0]
    if layer["output"] == "every":
        return every
    if directions == 1:
        return every[:, -1]
    return torch.cat([every[:, -1, :units], every[:, 0, units:]], 1)


def forward(network, x, filled, training):
    for layer in network["layers"]:
        kind = layer["kind"]
        if kind == "flatten":
            x = x.flatten(1)
        elif kind == "dense":
            x = ACTIVATIONS[layer["activation"]](F.linear(x, filled(layer["units"], x.shape[-1]), filled(layer["units"])))
        elif kind == "conv":
            side = layer["kernel"][0]
            weight, bias = filled(layer["filters"], x.shape[1], side, side), filled(layer["filters"])
            x = F.conv2d(x, weight, bias, layer["stride"], padding=layer["padding"])
            x = ACTIVATIONS[layer["activation"]](x)
        elif kind == "batch-norm":
            turned = x.transpose(1, 2) if x.dim() == 3 else x
            n = turned.shape[1]
            y = F.batch_norm(turned, torch.zeros(n), torch.ones(n), filled(n), filled(n), training,
                             layer["momentum"], layer["eps"])
            x = y.transpose(1, 2) if x.dim() == 3 else y
        elif kind == "layer-norm":
            n = x.shape[-1]
            x = F.layer_norm(x, [n], filled(n), filled(n), layer["eps"])
        elif kind == "residual":
            y = forward({**network, "layers": layer["layers"]}, x, filled, training)
            if layer["projection"]:
                bias, image = layer["projection"]["bias"], x.dim() == 4
                weight = filled(y.shape[1], x.shape[1], 1, 1) if image else filled(y.shape[-1], x.shape[-1])
                shift = filled(weight.shape[0]) if bias else None
                x = F.conv2d(x, weight, shift, layer["projection"]["stride"]) if image else F.linear(x, weight, shift)
            x = ACTIVATIONS[layer["activation"]](x + y)
        elif kind == "global-avg-pool":
            x = x.mean((2, 3))
        elif kind == "max-pool":
            x = F.max_pool2d(x, layer["size"], layer["stride"])
        elif kind == "avg-pool":
            x = F.avg_pool2d(x, layer["size"], layer["stride"])
        elif kind == "dropout":
            assert not training
        elif kind == "activation":
            x = ACTIVATIONS[layer["function"]](x)
        elif kind == "sequence":
            n, channels, height, width = x.shape
            if layer["by"] == "rows":
                x = torch.stack([x[:, :, t].reshape(n, -1) for t in range(height)], 1)
            elif layer["by"] == "columns":
                x = torch.stack([x[:, :, :, t].reshape(n, -1) for t in range(width)], 1)
            else:
                x = torch.stack([x[:, :, t // width, t % width] for t in range(height * width)], 1)
        elif kind == "recurrent":
            x = run_recurrent(layer, x, network["convention"], filled)
    return x


def main():
    images = torch.cos(0.13 * torch.arange(BATCH * SIDE * SIDE)).reshape(BATCH, 1, SIDE, SIDE)
    labels = torch.tensor([3, 1, 4])
    for network in (networks := list(networks_with_values(images, labels))):
        assert network["parameters"]
    print(json.dumps({"torch": torch.__version__, "batch": BATCH, "side": SIDE, "labels": labels.tolist(),
                      "networks": networks}, indent=1))


def networks_with_values(images, labels):
    for network in networks():
        training = all(layer["kind"] != "dropout" for layer in network["layers"])
        filled = Filled()
        logits = forward(network, images, filled, training)
        steps = logits.shape[1] if logits.dim() == 3 else 1
        loss = F.cross_entropy(logits.reshape(-1, CLASSES), labels.repeat_interleave(steps))
        loss.backward()
        last = logits[:, -1] if logits.dim() == 3 else logits
        yield {**network, "training": training, "parameters": sum(t.numel() for t in filled.tensors),
               "logits": last.tolist(), "loss": loss.item(),
               "gradient_norms": [t.grad.norm().item() for t in filled.tensors]}


main()
