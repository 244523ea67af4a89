"""Where things lie: one folder, outside what is committed, with the exports, their results and nothing else."""

from dataclasses import dataclass
from pathlib import Path


def description_of(model):
    """The file beside an export that says how its inputs are drawn."""
    return model.with_suffix(".inputs.json")


@dataclass(frozen=True)
class Workspace:
    folder: Path

    def model(self, name):
        return self.folder / f"{name}.onnx"

    @property
    def exported(self):
        """Names of the finished exports are lines of this file."""
        return self.folder / "READY.txt"

    @property
    def results(self):
        return self.folder / "results.jsonl"

    def scratch(self, name):
        path = self.folder / "scratch" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
