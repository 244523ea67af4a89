"""How long models take beside each other: in one process, in turn, so that what disturbs one disturbs all."""

import statistics
import time

from . import draws
from .numerics import input_types, session

FEWEST_ROUNDS, MOST_ROUNDS = 5, 200


def latency(variants, description, seconds):
    """`variants` are paths by name, "original" among them; ONNX Runtime's optimizations are on, one thread.

    {"milliseconds": median of the original, "rounds": …, "ratios": {name: median of its CPU time over the original's
    of the same round}, "creation": {name: CPU milliseconds that a session takes to be made}, "failures": {name: why}}
    """
    runs, failures, creation = {}, {}, creations(variants)
    for name, path in variants.items():
        try:
            runs[name] = prepared(path, description)
        except Exception as error:  # a broken model can fail in any way
            failures[name] = str(error).splitlines()[0][:300]
    times = measure(runs, seconds)
    original = times["original"]
    ratios = {name: statistics.median(time / base for time, base in zip(each, original))
              for name, each in times.items() if name != "original"}
    return {"milliseconds": statistics.median(original) * 1e3, "rounds": len(original), "ratios": ratios,
            "creation": creation, "failures": failures}


def creations(variants, rounds=3):
    """The least of a few, in turn: the first one also reads the file into the system's cache."""
    times = {name: [] for name in variants}
    for _ in range(rounds):
        for name, path in variants.items():
            before = time.process_time()
            try:
                session(path, "ORT_ENABLE_ALL")
            except Exception:  # `latency` says why
                continue
            times[name].append((time.process_time() - before) * 1e3)
    return {name: min(each) for name, each in times.items() if each}


def prepared(path, description):
    """A call that runs the model on the first draw; it has run twice already."""
    runner = session(path, "ORT_ENABLE_ALL")
    feeds = draws.feeds(description, 0, input_types(runner))

    def run():
        runner.run(None, feeds)

    run()
    run()
    return run


def measure(runs, seconds):
    """CPU seconds by name; every second round goes backwards."""
    times = {name: [] for name in runs}
    start, order = time.perf_counter(), list(runs)
    for round in range(MOST_ROUNDS):
        if round >= FEWEST_ROUNDS and time.perf_counter() - start > seconds:
            break
        for name in order:
            before = time.process_time()
            runs[name]()
            times[name].append(time.process_time() - before)
        order.reverse()
    return times
