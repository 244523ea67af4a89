"""What a model consists of."""

from collections import Counter
from pathlib import Path

import onnx

STANDARD_DOMAINS = {"", "ai.onnx", "ai.onnx.ml"}


def statistics(path):
    """`nodes` counts bodies and called functions, and no constants; `operators` is the same by type."""
    model = onnx.load(path, load_external_data=False)
    operators = operator_counts(model)
    del operators["Constant"]
    return {
        "nodes": operators.total(),
        "operators": dict(sorted(operators.items())),
        "standard": not any("::" in name for name in operators),
        "bytes": file_bytes(Path(path), model),
        "inputs": [declared(each) for each in model.graph.input],
        "outputs": [declared(each) for each in model.graph.output],
        "opsets": {each.domain or "ai.onnx": each.version for each in model.opset_import},
    }


def operator_counts(model):
    functions = {(each.domain, each.name): each for each in model.functions}
    counts = Counter()

    def count(nodes):
        for node in nodes:
            if (node.domain, node.op_type) in functions:
                count(functions[node.domain, node.op_type].node)
                continue
            counts[operator_name(node)] += 1
            for body in bodies(node):
                count(body.node)

    count(model.graph.node)
    return counts


def operator_name(node):
    return node.op_type if node.domain in STANDARD_DOMAINS else f"{node.domain}::{node.op_type}"


def bodies(node):
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.GRAPH:
            yield attribute.g
        yield from attribute.graphs


def file_bytes(path, model):
    """With the files that hold its weights."""
    locations = {entry.value for tensor in model.graph.initializer for entry in tensor.external_data
                 if entry.key == "location"}
    return path.stat().st_size + sum((path.parent / each).stat().st_size for each in locations)


def declared(value):
    """A graph's input or output as text, to see a dynamic axis frozen: `ids[batch,seq]`."""
    if not value.type.HasField("tensor_type"):
        return value.name
    axes = [each.dim_param or (str(each.dim_value) if each.HasField("dim_value") else "?")
            for each in value.type.tensor_type.shape.dim]
    return f"{value.name}[{','.join(axes)}]"
