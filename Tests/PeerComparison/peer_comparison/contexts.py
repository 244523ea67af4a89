"""Where operators stand: what makes their inputs and what takes their output, counted."""

from collections import Counter, defaultdict

import onnx

from .statistics import bodies, operator_name


def contexts(path):
    """{"Add, constant → Reshape → Transpose": 12, …}"""
    counts = Counter()
    for graph in graphs(onnx.load(path, load_external_data=False).graph):
        count(graph, counts)
    return counts


def graphs(graph):
    yield graph
    for node in graph.node:
        for body in bodies(node):
            yield from graphs(body)


def count(graph, counts):
    origin = {each.name: "input" for each in graph.input} | {each.name: "constant" for each in graph.initializer}
    users = defaultdict(list)
    for node in graph.node:
        origin |= {output: "constant" if node.op_type == "Constant" else operator_name(node) for output in node.output}
        for name in node.input:
            users[name].append(operator_name(node))
    for each in graph.output:
        users[each.name].append("output")
    counts.update(surroundings(node, origin, users) for node in graph.node if node.op_type != "Constant")


def surroundings(node, origin, users):
    sources = [origin.get(name, "outer") if name else "-" for name in node.input]
    takers = sorted({user for name in node.output for user in users[name]})
    return f"{', '.join(sources)} → {operator_name(node)} → {', '.join(takers)}"
