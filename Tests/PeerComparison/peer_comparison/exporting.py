"""The `export` command: makes the models that are not there yet, small ones first."""

import sys

from . import child

LIMIT = 600


def export_missing(workspace, names):
    """Names of the exports that failed; a finished one is announced in the workspace's list."""
    workspace.folder.mkdir(parents=True, exist_ok=True)
    return [name for name in names if not workspace.model(name).exists() and not export(workspace, name)]


def export(workspace, name):
    subject, exporter = name.rsplit(".", 1)
    cost = child.run(
        [sys.executable, "-m", "peer_comparison.export", subject, exporter, workspace.model(name)], LIMIT)
    if cost.failure:
        print(f"{name}: {cost.failure}", file=sys.stderr, flush=True)
        return False
    print(f"{name}: {workspace.model(name).stat().st_size / 1e6:.1f} MB in {cost.wall:.0f} s", flush=True)
    with workspace.exported.open("a") as file:
        file.write(name + "\n")
    return True
