"""What Google says of its own figures, in words that a person can act on."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.sources.connectors.ga4.answer import Answer
from kvitto.sources.stream import Notice


def remarks(stream: str, answer: Answer, days: str) -> Iterator[Notice]:
    """What is to be known of the rows of an answer; ``days`` are those it is about."""
    metadata, where = answer.metadata, f"{stream} of the property {answer.site}"
    if answer.sampled:
        yield Notice(
            stream,
            "sampled",
            f"{where} is estimated from a part of the events, as on {days}",
            "Take the figures as estimates, or ask for fewer dimensions.",
        )
    if metadata.get("dataLossFromOtherRow"):
        yield Notice(
            stream,
            "other_row",
            f"{where} has more combinations than Google keeps; the rest stands in the row"
            f" '(other)', as on {days}",
            "The totals hold; the figures by source and campaign are too low.",
        )
    if metadata.get("subjectToThresholding"):
        yield Notice(
            stream,
            "withheld",
            f"{where} leaves out rows with few people, as on {days}",
            "Totals are too low; switch Google signals off in the reporting identity, or ask for"
            " fewer dimensions.",
        )
    yield from _missing(stream, answer, where)


def _missing(stream: str, answer: Answer, where: str) -> Iterator[Notice]:
    if answer.restricted:
        yield Notice(
            stream,
            "restricted",
            f"{where} has figures that this sign-in may not see: "
            f"{', '.join(sorted(answer.restricted))}; they are missing",
            "Lift the data restriction of its role.",
        )
    undated = answer.undated()
    if undated:
        yield Notice(
            stream,
            "no_day",
            f"{undated} rows of {where} have no day and are left out",
            "They are in no day's figures.",
            rows=undated,
        )
