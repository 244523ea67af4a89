"""How far a simplified model's answers are from the original's: in ONNX Runtime, its own optimizations off."""

import numpy as np
import onnxruntime

from . import draws

NUMPY_TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64}


def session(path, level="ORT_DISABLE_ALL"):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, level)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def input_types(runner):
    return {each.name: NUMPY_TYPES[each.type] for each in runner.get_inputs()}


def write_reference(model, description, target):
    """Inputs and outputs of every draw as arrays `0/in/<name>` and `0/out/<place>`."""
    runner = session(model)
    arrays = {}
    for draw in range(draws.count(description)):
        feeds = draws.feeds(description, draw, input_types(runner))
        arrays |= {f"{draw}/in/{name}": value for name, value in feeds.items()}
        arrays |= {f"{draw}/out/{place}": value for place, value in enumerate(runner.run(None, feeds))}
    np.savez(target, **arrays)


def compare(model, reference):
    """{"relative": largest difference, "mismatches": integers that differ}, or {"error": what is wrong}."""
    arrays = np.load(reference)
    runner = session(model)
    known = {each.name for each in runner.get_inputs()}
    relative, mismatches = 0.0, 0
    for draw in sorted({key.split("/")[0] for key in arrays.files}):
        feeds, expected = recorded(arrays, draw)
        answers = runner.run(None, {name: value for name, value in feeds.items() if name in known})
        if len(answers) != len(expected):
            return {"error": f"{len(answers)} outputs instead of {len(expected)}"}
        for place, (want, got) in enumerate(zip(expected, answers)):
            if want.shape != got.shape or want.dtype != got.dtype:
                return {"error": f"output {place} of draw {draw} is {got.dtype}{list(got.shape)} "
                                 f"instead of {want.dtype}{list(want.shape)}"}
            distance, differing = difference(want, got)
            relative, mismatches = max(relative, distance), mismatches + differing
    return {"relative": relative, "mismatches": mismatches}


def recorded(arrays, draw):
    inputs, outputs = f"{draw}/in/", f"{draw}/out/"
    feeds = {key.removeprefix(inputs): arrays[key] for key in arrays.files if key.startswith(inputs)}
    places = sum(key.startswith(outputs) for key in arrays.files)
    return feeds, [arrays[f"{outputs}{place}"] for place in range(places)]


def difference(want, got):
    """(largest difference over largest magnitude, elements that differ though they must not)"""
    if want.size == 0:
        return 0.0, 0
    if not np.issubdtype(want.dtype, np.floating):
        return 0.0, int((want != got).sum())
    strange = ~np.isfinite(want) | ~np.isfinite(got)
    mismatches = int((strange & ~((want == got) | (np.isnan(want) & np.isnan(got)))).sum())
    want, got = (np.where(strange, 0, each).astype(np.float64) for each in (want, got))
    return float(np.abs(want - got).max() / (np.abs(want).max() or 1.0)), mismatches
