"""Writes optimizers.json: two weights after each of 12 steps of PyTorch's own optimizers in float64,
under gradients sin(3 t + i) for step t (from 1) and weight i. Run with torch 2.11.0:

    python3 tests/reference/optimizers.py > tests/reference/optimizers.json
"""

import json

import torch

torch.set_default_dtype(torch.float64)
RULES = [
    ({"kind": "sgd", "lr": 0.1, "momentum": 0.0, "nesterov": False}, torch.optim.SGD, {}),
    ({"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": False}, torch.optim.SGD, {"momentum": 0.9}),
    ({"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True}, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    ({"kind": "adam", "lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-7}, torch.optim.Adam, {"betas": (0.9, 0.99), "eps": 1e-7}),
    ({"kind": "adamw", "lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-7, "weight_decay": 0.2}, torch.optim.AdamW, {"betas": (0.9, 0.99), "eps": 1e-7, "weight_decay": 0.2}),
    ({"kind": "rmsprop", "lr": 0.1, "alpha": 0.9, "eps": 1e-7}, torch.optim.RMSprop, {"alpha": 0.9, "eps": 1e-7}),
]


def run(rule, optimizer, options, decay):
    weight = torch.tensor([1.0, -0.5], requires_grad=True)
    optimizer = optimizer([weight], **{"lr": 0.1, "weight_decay": decay, **options})
    weights = []
    for step in range(1, 13):
        weight.grad = torch.sin(3.0 * step + torch.arange(2.0))
        optimizer.step()
        weights.append(weight.tolist())
    return {"rule": rule, "weight_decay": decay, "weights": weights}


print(json.dumps([run(*rule, decay) for rule in RULES
                  for decay in ((0.0,) if rule[0]["kind"] == "adamw" else (0.0, 0.1))], indent=1))
