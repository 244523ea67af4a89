"""The command line."""

import argparse
import fnmatch
import shlex
import sys
from pathlib import Path

from . import catalogue, explaining, scaling, tables
from .exporting import export_missing
from .measuring import Measurement, Ours, digest
from .peers import TOOLS
from .results import Results
from .workspace import Workspace

CLONE = Path(__file__).resolve().parents[3]


def main():
    arguments = parser().parse_args()
    sys.exit(arguments.command(arguments))


def parser():
    parser = argparse.ArgumentParser(prog="python -m peer_comparison")
    parser.add_argument("--folder", type=Path, default=CLONE / ".peers", help="where exports and results lie")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(command, help, *options):
        made = commands.add_parser(command.__name__, help=help, description=help)
        made.set_defaults(command=command)
        made.add_argument("--models", default="*", help="names or patterns, separated by commas")
        for option in options:
            made.add_argument(*option[0], **option[1])

    label = ["--label"], {"default": "ours", "help": "the name that our results go by"}
    tools = ["--tools"], {"default": ",".join(TOOLS), "help": "the peers, separated by commas"}
    unchecked = ["--unchecked"], {"action": "store_true", "help": "do not compare answers"}
    binary = ["--workbench"], {"type": Path, "default": CLONE / ".build/release/workbench", "help": "the program"}
    passed = ["--options"], {"default": "", "help": "more arguments of `workbench opt`, as one text"}
    peer = ["--peer"], {"help": "compare with this peer instead of the best one"}
    add(export, "export the models that are not there yet")
    add(peers, "run the other simplifiers where that has not been done", tools, unchecked)
    proof = ["--proof"], {"action": "store_true", "help": "run `opt --check` too, and record what it costs"}
    add(ours, "run ours and print the nodes that are left", binary, passed, label, unchecked, proof, peer)
    add(leftovers, "run the peers on our results: what do they still remove?", tools, label, unchecked)
    add(explain, "operators of our result beside those of the best peer", label, peer)
    seconds = ["--seconds"], {"type": float, "default": 5, "help": "time spent on a model"}
    add(latency, "time our results and the peers' beside the original", tools, label, seconds)
    add(scale, "chains of 1,000 to 100,000 nodes, and 4 GB of weights", tools, binary, passed, label)
    add(table, "render all results as Markdown", label)
    return parser


def chosen(arguments, names=catalogue.NAMES):
    patterns = arguments.models.split(",")
    names = [name for name in names if any(fnmatch.fnmatch(name, each) for each in patterns)]
    if not names:
        sys.exit(f"no model is called {arguments.models}")
    return names


def program(arguments):
    return Ours(arguments.workbench.resolve(), tuple(shlex.split(arguments.options)), arguments.label)


def available(arguments, workspace):
    return [name for name in chosen(arguments) if workspace.model(name).exists()]


def export(arguments):
    return 1 if export_missing(Workspace(arguments.folder), chosen(arguments)) else 0


def peers(arguments):
    workspace = Workspace(arguments.folder)
    results = Results(workspace.results)
    for name in available(arguments, workspace):
        measurement = Measurement(workspace, name, not arguments.unchecked)
        if not results.get(name, "original"):
            results.add(measurement.describe_original())
        for tool in arguments.tools.split(","):
            if not results.get(name, tool):
                results.add(measurement.peer(tool))
                print(tables.line(results, results.get(name, tool)), flush=True)


def ours(arguments):
    workspace = Workspace(arguments.folder)
    results = Results(workspace.results)
    names = available(arguments, workspace)
    for name in names:
        measurement = Measurement(workspace, name, not arguments.unchecked)
        if not results.get(name, "original"):
            results.add(measurement.describe_original())
        record = measurement.ours(program(arguments))
        results.add(record | {"proof": measurement.proof(program(arguments))} if arguments.proof else record)
    print(tables.nodes_left(results, names, arguments.label, arguments.peer))


def leftovers(arguments):
    """A peer is run again only where our result has changed."""
    workspace = Workspace(arguments.folder)
    results = Results(workspace.results)
    names = [name for name in available(arguments, workspace) if workspace.ours(name, arguments.label).exists()]
    for name in names:
        source = workspace.ours(name, arguments.label)
        for tool in arguments.tools.split(","):
            known = results.get(name, tool, arguments.label)
            if not known or known["digest"] != digest(source):
                measurement = Measurement(workspace, name, not arguments.unchecked)
                results.add(measurement.peer(tool, source, arguments.label))
    print(tables.leftovers(results, names, arguments.label))


def explain(arguments):
    workspace = Workspace(arguments.folder)
    results = Results(workspace.results)
    for name in available(arguments, workspace):
        print(explaining.explain(results, workspace, name, arguments.label, arguments.peer))


def latency(arguments):
    workspace = Workspace(arguments.folder)
    results = Results(workspace.results)
    for name in available(arguments, workspace):
        print(scaling.latency(
            workspace, results, name, arguments.tools.split(","), arguments.label, arguments.seconds), flush=True)


def scale(arguments):
    workspace = Workspace(arguments.folder)
    results = Results(workspace.results)
    for name in chosen(arguments, scaling.MODELS):
        scaling.scale(workspace, results, name, arguments.tools.split(","), program(arguments))
    print(scaling.table(results, arguments.label))


def table(arguments):
    workspace = Workspace(arguments.folder)
    results = Results(workspace.results)
    print(tables.everything(results, chosen(arguments), arguments.label))
    print(f"## Growth: CPU seconds, peak memory, nodes left\n\n{scaling.table(results, arguments.label)}")
