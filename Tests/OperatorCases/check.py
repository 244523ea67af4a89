#!/usr/bin/env python3
"""Checks reading, inference, the exact pipeline and writing on every operator's cases, and writes what came of it
to Docs/OperatorCoverage.md.

    python3 check.py TOOL [--folder FOLDER] [--only TEXT] [--table FILE] [--models FOLDER]

TOOL is the built `operator-cases`; `make operator-cases` does all of it. The status is 1 where a type, a size, an
element or a result is wrong.
"""
import argparse
import collections
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import coverage
import execution
import exports
import inference
from cases import all_cases, write


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--folder", help="keep the models here; by default they are removed")
    parser.add_argument("--only", default="", help="cases with this in their names")
    parser.add_argument("--table", help="write the table to this file")
    parser.add_argument("--models", help="compare inference with run-time shapes on the models below this folder")
    options = parser.parse_args()
    folder = pathlib.Path(options.folder or tempfile.mkdtemp(prefix="operator-cases-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if options.models:
            return exports.check(options.tool, pathlib.Path(options.models), folder, options.only)
        return check(options, folder)
    finally:
        if not options.folder:
            shutil.rmtree(folder)


def check(options, folder):
    variants = [variant for case in all_cases(options.only) for variant in write(case, folder)]
    print(f"{len({v.case for v in variants})} cases, {len(variants)} models")
    reports = run_tool(options.tool, variants, folder)
    findings = inference.Findings()
    for variant in variants:
        findings.compare(variant, reports[variant.path])
    outcomes = execute(variants, reports)
    rules = subprocess.run([options.tool, "rules"], capture_output=True, text=True, check=True).stdout.split()
    if options.table:
        pathlib.Path(options.table).write_text(coverage.table(findings, outcomes, rules))
    return summarize(findings, outcomes)


def run_tool(tool, variants, folder):
    """What the tool says of each model, by path; a model that ends it counts as an error of that model."""
    reports = {}
    rest = list(variants)
    while rest:
        listing = folder / "list.txt"
        listing.write_text("".join(
            "\t".join([v.path, v.result, *(f"{k}={n}" for k, n in v.symbols.items())]) + "\n" for v in rest))
        done = subprocess.run([tool, "check", str(listing)], capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.endswith("}")]
        reports |= {report["path"]: report for report in lines}
        rest = rest[len(lines):]
        if rest:
            error = f"the tool ended with {done.returncode}: {done.stderr.strip().splitlines()[-1:]}"
            reports[rest[0].path] = {"path": rest[0].path, "error": error, "values": []}
            rest = rest[1:]
    return reports


# --- Execution

# The tolerance of a case may be one unit of half precision, which the original takes up, and rewrites round anew.
UNITS_OF_REWRITES = 2


class Outcome:
    """What became of one case: how it could be run, and how its results differ, by variant."""

    def __init__(self, variant):
        self.case, self.op = variant.case, variant.op
        self.engine, self.why_not, self.own_deviation = None, None, None
        self.failures = {}


def execute(variants, reports):
    engines = execution.Engines()
    outcomes = {}
    for variant in variants:
        outcome = outcomes.setdefault(variant.case, Outcome(variant))
        report = reports[variant.path]
        if report.get("error"):
            outcome.failures[variant.kind] = report["error"]
            continue
        feeds, expected, _ = variant.load()
        expected = list(expected.values())
        is_random = execution.is_random(variant.path)
        if variant.kind == "given":
            choose_engine(engines, outcome, variant, feeds, expected, is_random)
        if outcome.engine is None:
            continue
        # Where the engine itself deviates from the standard, its own results are what must stay.
        wanted = outcome.own_deviation or expected
        actual, why_not = engines.run(outcome.engine, variant.result, feeds)
        failure = why_not or execution.difference(
            wanted, actual, variant.rtol, variant.atol, is_random, UNITS_OF_REWRITES)
        if failure and works_unoptimized(engines, outcome, variant, feeds, wanted, is_random):
            outcome.failures[variant.kind] = failure
    engines.close()
    return list(outcomes.values())


def works_unoptimized(engines, outcome, variant, feeds, wanted, is_random):
    """Some variants cannot be run by the engine as they are."""
    actual, why_not = engines.run(outcome.engine, variant.path, feeds)
    return not why_not and not execution.difference(wanted, actual, variant.rtol, variant.atol, is_random)


def choose_engine(engines, outcome, variant, feeds, expected, is_random):
    """The first engine that gives the expected results, or else the first that gives any."""
    deviating, reasons = None, []
    for engine in ("onnxruntime", "reference"):
        actual, why_not = engines.run(engine, variant.path, feeds)
        if why_not:
            reasons.append(why_not)
            continue
        if not execution.difference(expected, actual, variant.rtol, variant.atol, is_random):
            outcome.engine = engine
            return
        deviating = deviating or (engine, actual)
    if deviating:
        outcome.engine, outcome.own_deviation = deviating
    else:
        outcome.why_not = reasons[-1]


def summarize(findings, outcomes):
    print(f"inference: {findings.summary()}")
    for text in findings.wrong[:100]:
        print(f"  wrong: {text}")
    run = [o for o in outcomes if o.engine]
    failed = [o for o in outcomes if o.failures]
    engines = collections.Counter(o.engine for o in run)
    print(f"execution: {len(run)} of {len(outcomes)} cases ({dict(engines)}), {len(failed)} failed")
    for outcome in failed:
        print(f"  failed: {outcome.case}: {outcome.failures}")
    return 1 if findings.wrong or failed else 0


if __name__ == "__main__":
    sys.exit(main())
