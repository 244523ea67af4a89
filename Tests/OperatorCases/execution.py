"""Runs models with ONNX Runtime, its optimizations off, or with the reference evaluator, in a process of their own:
a runtime that crashes costs one case."""
import pathlib
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import ml_dtypes
import numpy as np
import onnx

SECONDS = 60

# Their results differ from run to run.
RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"}


class Engines:
    """`run` returns (outputs, None), or (None, why not)."""

    def __init__(self):
        self.pool = None

    def run(self, engine, path, feeds):
        if self.pool is None:
            self.pool = ProcessPoolExecutor(max_workers=1)
        try:
            return self.pool.submit(run_here, engine, path, feeds).result()
        except BrokenProcessPool:
            self.pool = None
            return None, "the engine crashed"

    def close(self):
        if self.pool is not None:
            self.pool.shutdown()


def run_here(engine, path, feeds):
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(SECONDS)
    try:
        return (runtime if engine == "onnxruntime" else reference)(path, feeds), None
    except Exception as error:  # pylint: disable=broad-except
        return None, first_line(error)
    finally:
        signal.alarm(0)


def give_up(*_):
    raise TimeoutError(f"took more than {SECONDS} s")


def first_line(error):
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:160]


def session_of(model, folder=None):
    """A session for a path or a model's bytes; `folder` has the weights of bytes that keep them elsewhere."""
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    if folder:
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def all_values(original, feeds, folder=None):
    """Every value that a node of the main graph gives, from ONNX Runtime."""
    model = onnx.ModelProto()
    model.CopyFrom(original)
    declared = {output.name for output in model.graph.output}
    for node in model.graph.node:
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in node.output if name not in declared | {""})
    for output in model.graph.output:
        output.ClearField("type")
    session = session_of(model.SerializeToString(), folder)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, arrays(feeds))))


def arrays(feeds):
    return {name: np.asarray(feed) if isinstance(feed, np.generic) else feed for name, feed in feeds.items()}


def runtime(path, feeds):
    feeds = arrays(feeds)
    session = session_of(path)
    if any(is_narrow(feed) for feed in feeds.values()) or any(
            "bfloat16" in o.type or "float8" in o.type or "int4" in o.type for o in session.get_outputs()):
        raise NotImplementedError("the runtime's Python interface has no such element type")
    return session.run(None, feeds)


def is_narrow(feed):
    return isinstance(feed, np.ndarray) and feed.dtype.kind == "V" or getattr(
        getattr(feed, "dtype", None), "type", type(None)).__module__ == "ml_dtypes"


def reference(path, feeds):
    from onnx.reference import ReferenceEvaluator
    return ReferenceEvaluator(onnx.load(path)).run(None, feeds)


def is_random(path):
    def holds(graph):
        return any(
            node.op_type in RANDOM or node.op_type == "Dropout" and len(node.input) > 2 or any(
                holds(a.g) for a in node.attribute if a.HasField("g"))
            for node in graph.node)
    model = onnx.ModelProto.FromString(pathlib.Path(path).read_bytes())
    return holds(model.graph) or any(holds(function) for function in model.functions)


def difference(expected, actual, rtol, atol, only_types=False, units=0):
    """None, or how the values differ. `rtol` is at least so many units in the last place of the element type."""
    if isinstance(expected, (list, tuple)):
        if not isinstance(actual, (list, tuple)) or len(expected) != len(actual):
            return "another number of elements"
        found = (difference(e, a, rtol, atol, only_types, units) for e, a in zip(expected, actual))
        return next((text for text in found if text), None)
    if isinstance(expected, dict):
        return None if expected == actual else "another map"
    if expected is None or actual is None:
        return None if expected is None and actual is None else "a value on one side only"
    expected, actual = np.asarray(expected), np.asarray(actual)
    if expected.shape != actual.shape:
        return f"shape {actual.shape}, not {expected.shape}"
    if expected.dtype.kind in "OUST" or actual.dtype.kind in "OUST":
        same = only_types or [str(e) for e in expected.reshape(-1)] == [str(a) for a in actual.reshape(-1)]
        return None if same else "other strings"
    if expected.dtype != actual.dtype:
        return f"type {actual.dtype}, not {expected.dtype}"
    if only_types:
        return None
    if units and expected.dtype.kind == "f":
        rtol = max(rtol, units * float(ml_dtypes.finfo(expected.dtype).eps))
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    expected, actual = expected.astype(wide), actual.astype(wide)
    if np.allclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True):
        return None
    with np.errstate(all="ignore"):
        return f"off by {np.nanmax(np.abs(actual - expected)):.3g}"
