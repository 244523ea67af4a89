"""Brute force: each sum is tried without each of its sides on all samples, and the bypass that loses least is made."""

import itertools
import json
import shutil
import time

import onnx

from . import measuring
from .graphs import operator_count, without_dead_nodes


def greedy_ablation(share=1):
    """Takes branches out as long as the loss on the samples to search by stays within that share of the budget."""
    def run(task, target):
        samples = task.samples()
        floor, best = task.floor(samples, share), task.exact
        for path, accuracy, passes, earlier in greedy_path(task, target.parent / "ablation", samples):
            task.tally["passes"] += passes
            task.tally["earlier seconds"] += earlier
            if accuracy < floor:
                break
            best = path
        shutil.copy(best, target)
    return run


def greedy_path(task, folder, samples):
    """One bypass more in each: (path, accuracy, passes, CPU seconds where it was found by an earlier run)."""
    folder.mkdir(exist_ok=True)
    model = onnx.load(task.exact)
    for step in itertools.count():
        path, note, earlier = folder / f"{step}.onnx", folder / f"{step}.json", 0
        if note.exists():
            earlier = json.loads(note.read_text())[-1]
        else:
            before = time.process_time()
            tried, best = best_bypass(model, task, samples, folder / "trial.onnx")
            if best is None:
                return
            onnx.save(best[1], path)
            note.write_text(json.dumps([best[0][0], tried, time.process_time() - before]))
        model = onnx.load(path)
        accuracy, passes, _ = json.loads(note.read_text())
        yield path, accuracy, passes, earlier


def best_bypass(model, task, samples, scratch):
    """How many were tried, and the one that loses least, as ((accuracy, fewest nodes), model)."""
    best, tried = None, 0
    for trial in joins_bypassed(model):
        onnx.save(trial, scratch)
        accuracy = measuring.accuracy_or_none(scratch, samples)
        tried += accuracy is not None
        if accuracy is not None and (best is None or rank(accuracy, trial) > best[0]):
            best = rank(accuracy, trial), trial
    scratch.unlink(missing_ok=True)
    return tried, best


def rank(accuracy, model):
    return accuracy, -operator_count(model)


def joins_bypassed(model):
    """The model without one side of a sum, for each side of each sum of two computed values."""
    constants = {each.name for each in model.graph.initializer}
    for index, node in enumerate(model.graph.node):
        if node.op_type != "Add" or constants & set(node.input):
            continue
        for kept in node.input:
            trial = onnx.ModelProto()
            trial.CopyFrom(model)
            trial.graph.node[index].CopyFrom(
                onnx.helper.make_node("Identity", [kept], list(node.output), name=node.name))
            yield without_dead_nodes(trial)
