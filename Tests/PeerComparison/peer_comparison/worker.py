"""One task in a process of its own: `python -m peer_comparison.worker TASK ARGUMENT…`; results are JSON on a last line.

A task that only simplifies imports only its tool: the process is what is measured.
"""

import json
import sys


def simplify(tool, source, target):
    from .peers import TOOLS, copy

    {**TOOLS, "copy": copy}[tool](source, target)


def statistics(path):
    from .statistics import statistics

    return statistics(path)


def reference(model, description, target):
    from .numerics import write_reference

    write_reference(model, description, target)


def compare(model, reference):
    from .numerics import compare

    try:
        return compare(model, reference)
    except Exception as error:  # what a simplifier broke can fail in any way
        return {"error": str(error).splitlines()[0][:300]}


def contexts(path):
    from .contexts import contexts

    return contexts(path)


def latency(variants, description, seconds):
    from .latency import latency

    return latency(json.loads(variants), description, float(seconds))


def chain(target, nodes):
    from .chains import write_chain

    write_chain(target, int(nodes))


def large(target):
    from .chains import write_large

    write_large(target)


TASKS = {each.__name__: each for each in (
    simplify, statistics, reference, compare, contexts, latency, chain, large)}

if __name__ == "__main__":
    result = TASKS[sys.argv[1]](*sys.argv[2:])
    if result is not None:
        print("\n" + json.dumps(result))
