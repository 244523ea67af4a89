"""Where things lie: one folder, outside what is committed."""

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

    def reference(self, name):
        return self.inside("references", f"{name}.npz")

    def ours(self, name, label):
        """Our result stays, for `explain` and `leftovers`."""
        return self.inside(label, f"{name}.onnx")

    def scratch(self, name):
        """For a peer's result, which is removed when it has been looked at."""
        return self.inside("scratch", name)

    def inside(self, folder, name):
        path = self.folder / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
