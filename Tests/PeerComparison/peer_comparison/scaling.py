"""The `scale` and `latency` commands: how cost grows with nodes and with bytes, and how fast results run."""

from . import tables
from .measuring import LIMIT, Measurement, remove, worker
from .peers import TOOLS
from .results import is_wrong
from .workspace import description_of

CHAINS = {"chain_1k": 1_000, "chain_10k": 10_000, "chain_100k": 100_000}
LARGE = "large_4gb"
MODELS = (*CHAINS, LARGE)

UNFINISHED = {"chain_100k": ("onnxsim", "onnxslim", "onnxoptimizer", "onnxscript")}
"""Not run: each was stopped after 300 s on this model."""


def make(workspace, name):
    path = workspace.model(name)
    if not path.exists():
        if name == LARGE:
            worker("large", path)
        else:
            worker("chain", path, CHAINS[name])


def scale(workspace, results, name, tools, ours):
    """Peers that are not measured yet, and ours; answers are compared where a comparison takes seconds."""
    make(workspace, name)
    measurement = Measurement(workspace, name, checks=name in ("chain_1k", "chain_10k"))
    if not results.get(name, "original"):
        results.add(measurement.describe_original())
    for tool in ("copy", *tools):
        if not results.get(name, tool) and tool not in UNFINISHED.get(name, ()):
            results.add(measurement.peer(tool))
    results.add(measurement.ours(ours))
    if name == LARGE:
        remove(workspace.ours(name, ours.label))


def table(results, label):
    """CPU seconds, peak MB and nodes left in a cell."""
    def cell(name, tool):
        record = results.get(name, tool)
        if tool in UNFINISHED.get(name, ()):
            return f"over {LIMIT} s"
        if not record:
            return "-"
        if record["failure"]:
            return "failed"
        return (f"{record['cpu']:.1f} s, {record['peak']:.0f} MB, {record['nodes']}"
                f"{' wrong' if is_wrong(record) else ''}")

    columns = ("copy", *TOOLS, label)
    return tables.markdown(["model", *columns], [[name, *(cell(name, each) for each in columns)] for name in MODELS])


def latency(workspace, results, name, tools, label, seconds):
    """Makes the peers' results again, times all that are right beside ours, and removes them."""
    measurement = Measurement(workspace, name)
    right = [each for each in tools if results.get(name, each) and not is_wrong(results.get(name, each))]
    variants = {"original": workspace.model(name), label: workspace.ours(name, label)}
    peers = {each: measurement.simplified(each) for each in right}
    paths = {each: str(path) for each, path in (variants | peers).items()}
    timed = worker("latency", paths, description_of(workspace.model(name)), seconds)
    for path in peers.values():
        remove(path)
    results.add({"model": name, "source": "latency", "tool": label} | timed)
    return tables.latency(results, [name], label)
