"""Where an edition stands for the team, and the one next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from kvitto.model.edition import Edition, State
from kvitto.web.view.sentence import Trouble, troubles

if TYPE_CHECKING:
    from kvitto.report.lint import LintProblem
    from kvitto.workspace.definition import ClientDefinition, Recipient

_STEPS = (State.draft.value, State.approved.value, State.sealed.value)
_GATE = "gate"
"""Code of what the gate says; the desk shows the gate itself."""

_ACTIONS = {"draft": "approve", "approved": "seal", "sealed": "deliver"}


SENT = "sent"
"""State of a delivery that the channel took."""


class Delivery(Protocol):
    """One line of the ledger of deliveries, as far as the desk looks at it."""

    @property
    def recipient(self) -> str:
        """The address."""

    @property
    def state(self) -> str:
        """Where the delivery stands."""


@dataclass(frozen=True, slots=True)
class Desk:
    """``step`` counts from 0 (draft) to 4 (delivered); ``action`` is the next step's name.

    ``stopped`` says that something blocks it; ``seen`` is the hash of the
    draft as this person saw it, so that two people do not overwrite each other.
    """

    step: int
    action: str
    stopped: bool
    editable: bool
    seen: str
    troubles: tuple[Trouble, ...]
    problems: tuple[LintProblem, ...]
    recipients: tuple[Recipient, ...]
    deliveries: tuple[Delivery, ...]

    @property
    def delivered(self) -> bool:
        """Somebody got it and nobody is waiting."""
        return self.step > len(_STEPS)


def lay_out(
    edition: Edition,
    state: str,
    seen: str,
    problems: Sequence[LintProblem],
    deliveries: Sequence[Delivery],
    client: ClientDefinition,
) -> Desk:
    """The desk for one edition; remarks that only repeat a marked passage are left out."""
    found = () if state == State.sealed else troubles(edition)
    recipients = _recipients(edition, client)
    sent = {delivery.recipient for delivery in deliveries if delivery.state == SENT}
    waiting = tuple(person for person in recipients if person.email.casefold() not in sent)
    done = bool(sent) and not waiting
    listed = [
        problem
        for problem in problems
        if problem.code != _GATE and not (found and _repeats(problem))
    ]
    return Desk(
        step=len(_STEPS) + 1 if done else _STEPS.index(state),
        action="" if done else _ACTIONS[state],
        stopped=_stopped(state, found, problems, recipients),
        editable=state != State.sealed,
        seen=seen,
        troubles=found,
        problems=tuple(sorted(listed, key=lambda problem: not problem.blocks)),
        recipients=waiting if state == State.sealed else (),
        deliveries=tuple(deliveries),
    )


def _repeats(problem: LintProblem) -> bool:
    return "unresolved" in problem.code


def _stopped(
    state: str,
    found: Sequence[Trouble],
    problems: Sequence[LintProblem],
    recipients: Sequence[Recipient],
) -> bool:
    if state == State.sealed:
        return not recipients
    return bool(found) or any(problem.blocks for problem in problems)


def _recipients(edition: Edition, client: ClientDefinition) -> tuple[Recipient, ...]:
    """Those of the series, else those of the client."""
    for series in client.reports:
        if series.template == edition.report and series.recipients:
            return series.recipients
    return client.recipients
