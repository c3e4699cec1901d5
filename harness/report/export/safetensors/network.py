"""A network that tchbench trained, in PyTorch, from a file of `tchbench export safetensors`:

    from network import load
    network = load("lstm/seed-1.safetensors")     # a torch.nn.Module in evaluation mode
    logits = network(images)                      # images: (samples, channels, height, width)

Its parameters have the names and shapes that PyTorch gives them, so `network.state_dict()` is that of a
`torch.nn.Sequential` of the same layers. Needs torch and nothing else.
"""

import json
import struct

import torch
from torch import nn
from torch.nn import functional as F

KINDS = {"F32": torch.float32, "F64": torch.float64}
FUNCTIONS = {"linear": lambda x: x, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


def read(path):
    """Returns the tensors of a safetensors file by name, and its metadata."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        content = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = torch.frombuffer(bytearray(content[begin:end]), dtype=KINDS[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors, metadata


def load(path, weights="tested"):
    """Returns the network with the weights that were tested, or with those of the `best` epoch."""
    tensors, metadata = read(path)
    best = {name[len("best/"):]: tensor for name, tensor in tensors.items() if name.startswith("best/")}
    tested = {name: tensor for name, tensor in tensors.items() if not name.startswith("best/")}
    network = Network(json.loads(metadata["tchbench.experiment"])["layers"], best if weights == "best" and best else tested)
    return network.eval()


class Network(nn.Module):
    """Layers one after the other; names of tensors begin with a layer's place."""

    def __init__(self, layers, tensors, prefix=""):
        super().__init__()
        for index, layer in enumerate(layers):
            start = f"{prefix}{index}."
            own = {name[len(start):]: tensor for name, tensor in tensors.items() if name.startswith(start)}
            self.add_module(str(index), Layer(layer, own))

    def forward(self, x):
        for layer in self.children():
            x = layer(x)
        # Of a network that answers after every step, the last answer.
        return x[:, -1] if x.dim() == 3 else x


class Layer(nn.Module):
    """One layer, computed from its description."""

    def __init__(self, layer, tensors):
        super().__init__()
        self.layer = layer
        self.inner = []
        if layer["kind"] == "residual":
            for index, inner in enumerate(layer["layers"]):
                start = f"{index}."
                own = {name[len(start):]: tensor for name, tensor in tensors.items() if name.startswith(start)}
                self.add_module(str(index), Layer(inner, own))
                self.inner.append(str(index))
            tensors = {name: tensor for name, tensor in tensors.items() if not name[0].isdigit()}
            projection = {name.split(".")[1]: t for name, t in tensors.items() if name.startswith("projection.")}
            self.projection = nn.ParameterDict(projection)
        elif layer["kind"] == "recurrent":
            self.stack = None
            for name, tensor in tensors.items():
                self.register_parameter(name, nn.Parameter(tensor))
        else:
            for name, tensor in tensors.items():
                if name.startswith("running_"):
                    self.register_buffer(name, tensor)
                else:
                    self.register_parameter(name, nn.Parameter(tensor))

    def get(self, name):
        return getattr(self, name, None)

    def forward(self, x):
        layer, kind = self.layer, self.layer["kind"]
        if kind == "flatten":
            return x.flatten(1)
        if kind == "dense":
            return FUNCTIONS[layer["activation"]](F.linear(x, self.weight, self.get("bias")))
        if kind == "conv":
            padding = [side // 2 for side in layer["kernel"]] if layer["padding"] == "same" else 0
            y = F.conv2d(x, self.weight, self.get("bias"), layer["stride"], padding)
            return FUNCTIONS[layer["activation"]](y)
        if kind == "batch-norm":
            turned = x.transpose(1, 2) if x.dim() == 3 else x
            y = F.batch_norm(turned, self.running_mean, self.running_var, self.weight, self.bias, False, 0.0, layer["eps"])
            return y.transpose(1, 2) if x.dim() == 3 else y
        if kind == "layer-norm":
            return F.layer_norm(x, [x.shape[-1]], self.weight, self.bias, layer["eps"])
        if kind == "max-pool":
            return F.max_pool2d(x, layer["size"], layer["stride"])
        if kind == "avg-pool":
            return F.avg_pool2d(x, layer["size"], layer["stride"])
        if kind == "global-avg-pool":
            return x.mean((2, 3))
        if kind == "dropout":
            return x
        if kind == "activation":
            return FUNCTIONS[layer["function"]](x)
        if kind == "sequence":
            return self.sequence(x)
        if kind == "recurrent":
            return self.recurrent(x)
        if kind == "residual":
            return self.residual(x)
        raise ValueError(f"a layer of kind {kind}: use the network.py of the tchbench that exported it")

    def sequence(self, x):
        by, (samples, channels, height, width) = self.layer["by"], x.shape
        if by == "rows":
            return x.permute(0, 2, 1, 3).reshape(samples, height, channels * width)
        if by == "columns":
            return x.permute(0, 3, 1, 2).reshape(samples, width, channels * height)
        return x.flatten(2).transpose(1, 2)

    def residual(self, x):
        y = x
        for name in self.inner:
            y = self.get_submodule(name)(y)
        if "weight" in self.projection:
            weight, bias = self.projection["weight"], self.projection["bias"] if "bias" in self.projection else None
            stride = self.layer["projection"]["stride"]
            x = F.conv2d(x, weight, bias, stride) if x.dim() == 4 else F.linear(x, weight, bias)
        return FUNCTIONS[self.layer["activation"]](x + y)

    def recurrent(self, x):
        layer, units = self.layer, self.layer["units"]
        directions = ["", "_reverse"] if layer["bidirectional"] else [""]
        for index in range(layer["layers"]):
            outputs = []
            for direction in directions:
                steps = x.flip(1) if direction else x
                y = self.direction(steps, f"l{index}{direction}")
                outputs.append(y.flip(1) if direction else y)
            x = torch.cat(outputs, 2)
        if layer["output"] == "every":
            return x
        if len(directions) == 1:
            return x[:, -1]
        return torch.cat([x[:, -1, :units], x[:, 0, units:]], 1)

    def direction(self, x, suffix):
        cell, units = self.layer["cell"], self.layer["units"]
        w_ih, w_hh, b_ih = (self.get(f"{name}_{suffix}") for name in ("weight_ih", "weight_hh", "bias_ih"))
        b_hh = self.get(f"bias_hh_{suffix}")
        if cell == "gru" and self.layer["reset"] == "before":
            return gru_before(x, w_ih, w_hh, b_ih)
        options = {"nonlinearity": cell[4:]} if cell.startswith("rnn") else {}
        module = {"lstm": nn.LSTM, "gru": nn.GRU}.get(cell, nn.RNN)(x.shape[2], units, batch_first=True, **options)
        b_hh = torch.zeros_like(b_ih) if b_hh is None else b_hh
        named = {"weight_ih_l0": w_ih, "weight_hh_l0": w_hh, "bias_ih_l0": b_ih, "bias_hh_l0": b_hh}
        return torch.func.functional_call(module, named, (x,))[0]


def gru_before(x, w_ih, w_hh, b_ih):
    """A GRU that resets the state before it is multiplied, which PyTorch has not."""
    units, h, outputs = w_hh.shape[1], x.new_zeros(x.shape[0], w_hh.shape[1]), []
    for t in range(x.shape[1]):
        r_x, z_x, n_x = F.linear(x[:, t], w_ih, b_ih).split(units, 1)
        r = torch.sigmoid(r_x + h @ w_hh[:units].T)
        z = torch.sigmoid(z_x + h @ w_hh[units:2 * units].T)
        n = torch.tanh(n_x + (r * h) @ w_hh[2 * units:].T)
        h = (1 - z) * n + z * h
        outputs.append(h)
    return torch.stack(outputs, 1)
