"""Chains of transformer blocks as TorchScript's exporter writes them, to see how cost grows with the model.

A block has 79 nodes: layer norms and GELU written out, attention with a Shape → Gather → Unsqueeze → Concat chain
for each Reshape. Batch and length are dynamic.
"""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .workspace import description_of

INPUTS = [{"name": "x", "kind": "normal"}]
DRAWS = [{"batch": 1, "seq": 8}, {"batch": 2, "seq": 5}, {"batch": 3, "seq": 16}]
LARGE_BLOCKS, LARGE_WIDTH, LARGE_HEADS = 20, 2048, 16


def write_chain(target, nodes, width=32, heads=4):
    """At least so many nodes, in whole blocks; weights inside."""
    chain = Chain(InternalWeights(), width, heads)
    while len(chain.nodes) < nodes:
        chain.block()
    chain.write(Path(target))


def write_large(target):
    """Twenty blocks with 4 GB of weights, in a file beside the model."""
    with open(f"{target}.data", "wb") as file:
        chain = Chain(ExternalWeights(file), LARGE_WIDTH, LARGE_HEADS)
        for _ in range(LARGE_BLOCKS):
            chain.block()
    chain.write(Path(target))


class InternalWeights:
    def __init__(self):
        self.random = np.random.default_rng(0)

    def tensor(self, name, shape, scale):
        values = self.random.standard_normal(shape).astype(np.float32) * np.float32(scale)
        return numpy_helper.from_array(values, name)


class ExternalWeights:
    """Writes values as they are made; no two tensors are equal."""

    def __init__(self, file):
        self.file = file
        self.tile = np.random.default_rng(0).standard_normal(1 << 20).astype(np.float32)
        self.count = 0

    def tensor(self, name, shape, scale):
        self.count += 1
        values = (self.tile + np.float32(1e-3 * self.count)) * np.float32(scale)
        offset, left = self.file.tell(), int(np.prod(shape))
        while left > 0:
            self.file.write(values[:left].tobytes())
            left -= values.size
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape,
                             data_location=TensorProto.EXTERNAL)
        place = {"location": Path(self.file.name).name, "offset": offset, "length": self.file.tell() - offset}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        return tensor


class Chain:
    """Grows by a block at a time; `value` is the name of what the last one computes."""

    def __init__(self, weights, width, heads):
        self.weights, self.width, self.heads = weights, width, heads
        self.nodes, self.initializers, self.value = [], [], "x"

    def block(self):
        attended = self.attention(self.layer_norm(self.value))
        self.value = self.op("Add", self.op("Identity", attended), self.value)
        hidden = self.gelu(self.linear(self.layer_norm(self.value), self.width, 4 * self.width))
        self.value = self.op("Add", self.linear(hidden, 4 * self.width, self.width), self.value)

    def attention(self, x):
        depth = self.width // self.heads
        query, key, value = (self.heads_first(x, depth) for _ in range(3))
        products = self.op("MatMul", query, self.op("Transpose", key, perm=[0, 1, 3, 2]))
        shares = self.op("Softmax", self.op("Div", products, self.number(depth ** 0.5)), axis=-1)
        mixed = self.op("Transpose", self.op("MatMul", shares, value), perm=[0, 2, 1, 3])
        return self.linear(self.reshaped(mixed, x, [self.width]), self.width, self.width)

    def heads_first(self, x, depth):
        split = self.reshaped(self.linear(x, self.width, self.width), x, [self.heads, depth])
        return self.op("Transpose", split, perm=[0, 2, 1, 3])

    def reshaped(self, x, like, tail):
        """To the first two dimensions of `like`, computed, and the constant ones of `tail`."""
        dimensions = [self.op("Unsqueeze", self.op("Gather", self.op("Shape", like), self.integers(axis), axis=0),
                              self.integers([0])) for axis in (0, 1)]
        target = self.op("Concat", *dimensions, *(self.integers([each]) for each in tail), axis=0)
        return self.op("Reshape", x, target)

    def layer_norm(self, x):
        centred = self.op("Sub", x, self.op("ReduceMean", x, axes=[-1], keepdims=1))
        squares = self.op("Pow", centred, self.number(2))
        variance = self.op("ReduceMean", squares, axes=[-1], keepdims=1)
        deviation = self.op("Sqrt", self.op("Add", variance, self.number(1e-5)))
        scaled = self.op("Mul", self.op("Div", centred, deviation), self.weight([self.width], 1))
        return self.op("Add", scaled, self.weight([self.width], 0.1))

    def gelu(self, x):
        error = self.op("Erf", self.op("Div", x, self.number(2 ** 0.5)))
        return self.op("Mul", self.op("Mul", x, self.op("Add", error, self.number(1))), self.number(0.5))

    def linear(self, x, rows, columns):
        product = self.op("MatMul", x, self.weight([rows, columns], rows ** -0.5))
        return self.op("Add", product, self.weight([columns], 0.1))

    def op(self, operator, *inputs, **attributes):
        name = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def weight(self, shape, scale):
        return self.keep(self.weights.tensor(f"w_{len(self.initializers)}", shape, scale))

    def number(self, value):
        return self.constant(np.float32(value))

    def integers(self, values):
        return self.constant(np.int64(values))

    def constant(self, values):
        return self.keep(numpy_helper.from_array(np.asarray(values), f"c_{len(self.initializers)}"))

    def keep(self, tensor):
        self.initializers.append(tensor)
        return tensor.name

    def write(self, path):
        self.nodes.append(helper.make_node("Identity", [self.value], ["y"], name="y"))
        shape = ["batch", "seq", self.width]
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name in "xy"]
        graph = helper.make_graph(self.nodes, "chain", ends[:1], ends[1:], self.initializers)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
        inputs = [each | {"shape": shape} for each in INPUTS]
        description_of(path).write_text(json.dumps({"inputs": inputs, "draws": DRAWS}))
