"""One simplifier on one model: what it leaves, what it costs, and whether the result still answers the same."""

import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from . import child
from .workspace import Workspace, description_of

LIMIT = 300
"""Seconds after which a simplifier is stopped."""


@dataclass(frozen=True)
class Ours:
    """The release build of `workbench`, and what is passed to `opt` besides the files."""

    binary: Path
    arguments: tuple[str, ...] = ()
    label: str = "ours"

    def command(self, source, target, check="--no-check"):
        """Without the comparison of answers by default: no peer makes one, and here it is made for all."""
        return [self.binary, "opt", "-m", source, "-o", target, "--force", check, *self.arguments]


def command_of(tool, source, target):
    return [sys.executable, "-m", "peer_comparison.worker", "simplify", tool, source, target]


def worker(*arguments, limit=LIMIT):
    """The answer of a task of `worker`; throws what it failed with."""
    words = [json.dumps(each) if isinstance(each, dict) else each for each in arguments]
    cost = child.run([sys.executable, "-m", "peer_comparison.worker", *words], limit)
    if cost.failure:
        raise RuntimeError(f"{arguments[0]}: {cost.failure}")
    lines = cost.output.strip().splitlines()
    return json.loads(lines[-1]) if lines and arguments[0] not in SILENT else None


SILENT = ("simplify", "reference", "chain", "large")
"""Tasks that answer nothing, and whose libraries may print."""


@dataclass(frozen=True)
class Measurement:
    workspace: Workspace
    model: str
    checks: bool = True

    @property
    def original(self):
        return self.workspace.model(self.model)

    def describe_original(self):
        return self.record("original", "original") | worker("statistics", self.original)

    def peer(self, tool, source=None, label="original"):
        """A peer on the export, or on our result at `source`, which is then called `label`."""
        target, source = self.result_of(tool), source or self.original
        read(source)
        record = self.record(label, tool) | self.outcome(command_of(tool, source, target), target)
        if label != "original":
            record["digest"] = digest(source)
        remove(target)
        return record

    def simplified(self, tool):
        """A peer's result on the export, not measured; the caller removes it."""
        target = self.result_of(tool)
        remove(target)
        cost = child.run(command_of(tool, self.original, target), LIMIT)
        if cost.failure:
            raise RuntimeError(f"{tool} on {self.model}: {cost.failure}")
        return target

    def result_of(self, tool):
        return self.workspace.scratch(f"{self.model}.{tool}.onnx")

    def ours(self, ours):
        target = self.workspace.ours(self.model, ours.label)
        read(self.original)
        record = self.record("original", ours.label) | self.outcome(ours.command(self.original, target), target)
        if record["failure"] is None:
            record["idempotent"] = self.is_idempotent(ours, target)
        return record

    def is_idempotent(self, ours, result):
        again = self.again(ours)
        cost = child.run(ours.command(result, again), LIMIT)
        same = cost.failure is None and digest(result) == digest(again)
        remove(again)
        return same

    def proof(self, ours):
        """What `opt` costs with its own comparison of answers; `failure` where that fails."""
        target = self.again(ours)
        cost = child.run(ours.command(self.original, target, "--check"), LIMIT)
        remove(target)
        return {"cpu": cost.cpu, "peak": cost.peak, "failure": cost.failure}

    def again(self, ours):
        return self.workspace.scratch(f"{self.model}.{ours.label}-again.onnx")

    def record(self, source, tool):
        return {"model": self.model, "source": source, "tool": tool}

    def outcome(self, command, target):
        remove(target)
        cost = child.run(command, LIMIT)
        outcome = {"cpu": cost.cpu, "wall": cost.wall, "peak": cost.peak, "failure": cost.failure}
        if cost.failure is None and not target.exists():
            outcome["failure"] = "wrote nothing"
        if outcome["failure"] is None:
            outcome |= worker("statistics", target)
            if self.checks:
                outcome["difference"] = worker("compare", target, self.reference())
        return outcome

    def reference(self):
        """The original's inputs and answers, computed once."""
        target = self.workspace.reference(self.model)
        if not target.exists():
            partial = target.with_suffix(".partial.npz")
            worker("reference", self.original, description_of(self.original), partial)
            partial.rename(target)
        return target


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(path):
    """Brings a model and its files of weights into the system's cache, so that no tool pays for the disk."""
    for each in path.parent.glob(path.name + "*"):
        with open(each, "rb") as file:
            while file.read(1 << 24):
                pass


def remove(path):
    for each in path.parent.glob(path.name + "*"):
        shutil.rmtree(each) if each.is_dir() else each.unlink()
