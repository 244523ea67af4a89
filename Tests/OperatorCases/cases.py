"""The cases of the `onnx` package, each as models that say more or less about their inputs."""
import pathlib
import pickle
from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator

import contrib
import execution

# What a variant does with the inputs of a case:
# - given: as they are; types have all sizes, values come at run time
# - constant: small tensors of integers, which often say shapes, become initializers
# - symbolic: the same, and every other size is a symbol of its own
# - shared: the same, and equal sizes are the same symbol
VARIANTS = ("given", "constant", "symbolic", "shared")


@dataclass
class Case:
    name: str
    op: str
    model: onnx.ModelProto
    inputs: list
    outputs: list
    rtol: float = 1e-3
    atol: float = 1e-7


@dataclass
class Variant:
    """One model file. Of its inputs and expected values, `stored` holds what check.py needs again."""
    case: str
    op: str
    kind: str
    path: str
    result: str
    symbols: dict
    stored: str
    rtol: float
    atol: float
    engine: dict = field(default_factory=dict)

    def load(self):
        with open(self.stored, "rb") as file:
            return pickle.load(file)


def node_cases():
    from onnx.backend.test.case import node
    cases = node.collect_testcases(None)
    names = {case.name for case in cases}
    for case in cases:
        if case.model is None or not case.data_sets:
            continue
        inputs, outputs = case.data_sets[0]
        yield Case(case.name, operator_of(case, names, cases), case.model, decoded(inputs), decoded(outputs),
                   case.rtol, case.atol)


def decoded(values):
    return [numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value for value in values]


def operator_of(case, names, cases):
    """Expanded cases hold the body of a function operator: they count for that operator."""
    base = case.name.split("_expanded")[0]
    if base != case.name and base in names:
        case = next(c for c in cases if c.name == base)
    nodes = case.model.graph.node
    return qualified(nodes[0]) if nodes else "(none)"


def qualified(node):
    return f"{node.domain}.{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type


def folder_cases():
    """The models that the package has as files, in folders with their inputs and outputs."""
    import onnx.backend.test
    data = pathlib.Path(onnx.backend.test.__file__).parent / "data"
    for path in sorted(data.rglob("*.onnx")):
        sets = sorted(path.parent.glob("test_data_set_*"))
        model = onnx.load(path)
        if not sets:
            # Only made of random weights: what it computes is compared with itself.
            continue
        read = lambda kind, infos: [
            load_value(sets[0] / f"{kind}_{index}.pb", info.type) for index, info in enumerate(infos)]
        initialized = {i.name for i in model.graph.initializer}
        needed = [i for i in model.graph.input if i.name not in initialized]
        yield Case(f"{path.parent.parent.name}/{path.parent.name}", "(model)", model,
                   read("input", needed), read("output", model.graph.output))


def load_value(path, type_proto):
    data = path.read_bytes()
    kind = type_proto.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.to_list(onnx.SequenceProto.FromString(data))
    if kind == "optional_type":
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(data))
    return numpy_helper.to_array(onnx.TensorProto.FromString(data))


def all_cases(pattern):
    for source in (node_cases, folder_cases, contrib.cases):
        for case in source():
            if pattern in case.name:
                yield case


# --- Writing

def write(case, folder):
    """Writes every variant of a case and returns them."""
    stem = case.name.replace("/", "--")
    feeds = dict(zip([i.name for i in case.model.graph.input if not is_initialized(case.model, i)], case.inputs))
    expected = dict(zip([o.name for o in case.model.graph.output], case.outputs))
    expected_all = intermediates(case, feeds) | expected
    variants = []
    for kind in VARIANTS:
        model, kept, symbols = vary(case.model, feeds, kind)
        path = folder / f"{stem}.{kind}.onnx"
        path.write_bytes(model.SerializeToString())
        stored = folder / f"{stem}.{kind}.pickle"
        with open(stored, "wb") as file:
            pickle.dump((kept, expected, expected_all), file)
        variants.append(Variant(
            case.name, case.op, kind, str(path), str(folder / f"{stem}.{kind}.result.onnx"), symbols,
            str(stored), case.rtol, case.atol))
    return variants


def is_initialized(model, value):
    return any(i.name == value.name for i in model.graph.initializer)


def intermediates(case, feeds):
    """Every value of the main graph, where an engine can tell."""
    if len(case.model.graph.node) < 2:
        return {}
    try:
        return execution.all_values(case.model, feeds)
    except Exception:  # pylint: disable=broad-except
        pass
    try:
        values = dict(ReferenceEvaluator(case.model).run(None, feeds, intermediate=True))
    except Exception:  # pylint: disable=broad-except
        return {}
    results = [values[output.name] for output in case.model.graph.output]
    return {} if execution.difference(case.outputs, results, case.rtol, case.atol, only_types=True) else values


def vary(original, feeds, kind):
    model = onnx.ModelProto()
    model.CopyFrom(original)
    for output in model.graph.output:
        if kind != "given" and output.type.HasField("tensor_type"):
            output.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    kept, symbols, inputs = {}, {}, []
    for index, value in enumerate(model.graph.input):
        if value.name not in feeds:
            inputs.append(value)
            continue
        feed = feeds[value.name]
        if kind != "given" and len(feeds) > 1 and says_shapes(feed, original):
            model.graph.initializer.append(numpy_helper.from_array(np.asarray(feed), value.name))
            continue
        if kind in ("symbolic", "shared") and isinstance(feed, (np.ndarray, np.generic)):
            name_sizes(value, np.asarray(feed).shape, index, kind, symbols)
        kept[value.name] = feed
        inputs.append(value)
    copies = [onnx.ValueInfoProto.FromString(i.SerializeToString()) for i in inputs]
    del model.graph.input[:]
    model.graph.input.extend(copies)
    return model, kept, symbols


def says_shapes(feed, model):
    if not isinstance(feed, (np.ndarray, np.generic)):
        return False
    feed = np.asarray(feed)
    real = feed.dtype == np.float32 and {n.op_type for n in model.graph.node} & {"Resize", "Range", "Upsample"}
    return feed.ndim <= 1 and feed.size <= 16 and (feed.dtype in (np.int64, np.int32, np.bool_) or bool(real))


def name_sizes(value, shape, index, kind, symbols):
    if not value.type.HasField("tensor_type"):
        return
    for axis, size in enumerate(value.type.tensor_type.shape.dim):
        # A symbol that is 1 may be broadcast; as one of several equal sizes that would be no fair question.
        if kind == "shared" and shape[axis] <= 1:
            continue
        name = f"s{index}_{axis}" if kind == "symbolic" else f"d{shape[axis]}"
        size.ClearField("dim_value")
        size.dim_param = name
        symbols[name] = int(shape[axis])
