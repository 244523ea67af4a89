"""Accuracy, and time beside the original's: in one process, in turn, so that what disturbs one disturbs all."""

import os
import statistics
import time

import numpy
import onnxruntime

BATCH = 250


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 3
    if threads > 1:
        # Left alone, the system may wake all threads of a session on one processor.
        bound = ";".join(str(processor + 1) for processor in sorted(os.sched_getaffinity(0))[1:threads])
        options.add_session_config_entry("session.intra_op_thread_affinities", bound)
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def labels(runner, samples):
    """What the first output says of each sample: its arg-max, or itself where it is one number."""
    name, found = runner.get_outputs()[0].name, []
    for start in range(0, len(samples), BATCH):
        output = runner.run([name], samples.batch(start, BATCH))[0]
        found.append(output.reshape(len(output), -1).argmax(1) if output.ndim > 1 else output)
    return numpy.concatenate(found)


def accuracy(path, samples):
    return float((labels(session(path, 1), samples) == samples.labels).mean())


def accuracy_or_none(path, samples):
    """None where the model does not run."""
    try:
        return accuracy(path, samples)
    except onnxruntime.capi.onnxruntime_pybind11_state.OnnxRuntimeException:
        return None


def latencies(paths, samples, threads, batch, seconds):
    """The median of each path's time over the first one's of the same round; CPU time on one thread, else wall."""
    clock = time.process_time if threads == 1 else time.perf_counter
    feeds = samples.batch(0, batch)
    runners = {path: session(path, threads) for path in paths}
    times = {path: [] for path in paths}
    began, order, runs = time.perf_counter(), list(paths), max(1, 32 // batch)
    for runner in runners.values():
        runner.run(None, feeds)
    while len(times[order[0]]) < 7 or time.perf_counter() - began < seconds:
        for path in order:
            before = clock()
            for _ in range(runs):
                runners[path].run(None, feeds)
            times[path].append(clock() - before)
        order.reverse()
    base = times[paths[0]]
    return {path: statistics.median(time / first for time, first in zip(times[path], base)) for path in paths}
