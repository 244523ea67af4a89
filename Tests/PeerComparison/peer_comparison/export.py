"""Exports one network: `python -m peer_comparison.export SUBJECT EXPORTER FILE`.

A process of its own, since torch takes seconds and hundreds of megabytes to load. Writes FILE and, beside it,
the description of its inputs that `draws` reads.
"""

import inspect
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import torch

from . import draws, zoo
from .workspace import description_of

OPSET = 17


def export(name, exporter, path):
    torch.set_num_threads(1)
    torch.backends.mha.set_fastpath_enabled(False)
    subject = zoo.find(name)
    model, arguments = subject.build(), traced_arguments(subject)
    check_finite(model, arguments)
    partial = path.with_suffix(".partial")
    with torch.no_grad():
        WRITERS[exporter](subject, model, arguments, partial)
    description_of(path).write_text(json.dumps(subject.drawing()))
    partial.rename(path)


def traced_arguments(subject):
    plan = subject.drawing()["inputs"]
    integers = {"ids", "ones", "mask"}
    types = {each["name"]: np.int64 if each["kind"] in integers else np.float32 for each in plan}
    return tuple(map(torch.from_numpy, draws.drawn(plan, subject.traced, types, seed=0).values()))


def check_finite(model, arguments):
    with torch.no_grad():
        results = model(*arguments)
    results = results if isinstance(results, tuple) else (results,)
    if not all(torch.isfinite(each).all() for each in results if each.is_floating_point()):
        raise ValueError("the network's answers are not finite")


def torchscript(raw):
    def write(subject, model, arguments, path):
        options = {"do_constant_folding": False, "training": torch.onnx.TrainingMode.PRESERVE} if raw else {}
        axes = {each.name: each.dynamic_axes for each in subject.inputs if each.dynamic_axes}
        torch.onnx.export(
            model, arguments, str(path), input_names=[each.name for each in subject.inputs],
            output_names=list(subject.outputs), dynamic_axes=axes or None, opset_version=OPSET, dynamo=False,
            **options)

    return write


def dynamo(raw):
    def write(subject, model, arguments, path):
        program = torch.onnx.export(
            model, arguments, None, input_names=[each.name for each in subject.inputs],
            output_names=list(subject.outputs), dynamic_shapes=dynamic_shapes(subject, model), dynamo=True,
            optimize=not raw, verbose=False)
        program.save(str(path), external_data=False)

    return write


def dynamic_shapes(subject, model):
    """In the form of the network's parameters: what a `*parameter` takes is a tuple of its own."""
    shapes = [{axis: torch.export.Dim.DYNAMIC for axis in each.dynamic_axes} or None for each in subject.inputs]
    if not any(shapes):
        return None
    parameters = list(inspect.signature(model.forward).parameters.values())
    if parameters[-1].kind is inspect.Parameter.VAR_POSITIONAL:
        named = len(parameters) - 1
        return *shapes[:named], tuple(shapes[named:])
    return tuple(shapes)


WRITERS = {"ts": torchscript(raw=False), "tsraw": torchscript(raw=True), "dyn": dynamo(raw=False),
           "dynraw": dynamo(raw=True)}

if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    export(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
