"""Results as text: one line, or tables in Markdown."""

from .peers import PORTABLE, TOOLS
from .results import is_wrong


def markdown(header, rows):
    """The first column is text, the others are numbers."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


def line(results, record):
    before = results.get(record["model"], "original")["nodes"]
    after = record.get("nodes", "nothing")
    return (f"{record['model']} {record['tool']}: {before} → {after} nodes, {record['cpu']:.2f} CPU s, "
            f"{record['peak']:.0f} MB{problem(record)}")


def problem(record):
    difference = record.get("difference") or {}
    if record["failure"]:
        return f", failed: {record['failure']}"
    if "error" in difference:
        return f", wrong: {difference['error']}"
    if is_wrong(record):
        return f", wrong: {difference['relative']:.1e} relative, {difference['mismatches']} mismatches"
    return "" if record.get("idempotent", True) else ", changes its own result"


def best_portable(results, model):
    """Of the peers that keep to standard operators and answer right, the one that leaves fewest nodes; or none."""
    records = [results.get(model, tool) for tool in PORTABLE]
    right = [each for each in records if each and not is_wrong(each) and each["standard"]]
    return min(right, key=lambda each: each["nodes"], default=None)


def nodes_left(results, names, label, peer=None):
    """Where ours loses most comes first; the sum is over the models where both are known. `peer` takes the place of
    the best portable one."""
    rows, sums = [], [0, 0, 0]
    for name in names:
        best = results.get(name, peer) if peer else best_portable(results, name)
        before, ours = results.get(name, "original"), results.get(name, label)
        nodes = [each["nodes"] if each and "nodes" in each else None for each in (before, best, ours)]
        lost = nodes[2] - nodes[1] if None not in nodes else None
        if lost is not None:
            sums = [total + count for total, count in zip(sums, nodes)]
        tool = f" ({best['tool']})" if best and not peer else ""
        shown = ["-" if count is None else str(count) for count in nodes]
        rows.append((lost, [name, shown[0], shown[1] + tool, shown[2], "-" if lost is None else f"{lost:+}",
                            problem(ours).removeprefix(", ") if ours else ""]))
    rows = [row for _, row in sorted(rows, key=lambda each: -each[0] if each[0] is not None else -1e9)]
    rows.append(["sum", *map(str, sums), f"{sums[2] - sums[1]:+}", ""])
    return markdown(["model", "before", peer or "best portable peer", label, "difference", "ours is"], rows)


def leftovers(results, names, label):
    """What a peer still removes from our result, most first; only right results count."""
    rows = []
    for name in names:
        ours = results.get(name, label)
        for tool in TOOLS:
            record = results.get(name, tool, label)
            if record and "nodes" in record and not is_wrong(record) and record["nodes"] < ours["nodes"]:
                removed = ours["nodes"] - record["nodes"]
                rows.append((-removed, [name, tool, removed, changes(ours, record)]))
    rows.sort(key=lambda each: each[0])
    return markdown(["model", "peer", "nodes", "operators"], [row for _, row in rows])


def changes(before, after):
    """`-12 Reshape, +4 Gemm`, greatest first."""
    operators = before["operators"].keys() | after["operators"].keys()
    deltas = {each: after["operators"].get(each, 0) - before["operators"].get(each, 0) for each in operators}
    ranked = sorted((each for each in deltas if deltas[each]), key=lambda each: (-abs(deltas[each]), each))
    return ", ".join(f"{deltas[each]:+} {each}" for each in ranked)


def everything(results, names, label):
    columns = (*TOOLS, label)
    sections = [
        ("Nodes left", "constants not counted, bodies counted", lambda each: each["nodes"]),
        ("CPU seconds of the whole process", "user and system", lambda each: f"{each['cpu']:.2f}"),
        ("Peak memory of the whole process, MB", "pages of mapped files counted", lambda each: round(each["peak"])),
        ("Bytes of the result, MB", "with files of weights", lambda each: f"{each['bytes'] / 1e6:.2f}"),
        ("Largest difference from the original", "relative to the output's largest magnitude", shown_difference),
    ]
    return "\n".join(
        [f"## Nodes left, against the best portable peer\n\n{nodes_left(results, names, label)}"]
        + [f"## {title}\n\n{note}\n\n{section(results, names, columns, value)}" for title, note, value in sections]
        + [f"## Latency of the result over the original's\n\n{latency(results, names, label)}"]
        + [f"## The comparison that `opt --check` makes, CPU seconds and MB\n\n{proofs(results, names, label)}"]
        + [f"## What peers still remove from ours\n\n{leftovers(results, names, label)}"])


def latency(results, names, label):
    """Median CPU time over the original's, one thread, ONNX Runtime's own optimizations on."""
    columns, rows = (*TOOLS, label), []
    for name in names:
        record = results.get(name, label, "latency")
        if record:
            creation = record.get("creation", {})
            made = [f"{creation[each]:.0f}" if each in creation else "-" for each in ("original", label)]
            ratios = [f"{record['ratios'][each]:.3f}" if each in record["ratios"] else "-" for each in columns]
            rows.append([name, f"{record['milliseconds']:.2f}", record["rounds"], *made, *ratios])
    return markdown(
        ["model", "original, ms", "rounds", "session of the original, ms", f"of {label}, ms", *columns], rows)


def proofs(results, names, label):
    """Of the whole process, simplification included."""
    rows = []
    for name in names:
        proof = (results.get(name, label) or {}).get("proof")
        if proof:
            rows.append([name, f"{proof['cpu']:.2f}", round(proof["peak"]), proof["failure"] or ""])
    return markdown(["model", "CPU seconds", "MB", "failed"], rows)


def section(results, names, columns, value):
    def cell(record):
        if not record:
            return "-"
        if record.get("failure"):
            return "failed"
        return f"{value(record)}{' wrong' if is_wrong(record) else ''}"

    rows = [[name, *(cell(results.get(name, tool)) for tool in columns)] for name in names]
    return markdown(["model", *columns], rows)


def shown_difference(record):
    difference = record.get("difference") or {}
    return f"{difference['relative']:.0e}" if "relative" in difference else "-"
