"""What must be said beside a change: events that coincide, and changes of the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvitto.model.period import Period
from kvitto.model.statement import Direction, Statement
from kvitto.workspace.definition import AnnotationDefinition

_OF_THE_DATA = ("tracking_change", "definition_change")


@dataclass(frozen=True, slots=True)
class DataChange:
    """Something about the data that moves a figure by itself.

    ``code`` is machine-readable ("definition_version", "source_replaced",
    "label_mapping", "tracking_change", "findings"); ``text`` says it in words.
    """

    code: str
    text: str
    metric: str | None = None
    on: str = ""
    evidence: tuple[str, ...] = ()


def data_changes(
    metric: str,
    changes: Sequence[DataChange],
    annotations: Sequence[AnnotationDefinition],
    period: Period,
) -> tuple[Statement, ...]:
    """Statements of kind "data": looked at before a change is explained by anything else."""
    noted = [
        DataChange(each.kind, each.text, each.metric, each.on.isoformat())
        for each in annotations
        if each.kind in _OF_THE_DATA and each.on in period
    ]
    return tuple(
        Statement(
            id=f"{metric}/data/{index}",
            kind="data",
            subject=metric,
            direction=Direction.unknown,
            note=each.code,
            event=each.text,
            on=each.on,
            evidence=each.evidence,
        )
        for index, each in enumerate(_about(metric, [*changes, *noted]), start=1)
    )


def coincidences(
    metric: str, annotations: Sequence[AnnotationDefinition], period: Period
) -> tuple[Statement, ...]:
    """Statements of kind "coincidence": events within the period, in order of their day.

    An event is never a cause; it is told as what it is, something at the same time.
    """
    inside = sorted(
        (
            each
            for each in annotations
            if each.on in period and each.kind not in _OF_THE_DATA and each.metric in (None, metric)
        ),
        key=lambda each: (each.on, each.text),
    )
    return tuple(
        Statement(
            id=f"{metric}/coincidence/{index}",
            kind="coincidence",
            subject=metric,
            direction=Direction.unknown,
            note=each.kind,
            event=each.text,
            on=each.on.isoformat(),
        )
        for index, each in enumerate(inside, start=1)
    )


def _about(metric: str, changes: Sequence[DataChange]) -> list[DataChange]:
    return [each for each in changes if each.metric in (None, metric)]
