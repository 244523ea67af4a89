"""The command line: quantizes, measures, prints a table for each model."""

import argparse
import fnmatch
import json
import subprocess
import time
from pathlib import Path

from . import measuring
from .quantizers import QUANTIZERS, Task
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
    parser = argparse.ArgumentParser(prog="python -m quantizer_comparison")
    parser.add_argument("models", nargs="+", type=Path, help="folders with model.onnx, eval.npz and calib.npz")
    parser.add_argument("--folder", type=Path, default=CLONE / ".peers/quantizers", help="where results lie")
    parser.add_argument("--workbench", type=Path, default=CLONE / ".build/release/workbench", help="the program")
    parser.add_argument("--quantizers", default="*", help="names or patterns, separated by ;")
    parser.add_argument("--seconds", type=float, default=5, help="for each measurement of latency")
    parser.add_argument("--again", action="store_true", help="quantize anew what is there already")
    return parser


def compare(subject, arguments):
    """Quantizes what is not there yet, and measures all of it on samples that no quantizer saw."""
    folder = arguments.folder / subject.name
    folder.mkdir(parents=True, exist_ok=True)
    exact, (search, held) = folder / "exact.onnx", subject.halves(folder)
    if not exact.exists():
        subprocess.run([arguments.workbench, "opt", "-m", subject.model, "-o", exact], check=True,
                       stdout=subprocess.DEVNULL)
    task = Task(subject, exact, search, arguments.workbench)
    rows = [{"name": "exact passes", "path": str(exact)}]
    patterns = arguments.quantizers.split(";")
    for name, quantize in QUANTIZERS.items():
        if any(fnmatch.fnmatch(name, each) for each in patterns):
            rows.append(quantized(name, quantize, task, folder, arguments.again))
    return measured(rows, subject, subject.samples(held), arguments.seconds)


def quantized(name, quantize, task, folder, again):
    target = folder / (name.replace(", ", "-").replace(" ", "_") + ".onnx")
    row = {"name": name, "path": str(target)}
    if again or not target.exists():
        before = time.perf_counter()
        try:
            quantize(task, target)
        except Exception as error:  # a quantizer can fail in any way
            return {"name": name, "failure": (str(error).splitlines() or [type(error).__name__])[0][:100]}
        row["seconds"] = time.perf_counter() - before
    return row


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
    lines = [f"| {name} | accuracy | bytes | {' | '.join(heads)} |", "| --- |" + " ---: |" * (2 + len(CASES))]
    for row in rows:
        if "failure" in row:
            lines.append(f"| {row['name']} | {row['failure']} |" + " |" * (1 + len(CASES)))
            continue
        times = " | ".join(f"{ratio:.2f}" for ratio in row["latency"])
        lines.append(f"| {row['name']} | {row['accuracy']:.4f} | {row['bytes']:.3f} | {times} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
