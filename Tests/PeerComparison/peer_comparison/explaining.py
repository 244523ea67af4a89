"""What the best peer does that ours does not: operators side by side, and where the surplus ones stand."""

from . import tables
from .measuring import worker

PLACES = 8
"""How many surroundings of a surplus operator are shown."""


def explain(results, workspace, name, label, peer=None):
    ours, original = results.get(name, label), results.get(name, "original")
    best = results.get(name, peer) if peer else tables.best_portable(results, name)
    if not (ours and best and "nodes" in ours and "nodes" in best):
        return f"{name}: measure `ours` and `peers` first\n"
    surplus = [each for each in ours["operators"] if ours["operators"][each] > best["operators"].get(each, 0)]
    found = worker("contexts", workspace.ours(name, label), *surplus)
    return (f"## {name}: {original['nodes']} → {best['nodes']} with {best['tool']}, {ours['nodes']} with {label}\n\n"
            + operators(original, best, ours, label) + "\n" + places(found))


def operators(original, best, ours, label):
    def count(record, operator):
        return record["operators"].get(operator, 0)

    names = original["operators"].keys() | best["operators"].keys() | ours["operators"].keys()
    differing = sorted((each for each in names if count(best, each) != count(ours, each)),
                       key=lambda each: (count(best, each) - count(ours, each), each))
    rows = [[each, count(original, each), count(best, each), count(ours, each),
             f"{count(ours, each) - count(best, each):+}"] for each in differing]
    return tables.markdown(["operator", "before", best["tool"], label, "surplus"], rows)


def places(found):
    lines = []
    for operator, surroundings in found.items():
        lines.append(f"{operator} in {label_count(surroundings)}:")
        lines += [f"  {count:4} × {place}" for place, count in surroundings[:PLACES]]
    return "\n".join(lines) + "\n"


def label_count(surroundings):
    return f"{len(surroundings)} surrounding{'s' if len(surroundings) != 1 else ''}"
