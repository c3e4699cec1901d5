"""Writes epochs_LIBRARY.json: what three epochs of training give in a library itself, PyTorch, Keras or TensorFlow 1, in
float64: the losses of each epoch, from weights, images and orders filled by formula; and the root mean square of its
own initial values. Run with torch 2.11.0 for the first, with keras 3.15.1 on tensorflow-cpu 2.21.0 for the others (and
tf_keras 2.21.0 for the last, which keeps TensorFlow 1's layers):

    python3 tests/reference/epochs.py torch > tests/reference/epochs_torch.json
    python3 tests/reference/epochs.py keras > tests/reference/epochs_keras.json
    TF_USE_LEGACY_KERAS=1 python3 tests/reference/epochs.py tf1 > tests/reference/epochs_tf1.json
"""

import json
import math
import os
import sys

import numpy as np

LIBRARY = sys.argv[1]
TRAIN, HELD_OUT, BATCH, EPOCHS, SIDE, CLASSES = 25, 10, 7, 3, 6, 10
STEPS = math.ceil(TRAIN / BATCH)


def dense(units, activation="linear", l2=0.0):
    return {"kind": "dense", "units": units, "activation": activation, "bias": True, "l2": l2}


def conv(filters, l2=0.0):
    return {"kind": "conv", "filters": filters, "kernel": [3, 3], "stride": [1, 1], "padding": "valid",
            "activation": "relu", "bias": True, "l2": l2}


def recurrent(cell, units, layers=1, bidirectional=False, l2=0.0):
    return {"kind": "recurrent", "cell": cell, "units": units, "layers": layers, "bidirectional": bidirectional,
            "output": "last", "reset": "before" if LIBRARY == "tf1" and cell == "gru" else "after",
            "implementation": "fused", "l2": l2}


def sgd(momentum=0.0, nesterov=False):
    return {"kind": "sgd", "lr": 0.05, "momentum": momentum, "nesterov": nesterov}


def adam(eps=1e-7 if LIBRARY == "keras" else 1e-8):
    return {"kind": "adam", "lr": 0.02, "beta1": 0.9, "beta2": 0.999, "eps": eps}


# With betas that single precision holds exactly: Keras has 1 - 0.999^t of its 0.999 in single precision, even in float64.
def adam_with_large_eps():
    return {**adam(1e-2), "beta1": 0.875, "beta2": 1 - 2**-10}


def adamw_with_large_eps():
    return {**adam_with_large_eps(), "kind": "adamw", "weight_decay": 0.1}


def rmsprop(eps):
    return {"kind": "rmsprop", "lr": 0.01, "alpha": 0.9, "eps": eps}


FLATTEN = {"kind": "flatten"}
ROWS = {"kind": "sequence", "by": "rows"}
NORM = {"kind": "batch-norm", "momentum": 0.5, "eps": 1e-3}
CONSTANT = {"kind": "constant"}
FALLING = {"kind": "inverse-time", "decay": 0.25}
# The margin is above what any epoch gains, so the rate falls after the second.
PLATEAU = {"kind": "reduce-on-plateau", "factor": 0.25, "patience": 1, "min_lr": 1e-3,
           **({"threshold": 0.75} if LIBRARY == "torch" else {"min_delta": 5.0})}


