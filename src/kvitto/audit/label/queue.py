"""The queue of labels about which nobody has decided yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kvitto.audit.label.occurrence import DECIDED, Label, Rest
from kvitto.audit.label.suggestion import ASKED, Asked, Suggestion, suggest
from kvitto.workspace.concept import Place, closed_values
from kvitto.workspace.label import LabelBook

Together = Callable[[str, str], Mapping[tuple[str, str], tuple[float, str]]]
"""Client and concept -> what labels occur with; see :func:`kvitto.audit.label.company.together`."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One label that waits for a decision.

    ``reason``: ``unknown`` where the concept has canonical values and this is
    none of them, ``variant`` where it looks like another spelling of one,
    ``assumed`` where a stage's name does not say how its deals ended.
    """

    client: str
    concept: str
    label: str
    rows: int
    sources: tuple[str, ...]
    places: tuple[Place, ...]
    reason: str
    suggestions: tuple[Suggestion, ...]


def queue(
    labels: Sequence[Label],
    books: Mapping[str, LabelBook],
    together: Together | None = None,
    *,
    everything: bool = False,
) -> tuple[Waiting, ...]:
    """The labels to decide about, those in most rows first within each concept.

    ``books`` are the rules in force, by client. With ``everything`` labels that
    resemble nothing and may stand as they are come too, with the reason ``new``.
    """
    found: list[Waiting] = []
    for (client, concept), members in _grouped(labels).items():
        book = books.get(client, LabelBook())
        found.extend(_of_concept(client, concept, members, book, together, everything))
    return tuple(found)


def _grouped(labels: Iterable[Label]) -> dict[tuple[str, str], list[Label]]:
    grouped: dict[tuple[str, str], list[Label]] = {}
    for label in labels:
        grouped.setdefault((label.client, label.concept), []).append(label)
    return grouped


def _of_concept(
    client: str,
    concept: str,
    members: Sequence[Label],
    book: LabelBook,
    together: Together | None,
    everything: bool,
) -> Iterator[Waiting]:
    closed = closed_values(concept) or book.values.get(concept, ())
    decided = {one.raw for one in members if one.kind in DECIDED}
    targets = {one.canonical for one in members if one.kind in DECIDED}
    settled = sorted({*closed, *(targets if closed else ())})
    open_ones = [
        one
        for one in members
        if one.kind in ("same", "assumed") and one.raw not in decided and one.raw not in settled
    ]
    rows: dict[str, int] = {}
    for one in open_ones:
        rows[one.raw] = rows.get(one.raw, 0) + one.rows
    for target in targets:
        rows.setdefault(target, sum(one.rows for one in members if one.canonical == target))
    pairs = together(client, concept) if together is not None and rows else {}
    suggested = suggest(Asked(concept, rows, settled, pairs))
    for one in _merged(open_ones):
        if one.raw in targets:
            continue
        proposed = suggested.get(one.raw, ())
        reason = "assumed" if one.kind == "assumed" else ("unknown" if closed else "variant")
        asks = bool(closed) if reason != "assumed" else False
        asks = asks or bool(proposed and proposed[0].score >= ASKED)
        if asks or everything:
            said = reason if asks else "new"
            yield Waiting(
                client, concept, one.raw, one.rows, one.sources, one.places, said, proposed
            )


def _merged(labels: Sequence[Label]) -> list[Label]:
    """One for each label, the most frequent first."""
    found: dict[str, Label] = {}
    for one in labels:
        held = found.get(one.raw)
        if held is None:
            found[one.raw] = one
            continue
        found[one.raw] = Label(
            one.client,
            one.concept,
            one.raw,
            held.canonical,
            held.rows + one.rows,
            held.kind,
            tuple(sorted({*held.sources, *one.sources})),
            tuple(sorted({*held.places, *one.places})),
        )
    return sorted(found.values(), key=lambda one: (-one.rows, one.raw))


def too_many(rest: Sequence[Rest]) -> tuple[Rest, ...]:
    """Concepts with more labels than are looked at, added up."""
    found: dict[tuple[str, str], Rest] = {}
    for one in rest:
        held = found.get((one.client, one.concept))
        labels = one.labels + (held.labels if held else 0)
        rows = one.rows + (held.rows if held else 0)
        found[(one.client, one.concept)] = Rest(one.client, one.concept, labels, rows)
    return tuple(found.values())
