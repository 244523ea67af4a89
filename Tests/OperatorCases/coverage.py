"""The table of Docs/OperatorCoverage.md."""
import collections

import onnx
import onnxruntime
from onnx import defs
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

HEADER = """\
# Operator coverage

Made by `make operator-cases` from the cases of onnx {onnx} ({cases} with those of the models in its package and those
that Tests/OperatorCases/contrib.py adds for ONNX Runtime {runtime}'s own operators); edit no line here.

Each case is read, inferred, run through the exact pipeline, written and executed, in four variants: as it is; with small
integer inputs as constants; and with symbols for sizes besides, each its own or equal ones shared. Expected outputs are
compared with those of the optimized models, inferred types and followed elements with the values themselves.

- {inference}.
- {execution}.
- Not executed: {unexecuted}.

*Inference* is `full` where every size of every value is known in the cases whose shape inputs are constants; else it says
of how many values some sizes, or even the rank, are not. What depends on data, as in `NonZero`, cannot be known. `-`
means that no case has the operator as a node of its main graph, `none` that it has no rule. *With symbols* is the share of
values that have all sizes in terms of the symbols; `Add` of two unrelated symbols, say, has not.
*Cases* count for the operator that they are made for, passed / executed / all; what is not executed is what neither ONNX
Runtime nor the `onnx` package's reference evaluator runs.
"""


def table(findings, outcomes, rules):
    text = HEADER.format(
        onnx=onnx.__version__, runtime=onnxruntime.__version__, cases=len(outcomes),
        inference=findings.summary(), execution=execution_summary(outcomes),
        unexecuted="; ".join(f"{o.case} ({reason(o)})" for o in outcomes if not o.engine) or "none")
    versions = operator_versions()
    for domain in sorted({domain for domain, _ in versions}):
        rows = [row(domain, name, versions[domain, name], findings, outcomes, rules)
                for d, name in sorted(versions) if d == domain]
        rows = [cells for cells in rows if cells]
        text += f"\n## {domain or 'ai.onnx'}\n\n| Operator | Since | Inference | With symbols | Cases | Not executed |\n"
        text += "| --- | --- | --- | ---: | ---: | --- |\n"
        text += "".join(f"| {' | '.join(cells)} |\n" for cells in rows)
    return text


def execution_summary(outcomes):
    run = [outcome for outcome in outcomes if outcome.engine]
    engines = collections.Counter(outcome.engine for outcome in run)
    deviating = sum(outcome.own_deviation is not None for outcome in run)
    failed = sum(bool(outcome.failures) for outcome in outcomes)
    return (
        f"{len(outcomes)} cases, {len(run)} executed ({engines['onnxruntime']} by ONNX Runtime, "
        f"{engines['reference']} by the reference evaluator), {failed} failed; of {deviating} the engine's own results "
        "without optimization differ from the expected ones, and are what is compared with")


def operator_versions():
    versions = collections.defaultdict(list)
    for schema in defs.get_all_schemas_with_history():
        versions[schema.domain, schema.name].append(schema.since_version)
    for schema in runtime.get_all_operator_schema():
        if schema.domain == "com.microsoft":
            versions[schema.domain, schema.name].append(schema.since_version)
    return versions


def row(domain, name, versions, findings, outcomes, rules):
    op = f"{domain}.{name}" if domain else name
    cases = [outcome for outcome in outcomes if outcome.op == op]
    inference = grade(op, findings, op in rules)
    # Of the runtime's operators, most never leave it.
    if domain == "com.microsoft" and not cases and op not in rules:
        return None
    run = [outcome for outcome in cases if outcome.engine]
    passed = [outcome for outcome in run if not outcome.failures]
    reasons = collections.Counter(reason(outcome) for outcome in cases if not outcome.engine)
    return [
        name, ", ".join(map(str, sorted(versions))), inference, with_symbols(op, findings),
        f"{len(passed)} / {len(run)} / {len(cases)}" if cases else "",
        "; ".join(f"{count} × {text}" for text, count in sorted(reasons.items()))]


def grade(op, findings, has_rule):
    constant = findings.counts[op, "constant"]
    if not sum(constant.values()):
        return "-" if has_rule else "none"
    lacking = {"sizes": constant["sizes"], "shapes": constant["shape"] + constant["type"]}
    open_ones = ", ".join(f"{what} of {count}" for what, count in lacking.items() if count)
    return f"all but {open_ones} in {sum(constant.values())}" if open_ones else "full"


def with_symbols(op, findings):
    """The share of values whose sizes are all known where the inputs' are symbols."""
    counts = findings.counts[op, "symbolic"] + findings.counts[op, "shared"]
    total = sum(counts.values())
    return f"{100 * counts['complete'] // total} %" if total else ""


def reason(outcome):
    """What the engine says, without what differs from node to node."""
    text = outcome.why_not or "could not be read"
    for mark, short in (
            ("Could not find an implementation", "ONNX Runtime lacks the kernel"), ("NOT_IMPLEMENTED", "ONNX Runtime lacks it"),
            ("no such element type", "element type that Python's interface lacks")):
        if mark in text:
            return short
    return text.replace("|", "/").split(" : ")[-1][:70]
