"""Writes three models: a residual block with its head, 24 layers of a transformer, and 10,000 nodes of such layers."""

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from peer_comparison.chains import Chain, InternalWeights, write_chain


def main(ten, layers, chain):
    write_ten(ten)
    write_layers(Path(layers), 24)
    write_chain(chain, 10_000)


def write_layers(path, count):
    """Named by layer, as exporters do; the nodes of `write_chain` have plain names."""
    chain = Chain(InternalWeights(), width=32, heads=4)
    for layer in range(count):
        first = len(chain.nodes)
        chain.block()
        for node in chain.nodes[first:]:
            node.name = f"/layers.{layer}/{node.name}"
    chain.write(path)


def write_ten(path):
    random, weights = np.random.default_rng(0), []

    def weight(*shape):
        values = random.random(shape, dtype=np.float32)
        weights.append(numpy_helper.from_array(values, f"w{len(weights)}"))
        return weights[-1].name

    def normalized(value, result):
        return [helper.make_node("Conv", [value, weight(8, 8, 3, 3)], [f"{result}_conv"], pads=[1, 1, 1, 1]),
                helper.make_node("BatchNormalization", [f"{result}_conv", *(weight(8) for _ in range(4))], [result])]

    nodes = [
        *normalized("x", "a"), helper.make_node("Relu", ["a"], ["b"]), *normalized("b", "c"),
        helper.make_node("Add", ["c", "x"], ["d"]), helper.make_node("Relu", ["d"], ["e"]),
        helper.make_node("GlobalAveragePool", ["e"], ["f"]), helper.make_node("Flatten", ["f"], ["g"]),
        helper.make_node("Gemm", ["g", weight(8, 4)], ["y"]),
    ]
    for index, node in enumerate(nodes):
        node.name = f"{node.op_type}_{index}"
    ends = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 8, 16, 16]),
            helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 4])]
    graph = helper.make_graph(nodes, "ten", ends[:1], ends[1:], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


if __name__ == "__main__":
    main(*sys.argv[1:])
