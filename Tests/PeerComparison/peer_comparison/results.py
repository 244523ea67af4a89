"""What was measured: one JSON object a line, appended; of several for the same measurement the last counts."""

import json


class Results:
    """Keyed by (model, source, tool). `source` is what the tool was given: "original", or a label of our results."""

    def __init__(self, path):
        self.path = path
        self.records = {}
        if path.exists():
            for line in path.read_text().splitlines():
                self.keep(json.loads(line))

    def keep(self, record):
        self.records[record["model"], record["source"], record["tool"]] = record

    def add(self, record):
        self.keep(record)
        with self.path.open("a") as file:
            file.write(json.dumps(record) + "\n")

    def get(self, model, tool, source="original"):
        return self.records.get((model, source, tool))


def is_wrong(record, tolerance=1e-4):
    """No result, or answers that differ by more than rounding; not compared counts as right."""
    difference = record.get("difference") or {}
    return bool(record["failure"] or "error" in difference or difference.get("mismatches")
                or difference.get("relative", 0) > tolerance)