def trainings():
    def case(name, *layers, optimizer, schedule=CONSTANT, weight_decay=0.0):
        return {"name": name, "layers": list(layers), "optimizer": optimizer, "schedule": schedule,
                "weight_decay": weight_decay}

    mlp = [FLATTEN, dense(7, "relu"), dense(10)]
    decay, l2 = (0.05, 0.0) if LIBRARY == "torch" else (0.0, 0.025)
    if LIBRARY != "tf1":
        yield case("sgd", *mlp, optimizer=sgd())
        yield case("momentum", *mlp, optimizer=sgd(0.9), schedule=FALLING)
        yield case("nesterov", *mlp, optimizer=sgd(0.9, True), schedule=FALLING)
        yield case("momentum on a plateau", *mlp, optimizer=sgd(0.9), schedule=PLATEAU)
        yield case("rmsprop", *mlp, optimizer=rmsprop(1e-8 if LIBRARY == "torch" else 1e-7))
        yield case("rmsprop, large eps", *mlp, optimizer=rmsprop(1e-2))
        yield case("adamw, large eps", *mlp, optimizer=adamw_with_large_eps())
        # A bias before batch norm has no gradient but rounding errors, which Adam with a small eps would take for one.
        yield case("batch norm", FLATTEN, dense(7), NORM, dense(10), optimizer=adam_with_large_eps())
        yield case("cnn, batch norm, penalty", conv(3, l2), NORM, {"kind": "global-avg-pool"}, dense(10, l2=l2),
                   optimizer=adam_with_large_eps(), schedule=PLATEAU, weight_decay=decay)
        yield case("lstm both ways", ROWS, recurrent("lstm", 4, 1, True), dense(10), optimizer=adam())
    yield case("adam", *mlp, optimizer=adam())
    yield case("adam, large eps", *mlp, optimizer=adam_with_large_eps())
    for cell in ("rnn-tanh", "lstm", "gru"):
        yield case(f"two layers of {cell}", ROWS, recurrent(cell, 5, 2), dense(10), optimizer=adam(1e-3))


class Filled:
    """Parameters in the order in which they are asked for, of PyTorch's shapes, filled by formula."""

    def __init__(self):
        self.count = 0

    def __call__(self, *shape):
        values = 0.3 * np.sin(0.7 * np.arange(math.prod(shape)) + 1.3 * self.count)
        self.count += 1
        return values.reshape(shape)


IMAGES = np.cos(0.13 * np.arange((TRAIN + HELD_OUT) * SIDE * SIDE)).reshape(-1, 1, SIDE, SIDE)
LABELS = np.array([(7 * i * i + 3 * i) % CLASSES for i in range(TRAIN + HELD_OUT)])


def order(epoch):
    return [(k * (epoch + 2) + epoch) % TRAIN for k in range(TRAIN)]


def batches():
    for epoch in range(EPOCHS):
        for start in range(0, TRAIN, BATCH):
            yield order(epoch)[start:start + BATCH]


def cells(layer, inputs, filled, two_biases):
    """The filled weights of each layer and direction of a stack."""
    units, gates = layer["units"], {"lstm": 4, "gru": 3}.get(layer["cell"], 1)
    directions = 2 if layer["bidirectional"] else 1
    for index in range(layer["layers"]):
        for _ in range(directions):
            shapes = [(gates * units, inputs if index == 0 else units * directions), (gates * units, units)]
            yield [filled(*shape) for shape in shapes] + [filled(gates * units) for _ in range(2 if two_biases else 1)]


def root_mean_squares(blocks):
    return [float(np.sqrt(np.mean(np.square(np.asarray(block))))) for block in blocks]


def by_gate(array, gates):
    return np.split(np.asarray(array), gates)


# Initial values: a dense layer from 900 to 200, a convolution of 3 x 3 from 16 to 32 channels, and recurrent layers of 80
# units over 30 features: root mean squares of kernel and bias, or of input kernel, recurrent kernel and biases, gate by gate.
WIDE, UNITS, FEATURES = (900, 200), 80, 30
CELLS = {"rnn-tanh": 1, "lstm": 4, "gru": 3}


