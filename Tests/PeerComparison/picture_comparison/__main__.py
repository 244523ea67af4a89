"""The command line: draws each model with each program, measures, prints a table."""

import argparse
import fnmatch
import json
from pathlib import Path

from .measuring import Task, drawn, shown
from .subjects import CLONE, subjects
from .tools import DRAWERS, VIEWERS


def main():
    arguments = parser().parse_args()
    arguments.folder = arguments.folder.resolve()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    results = arguments.folder / "results.json"
    records = json.loads(results.read_text()) if results.exists() else {}
    for model, path in subjects(arguments.folder / "models", arguments.exports.resolve()).items():
        for tool in (*DRAWERS, *VIEWERS):
            key = f"{model}, {tool}"
            if matches(model, arguments.models) and matches(tool, arguments.tools):
                records[key] = measured(tool, Task(path, arguments.folder, key.replace(" ", "_")), arguments.workbench)
                results.write_text(json.dumps(records, indent=1))
                print(row(key, records[key]), flush=True)
    print(table(records))


def parser():
    parser = argparse.ArgumentParser(prog="python -m picture_comparison")
    parser.add_argument("--folder", type=Path, default=CLONE / ".peers/pictures", help="where pictures and results lie")
    parser.add_argument("--exports", type=Path, default=CLONE / ".peers", help="where `peer_comparison export` wrote")
    parser.add_argument("--workbench", type=Path, default=CLONE / ".build/release/workbench", help="the program")
    parser.add_argument("--models", default="*", help="names or patterns, separated by commas")
    parser.add_argument("--tools", default="*", help="names or patterns, separated by commas")
    return parser


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, each) for each in patterns.split(","))


def measured(tool, task, workbench):
    if tool in DRAWERS:
        return drawn(DRAWERS[tool], task, workbench.resolve())
    return shown(VIEWERS[tool], task)


HEADS = ("model, program", "there after, s", "CPU s", "MB", "boxes", "in the first view", "letters, px",
         "all shown, s", "exported, s", "kB", "pixels", "same again")


def table(records):
    lines = [f"| {' | '.join(HEADS)} |", "| --- |" + " ---: |" * (len(HEADS) - 1)]
    return "\n".join(lines + [row(key, record) for key, record in records.items()])


def row(key, record):
    if record["failure"] and "hosts" not in record:
        return f"| {key} | {record['failure']} |" + " |" * (len(HEADS) - 2)

    def cell(name, digits=1, scale=1):
        value = record.get(name)
        return "" if value is None else f"{value * scale:,.{digits}f}"

    pixels = " × ".join(f"{side:,}" for side in record.get("pixels", []))
    cells = [cell("wall"), cell("cpu"), cell("peak", 0), cell("boxes", 0), cell("visible", 0), cell("letters"),
             cell("unfolding"), cell("exporting"), cell("bytes", 0, 1e-3), pixels,
             record["failure"] or ("yes" if record["repeats"] else "no")]
    return f"| {key} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
