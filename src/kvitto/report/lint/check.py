"""All rules over one edition."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kvitto.model.edition import Edition
from kvitto.report.lint.figure import check_arrows, check_fresh, check_missing, check_receipts
from kvitto.report.lint.kpi import check_agreed, check_count, check_objectives, check_vanity
from kvitto.report.lint.problem import LintProblem
from kvitto.report.lint.promise import (
    check_actions,
    check_meeting,
    check_milestones,
    check_plan,
    check_work,
)
from kvitto.report.lint.text import check_questions, check_resolved, check_voice


def lint(edition: Edition, previous: Edition | None = None) -> tuple[LintProblem, ...]:
    """Everything that is wrong with an edition, what blocks first.

    Some rules hold for every report; others (questions, agreed, objectives,
    milestones, work, plan, actions, meeting, voice) where the template demands
    them. ``previous`` is the sealed edition before it.
    """
    found = [
        *check_resolved(edition),
        *check_receipts(edition),
        *check_missing(edition),
        *check_arrows(edition),
        *check_fresh(edition),
        *check_count(edition),
        *check_vanity(edition, previous),
    ]
    demanded: dict[str, Callable[[], Iterable[LintProblem]]] = {
        "questions": lambda: check_questions(edition),
        "agreed": lambda: check_agreed(edition, previous),
        "objectives": lambda: check_objectives(edition),
        "milestones": lambda: check_milestones(edition),
        "work": lambda: check_work(edition),
        "plan": lambda: check_plan(edition),
        "actions": lambda: check_actions(edition),
        "meeting": lambda: check_meeting(edition),
        "voice": lambda: check_voice(edition),
    }
    for rule, check in demanded.items():
        if rule in edition.rules:
            found += check()
    return tuple(sorted(found, key=lambda problem: not problem.blocks))
