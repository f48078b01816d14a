"""Reading: all that a question needs, each table asked once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kvitto.metrics.compiler import Compiled, Key, Measure, Raw, compile_group
from kvitto.metrics.fact import Facts
from kvitto.metrics.frame import Reading, Span
from kvitto.metrics.place import Places
from kvitto.metrics.plan import Read

Where = tuple[Measure, Span]


@dataclass(slots=True)
class Gathered:
    """What was read: per measure and span, by the labels of the members."""

    results: dict[Where, dict[Key, Raw]] = field(default_factory=dict)
    keys: dict[Where, dict[Key, Key]] = field(default_factory=dict)
    sql: list[str] = field(default_factory=list)


def gather(facts: Facts, places: Places, reads: Iterable[Read]) -> Gathered:
    """Read everything that is wanted, in as few SELECTs as there are readings."""
    found = Gathered()
    for reading, measures, spans in groups(reads):
        compiled = compile_group(
            facts.client,
            reading,
            measures,
            spans,
            places.by(reading.table),
            places.where(reading.table),
        )
        text = compiled.sql(spans)
        found.sql.append(text)
        _collect(found, compiled, facts.reader.query(text), places, reading, measures, spans)
    return found


def groups(
    reads: Iterable[Read],
) -> tuple[tuple[Reading, tuple[Measure, ...], tuple[Span, ...]], ...]:
    """Reads put together: the same reading over the same spans is one SELECT."""
    spans: dict[tuple[Reading, Measure], dict[Span, None]] = {}
    for read in reads:
        reading = Reading.of(read.measure.part)
        spans.setdefault((reading, read.measure), {})[read.span] = None
    grouped: dict[tuple[Reading, tuple[Span, ...]], list[Measure]] = {}
    for (reading, measure), wanted in spans.items():
        grouped.setdefault((reading, tuple(wanted)), []).append(measure)
    return tuple(
        (reading, tuple(measures), wanted) for (reading, wanted), measures in grouped.items()
    )


def _collect(
    found: Gathered,
    compiled: Compiled,
    rows: Sequence[tuple[object, ...]],
    places: Places,
    reading: Reading,
    measures: Sequence[Measure],
    spans: Sequence[Span],
) -> None:
    collected = compiled.collect(rows)
    names = places.split.dimensions
    for measure, by_span in zip(measures, collected, strict=True):
        for span, by_key in zip(spans, by_span, strict=True):
            labelled: dict[Key, Raw] = {}
            keys: dict[Key, Key] = {}
            for key, raw in by_key.items():
                label = tuple(
                    places.label(reading.table, name, part)
                    for name, part in zip(names, key, strict=True)
                )
                labelled[label] = raw
                keys[label] = key
            found.results[(measure, span)] = labelled
            found.keys[(measure, span)] = keys
