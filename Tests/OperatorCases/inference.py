"""Compares inferred types with the values that models compute."""
import collections

import numpy as np

# NumPy's names, where they are not ONNX's.
ELEMENTS = {
    "float32": "float", "float64": "double", "float8_e4m3fn": "float8e4m3fn", "float8_e4m3fnuz": "float8e4m3fnuz",
    "float8_e5m2": "float8e5m2", "float8_e5m2fnuz": "float8e5m2fnuz", "float8_e8m0fnu": "float8e8m0",
    "float4_e2m1fn": "float4e2m1", "float6_e2m3fn": "float6e2m3", "float6_e3m2fn": "float6e3m2",
}


def element_name(array):
    return "string" if array.dtype.kind in "OUST" else ELEMENTS.get(array.dtype.name, array.dtype.name)


class Findings:
    """Counts for each operator and variant: `complete`, `sizes` (some unknown), `shape` or `type` unknown."""

    def __init__(self):
        self.counts = collections.defaultdict(collections.Counter)
        self.elements = 0
        self.without_reference = 0
        self.wrong = []
        self.unstable = []

    def compare(self, variant, report):
        if report.get("error"):
            self.wrong.append(f"{variant.case} ({variant.kind}): {report['error']}")
            return
        if not report["isStable"]:
            self.wrong.append(f"{variant.case} ({variant.kind}): a second inference changes types")
        _, _, expected = variant.load()
        self.compare_values(f"{variant.case} ({variant.kind})", variant.kind, report["values"], expected)

    def compare_values(self, label, kind, values, expected):
        for value in values:
            if value["name"] not in expected:
                self.without_reference += 1
                continue
            actual = expected[value["name"]]
            problem = self.judge(value.get("type"), actual, value["op"], kind)
            if problem:
                self.wrong.append(f"{label}: {value['op']} '{value['name']}' is {value['text']}, but {problem}")
            self.compare_elements(label, value, actual)

    def compare_elements(self, label, value, actual):
        elements = value.get("elements")
        if elements is None:
            return
        actual = np.asarray(actual).reshape(-1)
        self.elements += sum(e is not None for e in elements)
        if len(actual) != len(elements) or any(
                e is not None and float(e) != float(a) for e, a in zip(elements, actual)):
            self.wrong.append(f"{label}: elements of {value['op']} '{value['name']}' are {actual}, not {elements}")

    def judge(self, inferred, actual, op, kind):
        """Counts one value; returns how its type is wrong, or None."""
        if inferred is None:
            return self.count(op, kind, "type")
        if isinstance(actual, (list, tuple)):
            inferred = inferred.get("optional", inferred)
            if "sequence" not in inferred:
                return None if not inferred else "the value is a sequence"
            problems = [self.judge(inferred["sequence"], element, op, kind) for element in actual]
            return next((problem for problem in problems if problem), None)
        if "optional" in inferred:
            return self.count(op, kind, "complete") if actual is None else self.judge(
                inferred["optional"], actual, op, kind)
        if not isinstance(actual, (np.ndarray, np.generic)) or "tensor" not in inferred:
            return None
        return self.judge_tensor(inferred, np.asarray(actual), op, kind)

    def judge_tensor(self, inferred, actual, op, kind):
        if inferred["tensor"] != element_name(actual):
            return f"elements are {element_name(actual)}"
        shape = inferred.get("shape")
        if shape is None:
            return self.count(op, kind, "shape")
        if len(shape) != actual.ndim or any(s is not None and s != a for s, a in zip(shape, actual.shape)):
            return f"the shape is {list(actual.shape)}"
        return self.count(op, kind, "sizes" if None in shape else "complete")

    def count(self, op, kind, what):
        self.counts[op, kind][what] += 1

    def total(self, what):
        return sum(counts[what] for counts in self.counts.values())

    def summary(self):
        values = sum(sum(counts.values()) for counts in self.counts.values())
        return (
            f"{values} values, {len(self.wrong)} wrong, {self.total('complete')} complete, "
            f"{self.total('sizes')} with unknown sizes, {self.total('shape')} of unknown shape, "
            f"{self.total('type')} of unknown type; {self.elements} elements followed")