def with_torch():
    import torch
    from torch import nn
    from torch.nn import functional as F

    torch.set_default_dtype(torch.float64)
    rules = {"sgd": lambda rule: (torch.optim.SGD, {"momentum": rule["momentum"], "nesterov": rule["nesterov"]}),
             "adam": lambda rule: (torch.optim.Adam, {"betas": (rule["beta1"], rule["beta2"]), "eps": rule["eps"]}),
             "adamw": lambda rule: (torch.optim.AdamW, {"betas": (rule["beta1"], rule["beta2"]), "eps": rule["eps"],
                                                        "weight_decay": rule["weight_decay"]}),
             "rmsprop": lambda rule: (torch.optim.RMSprop, {"alpha": rule["alpha"], "eps": rule["eps"]})}

    class Rows(nn.Module):
        def forward(self, x):
            return x[:, 0]

    class Last(nn.Module):
        def __init__(self, cell):
            super().__init__()
            self.cell, self.units = cell, cell.hidden_size

        def forward(self, x):
            every = self.cell(x)[0]
            if not self.cell.bidirectional:
                return every[:, -1]
            return torch.cat([every[:, -1, :self.units], every[:, 0, self.units:]], 1)

    class Mean(nn.Module):
        def forward(self, x):
            return x.mean((2, 3))

    def build(layers):
        filled, width, built = Filled(), None, []

        def fill(module, *tensors):
            for parameter, tensor in zip(module.parameters(), tensors, strict=True):
                parameter.data = torch.tensor(tensor)
            return module

        for layer in layers:
            kind = layer["kind"]
            if kind == "flatten":
                built.append(nn.Flatten())
                width = SIDE * SIDE
            elif kind == "sequence":
                built.append(Rows())
                width = SIDE
            elif kind == "dense":
                units = layer["units"]
                built.append(fill(nn.Linear(width, units), filled(units, width), filled(units)))
                built += [nn.ReLU()] if layer["activation"] == "relu" else []
                width = units
            elif kind == "conv":
                width = layer["filters"]
                built += [fill(nn.Conv2d(1, width, 3), filled(width, 1, 3, 3), filled(width)), nn.ReLU()]
            elif kind == "batch-norm":
                norm = nn.BatchNorm2d if any(isinstance(one, nn.Conv2d) for one in built) else nn.BatchNorm1d
                built.append(fill(norm(width, layer["eps"], layer["momentum"]), filled(width), filled(width)))
            elif kind == "global-avg-pool":
                built.append(Mean())
            elif kind == "recurrent":
                module = {"lstm": nn.LSTM, "gru": nn.GRU}.get(layer["cell"], nn.RNN)
                cell = module(width, layer["units"], layer["layers"], batch_first=True, bidirectional=layer["bidirectional"])
                built.append(Last(fill(cell, *(one for four in cells(layer, width, filled, True) for one in four))))
                width = layer["units"] * (2 if layer["bidirectional"] else 1)
        return nn.Sequential(*built)

    def train(case):
        model, rule, schedule = build(case["layers"]), case["optimizer"], case["schedule"]
        kind, options = rules[rule["kind"]](rule)
        optimizer = kind(model.parameters(), **{"lr": rule["lr"], "weight_decay": case["weight_decay"], **options})
        falls = schedule["kind"] == "inverse-time"
        rate = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (1 + schedule["decay"] * step)) if falls else None
        plateau = None
        if schedule["kind"] == "reduce-on-plateau":
            # PyTorch reduces after patience + 1 epochs.
            plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(
                optimizer, factor=schedule["factor"], patience=schedule["patience"] - 1, min_lr=schedule["min_lr"],
                threshold=schedule["threshold"])
        images, labels = torch.tensor(IMAGES), torch.tensor(LABELS)
        losses, validation, every = [], [], batches()
        for _ in range(EPOCHS):
            model.train()
            total = 0.0
            for index in [next(every) for _ in range(STEPS)]:
                loss = F.cross_entropy(model(images[index]), labels[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                if rate:
                    rate.step()
                total += loss.item() * len(index)
            losses.append(total / TRAIN)
            model.eval()
            with torch.no_grad():
                validation.append(F.cross_entropy(model(images[TRAIN:]), labels[TRAIN:]).item())
            if plateau:
                plateau.step(validation[-1])
        return losses, validation

    def initial():
        numbers = lambda *tensors: root_mean_squares(tensor.detach() for tensor in tensors)
        yield "dense", numbers(*nn.Linear(*WIDE).parameters())
        yield "conv", numbers(*nn.Conv2d(16, 32, 3).parameters())
        for name, gates in CELLS.items():
            module = {"lstm": nn.LSTM, "gru": nn.GRU}.get(name, nn.RNN)(FEATURES, UNITS)
            yield name, numbers(*(gate for tensor in module.parameters() for gate in tensor.chunk(gates)))

    torch.manual_seed(1)
    return f"torch {torch.__version__.split('+')[0]}", train, dict(initial())


# Keras's gates of a GRU are z, r, h; PyTorch's r, z, n.
def swapped(array):
    r, z, n = by_gate(array, 3)
    return np.concatenate([z, r, n])


def with_keras():
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""}
    import keras
    import tensorflow as tf
    from keras import layers as L

    keras.config.set_floatx("float64")
    keras.utils.set_random_seed(1)
    kinds = {"rnn-tanh": L.SimpleRNN, "lstm": L.LSTM, "gru": L.GRU}

    def build(layers):
        filled, width, built, weights = Filled(), None, [L.Input((SIDE, SIDE, 1))], []
        for layer in layers:
            kind = layer["kind"]
            l2 = keras.regularizers.L2(layer["l2"]) if layer.get("l2") else None
            if kind == "flatten":
                built.append(L.Flatten())
                width = SIDE * SIDE
            elif kind == "sequence":
                built.append(L.Reshape((SIDE, SIDE)))
                width = SIDE
            elif kind == "dense":
                units = layer["units"]
                built.append(L.Dense(units, layer["activation"], kernel_regularizer=l2))
                weights += [filled(units, width).T, filled(units)]
                width = units
            elif kind == "conv":
                width = layer["filters"]
                built.append(L.Conv2D(width, 3, activation="relu", kernel_regularizer=l2))
                weights += [filled(width, 1, 3, 3).transpose(2, 3, 1, 0), filled(width)]
            elif kind == "batch-norm":
                built.append(L.BatchNormalization(momentum=1 - layer["momentum"], epsilon=layer["eps"]))
                weights += [filled(width), filled(width), np.zeros(width), np.ones(width)]
            elif kind == "global-avg-pool":
                built.append(L.GlobalAveragePooling2D())
            elif kind == "recurrent":
                cell, units, both = layer["cell"], layer["units"], layer["bidirectional"]
                arranged = swapped if cell == "gru" else np.asarray
                for kernel, recurrent_kernel, *biases in cells(layer, width, filled, cell == "gru"):
                    bias = [arranged(bias) for bias in biases]
                    weights += [arranged(kernel).T, arranged(recurrent_kernel).T, np.stack(bias) if cell == "gru" else bias[0]]
                for index in range(layer["layers"]):
                    one = kinds[cell](units, return_sequences=index + 1 < layer["layers"], kernel_regularizer=l2)
                    built.append(L.Bidirectional(one) if both else one)
                width = units * (2 if both else 1)
        model = keras.Sequential(built)
        model.set_weights(weights)
        return model

    def optimizer(rule, schedule):
        rate = rule["lr"]
        if schedule["kind"] == "inverse-time":
            rate = keras.optimizers.schedules.InverseTimeDecay(rate, 1, schedule["decay"])
        if rule["kind"] == "sgd":
            return keras.optimizers.SGD(rate, momentum=rule["momentum"], nesterov=rule["nesterov"])
        if rule["kind"] == "rmsprop":
            return keras.optimizers.RMSprop(rate, rho=rule["alpha"], epsilon=rule["eps"])
        moments = {"beta_1": rule["beta1"], "beta_2": rule["beta2"], "epsilon": rule["eps"]}
        if rule["kind"] == "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=rule["weight_decay"], **moments)
        return keras.optimizers.Adam(rate, **moments)

    def train(case):
        model, schedule = build(case["layers"]), case["schedule"]
        model.compile(optimizer(case["optimizer"], schedule), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        callbacks = []
        if schedule["kind"] == "reduce-on-plateau":
            callbacks.append(keras.callbacks.ReduceLROnPlateau(
                factor=schedule["factor"], patience=schedule["patience"], min_lr=schedule["min_lr"],
                min_delta=schedule["min_delta"]))
        images = IMAGES.transpose(0, 2, 3, 1)
        held_out = images[TRAIN:], LABELS[TRAIN:]
        every = ((images[index], LABELS[index]) for index in batches())
        fitted = model.fit(every, steps_per_epoch=STEPS, epochs=EPOCHS, validation_data=held_out, callbacks=callbacks, verbose=0)
        return fitted.history["loss"], fitted.history["val_loss"]

    def initial():
        def numbers(shape, layer, split):
            layer.build((None, *shape))
            return root_mean_squares(block for array in layer.get_weights() for block in split(array))

        yield "dense", numbers(WIDE[:1], L.Dense(WIDE[1]), lambda array: [array])
        yield "conv", numbers((30, 30, 16), L.Conv2D(32, 3), lambda array: [array])
        for name, gates in CELLS.items():
            def split(array):
                blocks = by_gate(np.moveaxis(array, -1, 0), gates)
                r_z_n = [blocks[1], blocks[0], blocks[2]] if name == "gru" else blocks
                # Both bias vectors of a GRU are rows of one matrix.
                two = name == "gru" and array.shape[0] == 2
                return [block[:, row] for row in (0, 1) for block in r_z_n] if two else r_z_n

            yield name, numbers((None, FEATURES), kinds[name](UNITS), split)

    return f"keras {keras.__version__}, tensorflow {tf.__version__}", train, dict(initial())


# TensorFlow 1's gates of an LSTM are i, g, f, o; PyTorch's i, f, g, o. Those of a GRU are r, z, then the candidate, in both.
def as_in_tf1(array):
    i, f, g, o = by_gate(array, 4)
    return np.concatenate([i, g, f, o])


def with_tf1():
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    import tensorflow as tf2
    from tensorflow.python.keras.layers.legacy_rnn import rnn_cell_impl as rnn_cell

    tf = tf2.compat.v1
    tf.disable_eager_execution()
    kinds = {"rnn-tanh": rnn_cell.BasicRNNCell, "lstm": rnn_cell.BasicLSTMCell, "gru": rnn_cell.GRUCell}

    def build(layers, x):
        """The logits, and what is put into each variable, in the order in which they are made."""
        filled, values = Filled(), []
        for layer in layers:
            kind = layer["kind"]
            if kind == "flatten":
                x = tf.reshape(x, (-1, SIDE * SIDE))
            elif kind == "sequence":
                x = tf.reshape(x, (-1, SIDE, SIDE))
            elif kind == "dense":
                inputs, units = x.shape[-1], layer["units"]
                weight, bias = filled(units, inputs).T, filled(units)
                kernel = tf.get_variable(f"kernel{len(values)}", weight.shape, tf.float64)
                shift = tf.get_variable(f"bias{len(values)}", bias.shape, tf.float64)
                values += [(kernel, weight), (shift, bias)]
                x = tf.nn.bias_add(tf.matmul(x, kernel), shift)
                x = tf.nn.relu(x) if layer["activation"] == "relu" else x
            elif kind == "recurrent":
                cell, units = layer["cell"], layer["units"]
                stack = [kinds[cell](units, dtype=tf.float64, name=f"cell{index}") for index in range(layer["layers"])]
                joined = rnn_cell.MultiRNNCell(stack)
                inputs = x.shape[-1]
                x = tf.nn.dynamic_rnn(joined, x, dtype=tf.float64)[0][:, -1]
                for one, (kernel, recurrent_kernel, bias) in zip(stack, cells(layer, inputs, filled, False)):
                    if cell == "gru":
                        gates, both = 2 * units, np.concatenate([kernel, recurrent_kernel], 1)
                        candidate = both[gates:].T
                        values += zip(one.variables, [both[:gates].T, bias[:gates], candidate, bias[gates:]], strict=True)
                    elif cell == "lstm":
                        # TensorFlow adds 1 to the forget gate; here that is a part of the bias.
                        shift = np.concatenate([np.zeros(2 * units), np.ones(units), np.zeros(units)])
                        both = np.concatenate([as_in_tf1(kernel), as_in_tf1(recurrent_kernel)], 1)
                        values += zip(one.variables, [both.T, as_in_tf1(bias) - shift], strict=True)
                    else:
                        values += zip(one.variables, [np.concatenate([kernel, recurrent_kernel], 1).T, bias], strict=True)
        return x, values

    def train(case):
        rule = case["optimizer"]
        with tf.Graph().as_default(), tf.Session() as session:
            images, labels = tf.placeholder(tf.float64, (None, 1, SIDE, SIDE)), tf.placeholder(tf.int64, (None,))
            logits, values = build(case["layers"], images)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
            step = tf.train.AdamOptimizer(rule["lr"], rule["beta1"], rule["beta2"], rule["eps"]).minimize(loss)
            session.run(tf.global_variables_initializer())
            for variable, value in values:
                variable.load(value, session)
            losses, validation, every = [], [], batches()
            for _ in range(EPOCHS):
                total = 0.0
                for index in [next(every) for _ in range(STEPS)]:
                    total += session.run((loss, step), {images: IMAGES[index], labels: LABELS[index]})[0] * len(index)
                losses.append(total / TRAIN)
                validation.append(float(session.run(loss, {images: IMAGES[TRAIN:], labels: LABELS[TRAIN:]})))
            return losses, validation

    def initial():
        with tf.Graph().as_default(), tf.Session() as session:
            tf.set_random_seed(1)
            made = {"dense": [tf.get_variable("dense", WIDE, tf.float64)],
                    "conv": [tf.get_variable("conv", (3, 3, 16, 32), tf.float64)]}
            for name in CELLS:
                cell = kinds[name](UNITS, dtype=tf.float64, name=name)
                cell.build(tf.TensorShape((None, FEATURES)))
                made[name] = cell.variables
            session.run(tf.global_variables_initializer())
            for name, variables in made.items():
                arrays = session.run(variables)
                if name not in CELLS:
                    yield name, [*root_mean_squares(arrays), 0.0]
                    continue
                if name == "gru":
                    joint, bias = np.concatenate([arrays[0], arrays[2]], 1).T, np.concatenate([arrays[1], arrays[3]])
                else:
                    joint, bias = arrays[0].T, arrays[1]
                if name == "lstm":
                    # The same exchange again takes i, g, f, o to i, f, g, o; its forget gate's 1 is a part of the bias.
                    joint, bias = as_in_tf1(joint), as_in_tf1(bias)
                    bias[UNITS:2 * UNITS] += 1.0
                parts = [joint[:, :FEATURES], joint[:, FEATURES:], bias]
                yield name, root_mean_squares(block for part in parts for block in by_gate(part, CELLS[name]))

    return f"tensorflow {tf2.__version__}", train, dict(initial())


def main():
    library, train, initial = {"torch": with_torch, "keras": with_keras, "tf1": with_tf1}[LIBRARY]()
    done = []
    for case in trainings():
        losses, validation = train(case)
        done.append({**case, "train": losses, "validation": validation})
    print(json.dumps({"library": library, "convention": LIBRARY, "initial": initial, "trainings": done}, indent=1))


main()
