"""Compares inference on whole models with the shapes of every value at run time."""
import collections
import json
import pathlib
import re
import subprocess

import numpy as np
import onnx
from onnx import helper

import execution
import inference

# What symbols stand for, in the order in which a model names them: different sizes, so that none passes for another.
SIZES = ((2, 7, 5, 11, 3, 13), (3, 5, 8, 6, 9, 4))
IMAGE_SIZES = ((64, 96), (96, 32))


def check(tool, models, folder, pattern):
    findings = inference.Findings()
    for path in sorted(p for p in models.rglob("*.onnx") if pattern in str(p)):
        label = str(path.relative_to(models))
        for sizes in range(len(SIZES)):
            try:
                values, symbols = run(path, sizes)
            except Exception as error:  # pylint: disable=broad-except
                print(f"{label}: cannot be run: {str(error).strip().splitlines()[0][:160]}")
                continue
            before = len(findings.wrong)
            report = inferred(tool, path, symbols, folder)
            if report.get("error"):
                findings.wrong.append(f"{label}: {report['error']}")
                continue
            counts = collections.Counter({what: findings.total(what) for what in ("complete", "sizes", "shape", "type")})
            findings.compare_values(label, "exported", report["values"], values)
            gained = {what: findings.total(what) - counts[what] for what in counts}
            print(f"{label}: {gained} wrong {len(findings.wrong) - before}, {report['milliseconds']:.0f} ms")
    print(findings.summary())
    unknown = collections.Counter()
    for (op, _), counts in findings.counts.items():
        unknown[op] += sum(counts.values()) - counts["complete"]
    print("unknown by operator:", {op: count for op, count in unknown.most_common(40) if count})
    for text in findings.wrong[:60]:
        print(f"  wrong: {text}")
    return 1 if findings.wrong else 0


def inferred(tool, path, symbols, folder):
    listing = folder / "list.txt"
    listing.write_text("\t".join([str(path), "", *(f"{name}={size}" for name, size in symbols.items())]) + "\n")
    done = subprocess.run([tool, "check", str(listing)], capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": f"the tool ended with {done.returncode}: {done.stderr[-200:]}"}
    return json.loads(done.stdout)


def run(path, round_number):
    """The values of every node of the main graph, and what the symbols stand for."""
    model = onnx.load(path, load_external_data=False)
    feeds, symbols = make_feeds(model, path, round_number)
    return execution.all_values(model, feeds, pathlib.Path(path).resolve().parent), symbols


def make_feeds(model, path, round_number):
    rng = np.random.default_rng(round_number)
    initialized = {i.name for i in model.graph.initializer}
    inputs = [i for i in model.graph.input if i.name not in initialized]
    symbols = given_symbols(path, inputs, round_number) or choose_symbols(inputs, round_number)
    feeds = {}
    for value in inputs:
        tensor = value.type.tensor_type
        shape = [size_of(d, symbols) for d in tensor.shape.dim]
        feeds[value.name] = make_feed(value.name, helper.tensor_dtype_to_np_dtype(tensor.elem_type), shape, rng)
    return feeds, symbols


def make_feed(name, kind, shape, rng):
    if np.issubdtype(kind, np.integer):
        highest = 2 if "mask" in name or "type" in name or "segment" in name else 50
        return rng.integers(1 if "mask" in name else 0, highest, shape).astype(kind)
    if kind == np.bool_:
        return np.ones(shape, kind)
    return rng.normal(size=shape).astype(kind)


def given_symbols(path, inputs, round_number):
    """From `MODEL.inputs.json` beside the model, which Tests/PeerComparison writes: axes have names there, and those
    names sizes."""
    description = pathlib.Path(path).with_suffix(".inputs.json")
    if not description.exists() or "draws" not in json.loads(description.read_text()):
        return None
    content = json.loads(description.read_text())
    draw = content["draws"][round_number % len(content["draws"])]
    shapes = {value["name"]: value["shape"] for value in content["inputs"]}
    return {
        axis.dim_param: draw[name]
        for value in inputs
        for axis, name in zip(value.type.tensor_type.shape.dim, shapes.get(value.name, []))
        if axis.dim_param and name in draw}


def choose_symbols(inputs, round_number):
    symbols = {}
    for value in inputs:
        sizes = value.type.tensor_type.shape.dim
        for axis, size in enumerate(sizes):
            name = size.dim_param
            if size.HasField("dim_value") or not name or not re.fullmatch(r"[^\W\d]\w*", name) or name in symbols:
                continue
            is_image = len(sizes) == 4 and axis >= 2 and sizes[1].dim_value in (1, 3)
            choices = IMAGE_SIZES[round_number] if is_image else SIZES[round_number]
            symbols[name] = choices[axis - 2] if is_image else choices[len(symbols) % len(choices)]
    return symbols


def size_of(size, symbols):
    if size.HasField("dim_value"):
        return size.dim_value
    if not size.dim_param:
        return 2
    if size.dim_param not in symbols:
        # An expression over other symbols.
        if not re.fullmatch(r"[\w\s+*/()-]+", size.dim_param):
            raise ValueError(f"cannot read the size '{size.dim_param}'")
        symbols[size.dim_param] = int(eval(size.dim_param, {"__builtins__": {}}, symbols))  # pylint: disable=eval-used
    return symbols[size.dim_param]
