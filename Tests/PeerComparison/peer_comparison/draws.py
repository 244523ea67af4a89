"""Seeded inputs for a graph, at the sizes of one draw of its dynamic dimensions."""

import json

import numpy as np

SEED = 1000


def count(description):
    return len(load(description)["draws"])


def load(description):
    with open(description) as file:
        return json.load(file)


def feeds(description, draw, types):
    """Arrays by input name. `description` is the file beside an export; an input without a NumPy type is left out."""
    plan = load(description)
    return drawn(plan["inputs"], plan["draws"][draw], types, SEED + draw)


def drawn(inputs, sizes, types, seed):
    generator = np.random.default_rng(seed)
    arrays = {each["name"]: array(each, sizes, generator) for each in inputs}
    return {name: value.astype(types[name]) for name, value in arrays.items() if name in types}


def array(each, sizes, generator):
    shape = [sizes.get(size, size) for size in each["shape"]]
    kind = each["kind"]
    if kind == "ids":
        return generator.integers(0, each["limit"], shape)
    if kind == "uniform":
        return generator.random(shape)
    if kind == "normal":
        return generator.standard_normal(shape)
    values = np.ones(shape)
    if kind == "mask":
        values[-1, max(1, shape[1] * 2 // 3):] = 0
    return values
