"""The command line: makes smaller, measures, prints a table for each model."""

import argparse
import fnmatch
import json
import resource
import subprocess
from pathlib import Path

from . import measuring
from .methods import METHODS, Task
from .subjects import Subject

CLONE = Path(__file__).resolve().parents[3]
CASES = [(1, 1), (1, 32), (2, 1), (2, 32)]


def main():
    arguments = parser().parse_args()
    for folder in arguments.models:
        subject = Subject(folder)
        rows = compare(subject, arguments)
        (arguments.folder / f"{subject.name}.json").write_text(json.dumps(rows, indent=1))
        # Others print to the same terminal.
        (arguments.folder / f"{subject.name}.md").write_text(table(subject.name, rows))
        print(table(subject.name, rows), flush=True)


def parser():
    parser = argparse.ArgumentParser(prog="python -m method_comparison")
    parser.add_argument("models", nargs="+", type=Path, help="folders with model.onnx, eval.npz and calib.npz")
    parser.add_argument("--folder", type=Path, default=CLONE / ".peers/methods", help="where results lie")
    parser.add_argument("--workbench", type=Path, default=CLONE / ".build/release/workbench", help="the program")
    parser.add_argument("--methods", default="*", help="names or patterns, separated by ;")
    parser.add_argument("--seconds", type=float, default=5, help="for each measurement of latency")
    parser.add_argument("--again", action="store_true", help="make anew what is there already")
    return parser


def compare(subject, arguments):
    """Makes what is not there yet, and measures all of it on samples that no method saw."""
    folder = arguments.folder / subject.name
    folder.mkdir(parents=True, exist_ok=True)
    exact, (search, held) = folder / "exact.onnx", subject.halves(folder)
    if not exact.exists():
        subprocess.run([arguments.workbench, "opt", "-m", subject.model, "-o", exact], check=True,
                       stdout=subprocess.DEVNULL)
    rows = [{"name": "exact passes", "path": str(exact)}]
    patterns = arguments.methods.split(";")
    for name, method in METHODS.items():
        if any(fnmatch.fnmatch(name, each) for each in patterns):
            task = Task(subject, exact, search, arguments.workbench)
            rows.append(made(name, method, task, folder, arguments.again))
    return measured(rows, subject, subject.samples(held), arguments.seconds)


def made(name, method, task, folder, again):
    """The result's path, and what it took; the latter is kept beside it."""
    target = folder / (name.replace(", ", "-").replace(" ", "_") + ".onnx")
    row, cost = {"name": name, "path": str(target)}, target.with_suffix(".cost.json")
    if again or not target.exists():
        before = cpu_seconds()
        try:
            method(task, target)
        except Exception as error:  # a method can fail in any way
            return {"name": name, "failure": (str(error).splitlines() or [type(error).__name__])[0][:100]}
        seconds = cpu_seconds() - before + task.tally["earlier seconds"]
        cost.write_text(json.dumps({"seconds": seconds, "passes": task.tally["passes"]}))
    return row | (json.loads(cost.read_text()) if cost.exists() else {})


def cpu_seconds():
    """Of this process and of those that it waited for."""
    return sum(usage.ru_utime + usage.ru_stime for usage in map(
        resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def measured(rows, subject, held, seconds):
    paths = [str(subject.model)] + [row["path"] for row in rows if "path" in row]
    ratios = {case: measuring.latencies(paths, held, *case, seconds) for case in CASES}
    bytes_before = subject.model.stat().st_size
    rows = [{"name": "original", "path": paths[0]}] + rows
    for row in rows:
        if "path" not in row:
            continue
        row["accuracy"] = measuring.accuracy(row["path"], held)
        row["bytes"] = Path(row["path"]).stat().st_size / bytes_before
        row["latency"] = [ratios[case][row["path"]] for case in CASES]
    return rows


def table(name, rows):
    heads = [f"{threads} thread{'s'[:threads - 1]}, batch {batch}" for threads, batch in CASES]
    heads = ["accuracy", "bytes", *heads, "passes", "CPU s"]
    lines = [f"| {name} | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
    for row in rows:
        if "failure" in row:
            lines.append(f"| {row['name']} | {row['failure']} |" + " |" * (len(heads) - 1))
            continue
        cells = [f"{row['accuracy']:.4f}", f"{row['bytes']:.3f}", *(f"{ratio:.2f}" for ratio in row["latency"])]
        cells += [f"{row['passes']:.1f}", f"{row['seconds']:.0f}"] if "seconds" in row else ["", ""]
        lines.append(f"| {row['name']} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
