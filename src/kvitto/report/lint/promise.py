"""Promises: work that can be pointed at, plans and next steps with a person and a date, a call."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.model.block import ActionsBlock, MeetingBlock, WorkBlock
from kvitto.model.edition import Edition
from kvitto.report.lint.problem import LintProblem


def check_work(edition: Edition) -> Iterator[LintProblem]:
    """Each claim of work done has a link or its hours."""
    for block in _work(edition, "done"):
        if not block.items:
            yield LintProblem(
                "work",
                block.title,
                "nothing is listed",
                "Write what was done under 'done' of the client, with a link or hours.",
            )
        for item in block.items:
            if not (item.link or item.hours):
                yield LintProblem(
                    "work",
                    item.title,
                    "there is neither a link nor hours",
                    "Link what one can look at, or write the hours it took.",
                )


def check_plan(edition: Edition) -> Iterator[LintProblem]:
    """Each line of the plan has a person and a date."""
    for block in _work(edition, "plan"):
        if not block.items:
            yield LintProblem(
                "plan", block.title, "nothing is planned", "Write what comes under 'plan'."
            )
        for item in block.items:
            yield from _owned("plan", item.title, item.who, item.due)


def check_milestones(edition: Edition) -> Iterator[LintProblem]:
    """Each goal of the project says where it stands."""
    for block in _work(edition, "milestones"):
        for item in block.items:
            if not item.status:
                yield LintProblem(
                    "milestone", item.title, "it has no status", "Give it a date or a status."
                )


def check_actions(edition: Edition) -> Iterator[LintProblem]:
    """Each next step has a person and a date; what we need of the client is said."""
    blocks = [block for block in edition.blocks() if isinstance(block, ActionsBlock)]
    if not any(block.items for block in blocks):
        yield LintProblem(
            "actions",
            "next steps",
            "there are none",
            "Write who does what by when, on our side and the client's.",
        )
    for item in (item for block in blocks for item in block.items):
        yield from _owned("actions", item.title, item.who, item.due)
        if item.side == "client" and not item.need:
            yield LintProblem(
                "actions",
                item.title,
                "it does not say what is needed of the client",
                "Write it under 'need'.",
            )


def check_meeting(edition: Edition) -> Iterator[LintProblem]:
    """A call is booked, after the period, with an agenda."""
    meetings = [block for block in edition.blocks() if isinstance(block, MeetingBlock)]
    if not meetings:
        yield LintProblem(
            "meeting", "the call", "none is booked", "Book it and write it under 'meeting'."
        )
    for meeting in meetings:
        if meeting.day and meeting.day <= edition.last_day:
            yield LintProblem(
                "meeting",
                meeting.when,
                "it lies before the end of the reported period",
                "Book the call in which this report is talked through.",
            )
        if not meeting.agenda:
            yield LintProblem(
                "meeting", meeting.when, "it has no agenda", "Write one.", blocks=False
            )


def _owned(code: str, title: str, who: str, due: str) -> Iterator[LintProblem]:
    if not who:
        yield LintProblem(code, title, "nobody is named for it", "Write under 'who' who does it.")
    if not due:
        yield LintProblem(code, title, "it has no date", "Write under 'due' by when.")


def _work(edition: Edition, kind: str) -> Iterator[WorkBlock]:
    for block in edition.blocks():
        if isinstance(block, WorkBlock) and block.which == kind:
            yield block
