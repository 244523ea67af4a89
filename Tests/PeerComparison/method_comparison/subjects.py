"""Trained models with data: a folder with model.onnx, eval.npz and calib.npz."""

import dataclasses
from pathlib import Path

import numpy
import onnx

ARRAY_TYPES = {onnx.TensorProto.FLOAT: numpy.float32, onnx.TensorProto.INT64: numpy.int64}


@dataclasses.dataclass
class Samples:
    inputs: dict
    labels: numpy.ndarray

    def __len__(self):
        return len(self.labels)

    def batch(self, start, size):
        return {name: values[start:start + size] for name, values in self.inputs.items()}


class Subject:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.name = self.folder.name
        self.model = self.folder / "model.onnx"
        graph = onnx.load(self.model).graph
        constants = {each.name for each in graph.initializer}
        self.types = {each.name: ARRAY_TYPES[each.type.tensor_type.elem_type]
                      for each in graph.input if each.name not in constants}

    def samples(self, path):
        """Stored in small types, fed in those of the graph's inputs."""
        arrays = numpy.load(path)
        inputs = {name: arrays[name].astype(kind) for name, kind in self.types.items()}
        return Samples(inputs, arrays["labels"])

    def calibration(self):
        return self.samples(self.folder / "calib.npz")

    def halves(self, folder):
        """Paths of what quantizers may measure by, and of what they are judged by."""
        paths = folder / "search.npz", folder / "held.npz"
        if not all(path.exists() for path in paths):
            arrays = dict(numpy.load(self.folder / "eval.npz"))
            order = numpy.random.default_rng(0).permutation(len(arrays["labels"]))
            for path, indices in zip(paths, numpy.array_split(order, 2)):
                numpy.savez_compressed(path, **{name: values[indices] for name, values in arrays.items()})
        return paths
