"""The command line."""

import argparse
import fnmatch
import sys
from pathlib import Path

from . import catalogue
from .exporting import export_missing
from .workspace import Workspace

DEFAULT_FOLDER = Path(__file__).resolve().parents[3] / ".peers"


def main():
    arguments = parser().parse_args()
    sys.exit(arguments.command(arguments))


def parser():
    parser = argparse.ArgumentParser(prog="python -m peer_comparison")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="where exports and results lie")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name, command, help):
        made = commands.add_parser(name, help=help, description=help)
        made.add_argument("--models", default="*", help="names or patterns, separated by commas")
        made.set_defaults(command=command)
        return made

    add("export", export, "export the models that are not there yet")
    return parser


def chosen(arguments):
    patterns = arguments.models.split(",")
    names = [name for name in catalogue.NAMES if any(fnmatch.fnmatch(name, each) for each in patterns)]
    if not names:
        sys.exit(f"no model is called {arguments.models}")
    return names


def export(arguments):
    return 1 if export_missing(Workspace(arguments.folder), chosen(arguments)) else 0
