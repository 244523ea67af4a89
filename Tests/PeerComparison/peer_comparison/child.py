"""Runs a command and says what the whole process cost.

The process that calls this stays small: on Linux a child's peak memory starts at its parent's.
"""

import os
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    wall: float
    cpu: float
    """User and system time of the process and its children, seconds."""
    peak: float
    """Largest resident set of the process, MB; pages of mapped files count."""
    failure: str | None
    output: str


def run(command, limit, environment=None):
    """Run to its end, or kill its process group after `limit` seconds."""
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True, env=environment)
        status, usage, late = wait(process, start + limit)
        wall = time.perf_counter() - start
        output.seek(0)
        text = output.read().decode(errors="replace")
    return Cost(round(wall, 3), round(usage.ru_utime + usage.ru_stime, 3), round(usage.ru_maxrss / 1024, 1),
                failure(status, late, limit, text), text)


def wait(process, end):
    late = False
    while True:
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if done:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage, late
        if time.perf_counter() > end and not late:
            late = True
            os.killpg(process.pid, signal.SIGKILL)
        time.sleep(0.005)


def failure(status, late, limit, text):
    if late:
        return f"not done after {limit} s"
    if status == 0:
        return None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f"exit {status}: {lines[-1][:300] if lines else 'no message'}"
