"""Channels of least magnitude go, without a repair: what L1 and L2 pruning do before anybody trains again.

Only hidden channels are pruned, those between a linear operator and the one linear operator that reads it.
"""

import dataclasses

import numpy
import onnx
from onnx import numpy_helper

from .graphs import readers

PASSED_THROUGH = {
    "Relu", "Clip", "Sigmoid", "HardSwish", "LeakyRelu", "Gelu", "Tanh", "Elu", "MaxPool", "AveragePool"}
LINEAR = {"Conv", "Gemm", "MatMul"}
FEWEST_LEFT = 0.1


def magnitude_pruning(order, share=1):
    """Prunes as many channels as that share of the budget allows, found by halving; `order` is that of the norm."""
    def run(task, target):
        samples, scratch = task.samples(), target.with_suffix(".trial.onnx")
        model, floor = onnx.load(task.exact), task.floor(samples, share)
        channels = ranked_channels(model, order)
        held, lost = 0, len(channels) + 1
        while lost - held > 1:
            middle = (held + lost) // 2
            onnx.save(pruned(model, channels[:middle]), scratch)
            accuracy = task.evaluate(scratch, samples)
            if accuracy is not None and accuracy >= floor:
                held = middle
            else:
                lost = middle
        onnx.save(pruned(model, channels[:held]), target)
        scratch.unlink(missing_ok=True)
    return run


@dataclasses.dataclass(frozen=True)
class Pair:
    """A linear operator, parameters of its channels that follow, and the operator that reads them."""
    weight: str
    axis: int
    biases: tuple
    next_weight: str
    next_axis: int


def hidden_pairs(graph):
    weights = {each.name: each for each in graph.initializer}
    uses = lambda name: sum(list(node.input).count(name) for node in graph.node)
    for node in graph.node:
        if node.op_type not in LINEAR or len(node.input) < 2 or node.input[1] not in weights or grouped(node):
            continue
        biases, value = tuple(node.input[2:3]), node.output[0]
        following = only_reader(graph, value)
        while following is not None and following.op_type not in LINEAR:
            constants = [name for name in following.input if name in weights]
            if following.op_type == "Add" and len(constants) == 1:
                biases += tuple(constants)
            elif following.op_type not in PASSED_THROUGH:
                following = None
                break
            value = following.output[0]
            following = only_reader(graph, value)
        if following is None or grouped(following) or following.input[0] != value:
            continue
        names = {node.input[1], following.input[1], *biases}
        if not names <= set(weights) or any(uses(name) != 1 for name in names):
            continue
        axis, next_axis = output_axis(node), input_axis(following)
        size = weights[node.input[1]].dims[axis]
        if size != weights[following.input[1]].dims[next_axis]:
            continue
        yield Pair(node.input[1], axis, biases, following.input[1], next_axis)


def only_reader(graph, value):
    found = readers(graph, value)
    is_output = any(value == output.name for output in graph.output)
    return found[0] if len(found) == 1 and not is_output else None


def grouped(node):
    return any(each.name == "group" and each.i != 1 for each in node.attribute)


def transposed(node):
    return any(each.name == "transB" and each.i == 1 for each in node.attribute)


def output_axis(node):
    return 0 if node.op_type == "Conv" or transposed(node) else 1


def input_axis(node):
    return 1 if node.op_type == "Conv" or transposed(node) else 0


def ranked_channels(model, order):
    """(pair, channel), the least norm relative to the layer's mean first; some of each layer stay."""
    weights = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    ranked = []
    for pair in hidden_pairs(model.graph):
        weight = numpy.moveaxis(weights[pair.weight], pair.axis, 0)
        norms = numpy.linalg.norm(weight.reshape(len(weight), -1), ord=order, axis=1)
        going = numpy.argsort(norms, kind="stable")[:int(len(norms) * (1 - FEWEST_LEFT))]
        ranked += [(norms[index] / norms.mean(), pair, int(index)) for index in going]
    ranked.sort(key=lambda each: (each[0], each[1].weight, each[2]))
    return [(pair, index) for _, pair, index in ranked]


def pruned(model, channels):
    result = onnx.ModelProto()
    result.CopyFrom(model)
    weights = {each.name: each for each in result.graph.initializer}
    going = {}
    for pair, index in channels:
        going.setdefault(pair, []).append(index)
    for pair, indices in going.items():
        delete(weights[pair.weight], indices, pair.axis)
        delete(weights[pair.next_weight], indices, pair.next_axis)
        for bias in pair.biases:
            delete(weights[bias], indices, -1)
    # Shapes that were written down are those from before.
    del result.graph.value_info[:]
    return result


def delete(weight, indices, axis):
    array = numpy_helper.to_array(weight)
    if axis == -1 and array.size == 1:
        return
    weight.CopyFrom(numpy_helper.from_array(numpy.delete(array, indices, axis), weight.name))
