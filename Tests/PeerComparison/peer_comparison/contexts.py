"""Where operators stand: what makes their inputs and what takes their output, counted."""

from collections import Counter, defaultdict

import onnx

from .statistics import bodies, operator_name


def contexts(path, operators):
    """{operator: [["Add, constant → Reshape → Transpose", 12], …]}, most frequent first."""
    graph = onnx.load(path, load_external_data=False).graph
    counts = {each: Counter() for each in operators}
    for each in graphs(graph):
        count(each, counts)
    return {each: counts[each].most_common() for each in operators}


def graphs(graph):
    yield graph
    for node in graph.node:
        for body in bodies(node):
            yield from graphs(body)


def count(graph, counts):
    origin = {each.name: "constant" for each in graph.initializer}
    origin |= {each.name: "input" for each in graph.input if each.name not in origin}
    users = defaultdict(list)
    for node in graph.node:
        origin |= {output: "constant" if node.op_type == "Constant" else operator_name(node) for output in node.output}
        for name in node.input:
            users[name].append(operator_name(node))
    for each in graph.output:
        users[each.name].append("output")
    for node in graph.node:
        if operator_name(node) in counts:
            counts[operator_name(node)][surroundings(node, origin, users)] += 1


def surroundings(node, origin, users):
    sources = [origin.get(name, "outer") if name else "-" for name in node.input]
    takers = sorted({user for name in node.output for user in users[name]})
    return f"{', '.join(sources)} → {operator_name(node)} → {', '.join(takers)}"
