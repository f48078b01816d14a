"""The way of an edition: draft, approved by name, sealed; and back to draft when it changes."""

from __future__ import annotations

from datetime import datetime

from kvitto.errors import Problem, Unresolved, WrongState, WrongUse
from kvitto.model.edition import Edition, Review, State
from kvitto.report.lint.check import lint

APPROVED = "approved"
RETURNED = "returned"


def state_of(edition: Edition) -> State:
    """Approved while the last review approves exactly this content, else a draft."""
    last = edition.reviews[-1] if edition.reviews else None
    if last is None or last.action != APPROVED or last.content != edition.reviewed_hash():
        return State.draft
    return State.approved


def approve(
    edition: Edition, by: str, at: datetime, *, previous: Edition | None = None, note: str = ""
) -> Edition:
    """The edition, approved by a named person.

    Raises :class:`Unresolved` with everything that blocks, and
    :class:`WrongUse` where nobody is named.
    """
    if not by.strip():
        raise WrongUse.of("approve the edition", "nobody is named", "Say who approves it.")
    require_resolved(edition, previous)
    review = Review(
        action=APPROVED,
        by=by.strip(),
        at=at.isoformat(),
        note=note,
        content=edition.reviewed_hash(),
    )
    return edition.model_copy(update={"reviews": (*edition.reviews, review)})


def return_edition(edition: Edition, by: str, at: datetime, note: str) -> Edition:
    """The edition, sent back to its author with a reason."""
    review = Review(action=RETURNED, by=by, at=at.isoformat(), note=note)
    return edition.model_copy(update={"reviews": (*edition.reviews, review)})


def require_resolved(edition: Edition, previous: Edition | None) -> None:
    """Raises :class:`Unresolved` that lists every problem that blocks."""
    blocking = [problem for problem in lint(edition, previous) if problem.blocks]
    if blocking:
        raise Unresolved(
            *(Problem(problem.where, problem.message, problem.todo) for problem in blocking)
        )


def require_approved(edition: Edition) -> Review:
    """The approval that holds. Raises :class:`WrongState` where there is none."""
    if state_of(edition) is not State.approved:
        changed = any(review.action == APPROVED for review in edition.reviews)
        found = "it was changed after it was approved" if changed else "nobody has approved it"
        raise WrongState.of(f"seal {edition.id}", found, "Read it through and approve it first.")
    return edition.reviews[-1]
