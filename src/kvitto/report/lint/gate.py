"""The gate's part of what is wrong with an edition."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.report.gate import Gate, GateState
from kvitto.report.lint.problem import LintProblem


def check_gate(gate: Gate) -> Iterator[LintProblem]:
    """What holds the report blocks; what was let pass or is provisional is said."""
    for reason in gate.reasons:
        passed = reason.passed
        said = "" if passed is None else f" {passed.by} let it pass: {passed.reason}"
        concerned = f" It concerns {', '.join(reason.metrics)}." if reason.metrics else ""
        yield LintProblem(
            "gate",
            reason.source or reason.table or "the data",
            f"{reason.message}.{said}{concerned}",
            reason.todo or "Let the remark stand in the report.",
            blocks=reason.level is GateState.hold and passed is None,
        )
