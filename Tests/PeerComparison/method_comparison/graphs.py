"""What both ablation and pruning do with graphs."""


def operator_count(model):
    return sum(node.op_type != "Identity" for node in model.graph.node)


def without_dead_nodes(model):
    """Nodes and weights that no output needs go."""
    graph = model.graph
    needed = {output.name for output in graph.output}
    for index in reversed(range(len(graph.node))):
        node = graph.node[index]
        if needed & set(node.output):
            needed |= set(node.input)
        else:
            del graph.node[index]
    for index in reversed(range(len(graph.initializer))):
        if graph.initializer[index].name not in needed:
            del graph.initializer[index]
    return model


def readers(graph, name):
    return [node for node in graph.node if name in node.input]
