"""The methods, each a function of (task, target path). All but ours get the model after the exact passes."""

import collections
import dataclasses
import json
import shutil
import subprocess
from pathlib import Path

import onnx
from onnxruntime import quantization
from onnxruntime.quantization import CalibrationMethod, QuantType

from . import measuring
from .ablation import greedy_ablation
from .pruning import magnitude_pruning


@dataclasses.dataclass
class Task:
    """What a method may know: never the samples that it is judged by."""
    subject: object
    exact: Path
    search: Path
    workbench: Path
    budget: float = 0.01
    # Full runs over the samples to search by; the same for all methods in turn.
    tally: collections.Counter = dataclasses.field(default_factory=collections.Counter)

    def samples(self):
        return self.subject.samples(self.search)

    def evaluate(self, path, samples):
        """None where the model does not run."""
        self.tally["passes"] += 1
        return measuring.accuracy_or_none(path, samples)

    def floor(self, samples, share):
        """The least accuracy where that share of the budget may be spent, all changes so far included."""
        self.tally["passes"] += 1
        return measuring.accuracy(self.subject.model, samples) - self.budget * share


class Reader(quantization.CalibrationDataReader):
    def __init__(self, samples, size=32):
        self.batches = iter([samples.batch(start, size) for start in range(0, len(samples), size)])

    def get_next(self):
        return next(self.batches, None)


def ort_static(method, activations=QuantType.QUInt8):
    def run(task, target):
        prepared = target.with_suffix(".prepared.onnx")
        quantization.quant_pre_process(str(task.exact), str(prepared))
        quantization.quantize_static(
            str(prepared), str(target), Reader(task.subject.calibration()), per_channel=True,
            calibrate_method=method, activation_type=activations, weight_type=QuantType.QInt8)
        prepared.unlink()
    return run


def ort_dynamic(task, target):
    quantization.quantize_dynamic(str(task.exact), str(target), per_channel=True, weight_type=QuantType.QInt8)


def nncf_batches(samples, size=1):
    import nncf
    return nncf.Dataset([samples.batch(start, size) for start in range(0, len(samples), size)])


def nncf_quantize(task, target):
    import nncf
    onnx.save(nncf.quantize(onnx.load(task.exact), nncf_batches(task.subject.calibration())), target)


def nncf_accuracy_control(task, target):
    import nncf
    scratch, samples = target.with_suffix(".trial.onnx"), task.samples()

    def validate(model, _):
        onnx.save(model, scratch)
        return task.evaluate(scratch, samples), None

    # One item stands for all samples: the metric is computed here.
    whole = nncf.Dataset([0])
    found = nncf.quantize_with_accuracy_control(
        onnx.load(task.exact), nncf_batches(task.subject.calibration()), whole, validate, max_drop=0.01)
    onnx.save(found, target)
    scratch.unlink(missing_ok=True)


def in_turn(*methods):
    """Each goes on with the result of the one before."""
    def run(task, target):
        between = target.with_suffix(".between.onnx")
        for method in methods:
            method(task, target)
            shutil.move(target, between)
            task = dataclasses.replace(task, exact=between)
        shutil.move(between, target)
    return run


def ours(*options):
    def run(task, target):
        folder = target.with_suffix(".search")
        shutil.rmtree(folder, ignore_errors=True)
        command = [task.workbench, "search", "--model", task.subject.model, "--data", task.search,
                   "--calibration", task.subject.folder / "calib.npz", "--budget", "1%", "--out", folder]
        subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        target.write_bytes((folder / "optimized.onnx").read_bytes())
        task.tally["passes"] += json.loads((folder / "report.json").read_text())["evaluations"]
    return run


FASTER = "static-int8,dynamic-int8,weight-int4,weight-int8"
SMALLER = FASTER + ",stored-int4,stored-float16"

METHODS = {
    "ORT static, MinMax": ort_static(CalibrationMethod.MinMax),
    "ORT static, MinMax, S8S8": ort_static(CalibrationMethod.MinMax, QuantType.QInt8),
    "ORT static, Entropy": ort_static(CalibrationMethod.Entropy),
    "ORT static, Percentile": ort_static(CalibrationMethod.Percentile),
    "ORT static, Distribution": ort_static(CalibrationMethod.Distribution),
    "ORT dynamic": ort_dynamic,
    "NNCF quantize": nncf_quantize,
    "NNCF accuracy control": nncf_accuracy_control,
    "brute-force ablation": greedy_ablation(),
    "L1 pruning": magnitude_pruning(1),
    "L2 pruning": magnitude_pruning(2),
    "ablation, then ORT static": in_turn(greedy_ablation(0.8), ort_static(CalibrationMethod.MinMax)),
    "ablation, L2 pruning, ORT static": in_turn(
        greedy_ablation(0.4), magnitude_pruning(2, 0.8), ort_static(CalibrationMethod.MinMax)),
    "workbench, ablation": ours("--strategies", "ablation"),
    "workbench, fewer bits": ours("--strategies", FASTER),
    "workbench, fewer bits, for bytes": ours("--strategies", SMALLER, "--objective", "bytes"),
    "workbench, all strategies": ours(),
    "workbench, all strategies, 1 thread": ours("--threads", "1"),
    "workbench, all strategies, for bytes": ours("--objective", "bytes"),
}
