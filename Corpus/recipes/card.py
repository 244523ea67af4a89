"""What every recipe shares: where models lie, how arrays are saved, and how a card is written.

A card's metric is measured here, by ONNX Runtime, on the exported file and eval.npz
as they were written: never by the training framework on the model in memory.
"""

import importlib.metadata
import json
import platform
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

MODELS = Path(__file__).resolve().parent.parent / "models"


def folder(name):
    path = MODELS / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def save_arrays(path, **arrays):
    """Write an .npz; numpy stamps every entry with the same date, so equal arrays give equal files."""
    np.savez_compressed(path, **{key: np.ascontiguousarray(value) for key, value in arrays.items()})


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(path, arrays, batch=500):
    """Outputs of the model on arrays named as its inputs, cast to its element types."""
    runner = session(path)
    element = {"tensor(float)": np.float32, "tensor(int64)": np.int64}
    feeds = {i.name: arrays[i.name].astype(element[i.type]) for i in runner.get_inputs()}
    count = len(next(iter(feeds.values())))
    parts = [runner.run(None, {name: value[at:at + batch] for name, value in feeds.items()})
             for at in range(0, count, batch)]
    return [np.concatenate(column) for column in zip(*parts)]


def accuracy(name, output=0):
    """Share of eval.npz that the exported model labels rightly; a 2-D output is arg-maxed."""
    arrays = np.load(folder(name) / "eval.npz")
    answer = run(folder(name) / "model.onnx", arrays)[output]
    answer = answer.argmax(1) if answer.ndim == 2 else answer
    return float((answer == arrays["labels"]).mean())


def agreement(name, reference, output=0):
    """Largest difference between the exported model and `reference` on calib.npz."""
    answer = run(folder(name) / "model.onnx", np.load(folder(name) / "calib.npz"))[output]
    return float(np.abs(answer.astype(np.float64) - reference).max())


def write(name, packages, output=0, **fields):
    """Check the model, measure it, and write its card."""
    path = folder(name)
    model = onnx.load(path / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    operators = Counter((f"{node.domain}." if node.domain else "") + node.op_type for node in model.graph.node)
    described = {
        "name": name,
        **fields,
        "metric": {"name": "accuracy", "value": round(accuracy(name, output), 6), "arrays": "eval.npz",
                   "output": model.graph.output[output].name,
                   "measured_by": f"onnxruntime {onnxruntime.__version__}, CPU, float32"},
        "bytes": (path / "model.onnx").stat().st_size,
        "opset": {entry.domain or "ai.onnx": entry.version for entry in model.opset_import},
        "nodes": len(model.graph.node),
        "operators": dict(sorted(operators.items())),
        "versions": {"python": platform.python_version(),
                     **{package: importlib.metadata.version(package) for package in packages}},
    }
    (path / "card.json").write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n")
    print(f"{name}: accuracy {described['metric']['value']}, {described['nodes']} nodes, {described['bytes']} bytes")
