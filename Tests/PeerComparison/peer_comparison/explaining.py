"""What the best peer does that ours does not: operators side by side, and where the two graphs differ."""

from . import tables
from .measuring import Measurement, remove, worker

PLACES = 25
"""How many surroundings that one of the graphs has more often are shown."""


def explain(results, workspace, name, label, peer=None):
    ours, original = results.get(name, label), results.get(name, "original")
    best = results.get(name, peer) if peer else tables.best_portable(results, name)
    if not (ours and best and "nodes" in ours and "nodes" in best):
        return f"{name}: measure `ours` and `peers` first\n"
    return (f"## {name}: {original['nodes']} → {best['nodes']} with {best['tool']}, {ours['nodes']} with {label}\n\n"
            + operators(original, best, ours, label) + "\n" + places(workspace, name, label, best["tool"]))


def operators(original, best, ours, label):
    def count(record, operator):
        return record["operators"].get(operator, 0)

    names = original["operators"].keys() | best["operators"].keys() | ours["operators"].keys()
    differing = sorted((each for each in names if count(best, each) != count(ours, each)),
                       key=lambda each: (count(best, each) - count(ours, each), each))
    rows = [[each, count(original, each), count(best, each), count(ours, each),
             f"{count(ours, each) - count(best, each):+}"] for each in differing]
    return tables.markdown(["operator", "before", best["tool"], label, "surplus"], rows)


def places(workspace, name, label, tool):
    """Runs the peer again, since its result was not kept."""
    result = Measurement(workspace, name).simplified(tool)
    theirs, ours = worker("contexts", result), worker("contexts", workspace.ours(name, label))
    remove(result)
    surplus = {place: ours.get(place, 0) - theirs.get(place, 0) for place in ours.keys() | theirs.keys()}
    more = sorted((each for each in surplus if surplus[each] > 0), key=lambda each: (-surplus[each], each))
    fewer = sorted((each for each in surplus if surplus[each] < 0), key=lambda each: (surplus[each], each))
    return listing(f"more often in {label}", more, surplus) + "\n" + listing(f"more often in {tool}", fewer, surplus)


def listing(title, places, surplus):
    lines = [f"{abs(surplus[place]):5} × {place}" for place in places[:PLACES]]
    left = len(places) - len(lines)
    return "\n".join([f"{title}:", *lines, *([f"      and {left} others"] if left else [])]) + "\n"
