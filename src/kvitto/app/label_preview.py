"""What a decision about a label would change, measured before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from kvitto.app.house import House
from kvitto.app.label import Kind, dimensions_of, require_concept, require_readable
from kvitto.app.who import Who, require_team

if TYPE_CHECKING:
    from kvitto.metrics.answer import Readable
    from kvitto.model.period import Period
    from kvitto.model.value import Figure


@dataclass(frozen=True, slots=True)
class Effect:
    """One figure that a mapping changes. ``member`` is empty where the whole figure changes.

    ``before`` and ``after`` are exact numbers as text, or in words why there is none.
    """

    metric: str
    dimension: str
    member: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a mapping would change in one period: labels it takes up, rows, figures.

    ``totals_change`` says whether figures that are not split change too.
    """

    client: str
    concept: str
    label: str
    canonical: str
    period: str
    labels: tuple[str, ...]
    rows: int
    effects: tuple[Effect, ...]
    totals_change: bool

    def document(self) -> dict[str, object]:
        """As data."""
        return asdict(self)


def preview_label(
    house: House,
    who: Who,
    client: str,
    concept: str,
    label: str,
    canonical: str,
    period: Period,
    *,
    kind: Kind = "exact",
    metrics: Sequence[str] = (),
) -> Preview:
    """Which figures of the period would change, measured on the published version.

    Nothing is written. A label that a rule has renamed already is looked up by
    what it is called now. Raises :class:`UnknownName` for an unknown concept.
    """
    from kvitto.audit.label.occurrence import read_labels
    from kvitto.audit.label.overlay import condition_of, matching, overlaid
    from kvitto.workspace.label import folded

    require_team(who, "see the labels", client)
    require_concept(concept)
    require_readable(kind, label)
    version = house.warehouse.current()
    with house.readers.reading(version.id) as reader:
        known = [one for one in read_labels(reader, {client})[0] if one.concept == concept]
        same = [one.canonical for one in known if folded(one.canonical) == folded(label)]
        condition = condition_of(kind, label, sorted(set(same)))
        taken = matching(reader, condition, [one.canonical for one in known])
        wanted = tuple(metrics) or house.catalogue.ids()
        with overlaid(reader.path, version, client, concept, condition, canonical) as other:
            dimensions = dimensions_of(concept)
            sides = [
                _measured(house, who, side, client, wanted, period, dimensions)
                for side in (reader, other)
            ]
    effects = _effects(*sides)
    rows = sum(one.rows for one in known if one.canonical in taken)
    whole = any(not effect.dimension for effect in effects)
    return Preview(
        client, concept, label, canonical, period.label, tuple(taken), rows, effects, whole
    )


_Figures = dict[tuple[str, str, str], str]
"""(metric, dimension, member) -> exact number, or why there is none."""


def _measured(
    house: House,
    who: Who,
    side: Readable,
    client: str,
    metrics: Sequence[str],
    period: Period,
    dimensions: Sequence[str],
) -> _Figures:
    """All these metrics of one side, whole and by each dimension that splits them."""
    from kvitto.metrics.ask import ask
    from kvitto.model.question import Question

    catalogue, context = house.catalogue_of(client), house.context(client)
    scope = who.scope.narrow(client)
    found: _Figures = {}
    for dimension in ("", *dimensions):
        split = [
            name for name in metrics if not dimension or dimension in catalogue.get(name).dimensions
        ]
        if not split:
            continue
        by = (dimension,) if dimension else ()
        question = Question(scope, client, tuple(split), period, by)
        for cell in ask(side, catalogue, question, context).answer.cells:
            member = dict(cell.dimensions).get(dimension) if dimension else ""
            found[(cell.metric, dimension, member or "")] = _told(cell.figure)
    return found


def _told(figure: Figure) -> str:
    from kvitto.metrics.figure import exact_text
    from kvitto.model.value import Value

    return exact_text(figure.number) if isinstance(figure, Value) else figure.kind.value


def _effects(before: _Figures, after: _Figures) -> tuple[Effect, ...]:
    """Every figure that differs; a member that is on one side alone has nothing on the other."""
    return tuple(
        Effect(*key, before.get(key, ""), after.get(key, ""))
        for key in sorted({*before, *after})
        if before.get(key, "") != after.get(key, "")
    )
