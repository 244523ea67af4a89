"""The quantizers, each a function of (task, target path). All but ours get the model after the exact passes."""

import dataclasses
import shutil
import subprocess
from pathlib import Path

import onnx
from onnxruntime import quantization
from onnxruntime.quantization import CalibrationMethod, QuantType

from . import measuring


@dataclasses.dataclass
class Task:
    """What a quantizer may know: never the samples that it is judged by."""
    subject: object
    exact: Path
    search: Path
    workbench: Path


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
    scratch, samples = target.with_suffix(".trial.onnx"), task.subject.samples(task.search)

    def validate(model, _):
        onnx.save(model, scratch)
        return measuring.accuracy(scratch, samples), None

    # One item stands for all samples: the metric is computed here.
    whole = nncf.Dataset([0])
    found = nncf.quantize_with_accuracy_control(
        onnx.load(task.exact), nncf_batches(task.subject.calibration()), whole, validate, max_drop=0.01)
    onnx.save(found, target)
    scratch.unlink(missing_ok=True)


def ours(*options):
    def run(task, target):
        folder = target.with_suffix(".search")
        shutil.rmtree(folder, ignore_errors=True)
        command = [task.workbench, "search", "--model", task.subject.model, "--data", task.search,
                   "--calibration", task.subject.folder / "calib.npz", "--budget", "1%", "--out", folder]
        subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        target.write_bytes((folder / "optimized.onnx").read_bytes())
    return run


FASTER = "static-int8,dynamic-int8,weight-int4,weight-int8"
SMALLER = FASTER + ",stored-int4,stored-float16"

QUANTIZERS = {
    "ORT static, MinMax": ort_static(CalibrationMethod.MinMax),
    "ORT static, MinMax, S8S8": ort_static(CalibrationMethod.MinMax, QuantType.QInt8),
    "ORT static, Entropy": ort_static(CalibrationMethod.Entropy),
    "ORT static, Percentile": ort_static(CalibrationMethod.Percentile),
    "ORT static, Distribution": ort_static(CalibrationMethod.Distribution),
    "ORT dynamic": ort_dynamic,
    "NNCF quantize": nncf_quantize,
    "NNCF accuracy control": nncf_accuracy_control,
    "workbench, fewer bits": ours("--strategies", FASTER),
    "workbench, fewer bits, for bytes": ours("--strategies", SMALLER, "--objective", "bytes"),
    "workbench, all strategies": ours(),
    "workbench, all strategies, for bytes": ours("--objective", "bytes"),
}
