"""What a receipt says of the order of sources: who won, what the others said, what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from kvitto.metrics.compiler import EMPTY, Key, Raw, compile_group
from kvitto.metrics.dimension import Place
from kvitto.metrics.fact import Facts
from kvitto.metrics.figure import exact_text, part_figure
from kvitto.metrics.frame import Reading
from kvitto.metrics.place import Places
from kvitto.metrics.plan import Read
from kvitto.metrics.priority import Chosen
from kvitto.model.metric import Metric
from kvitto.model.receipt import Applied
from kvitto.model.value import Status, Unit, UnitKind, Value

ACTION = "source_priority"
"""The word in ``applied`` for rows that another source's rows stand before."""


def told_by(
    facts: Facts, places: Places, read: Read, member: Key, metric: Metric, used: Raw
) -> Applied | None:
    """Who tells this figure and what the others say; ``None`` where no order applies.

    ``rows`` are those of the other sources that are left out because of it.
    """
    chosen = read.chosen
    if chosen is None:
        return None
    by_source = _by_source(facts, places, read, chosen)
    raws = {source: keyed.get(member, EMPTY) for source, keyed in by_source.items()}
    left = sum(raw.rows for raw in raws.values()) - used.rows
    words = [chosen.said]
    for name in chosen.others:
        said = _figure(metric, chosen, raws.get(name, EMPTY))
        told = _figure(metric, chosen, used)
        words.append(_against(name, said, told, chosen.rule.priority.tolerance))
    return Applied(action=ACTION, rule=chosen.rule.name, rows=left, why="; ".join(words))


def _by_source(
    facts: Facts, places: Places, read: Read, chosen: Chosen
) -> Mapping[str, Mapping[Key, Raw]]:
    """What each source alone says of the span, by the members of the split."""
    part = chosen.before
    by, where = places.by(part.table), places.where(part.table)
    measure = type(read.measure)(read.measure.name, part, read.measure.durations)

    def ask() -> dict[str, dict[Key, Raw]]:
        split = [("_source", Place((), "_source")), *by]
        compiled = compile_group(
            facts.client, Reading.of(part), [measure], [read.span], split, where
        )
        rows = facts.reader.query(compiled.sql([read.span]))
        found: dict[str, dict[Key, Raw]] = {}
        for key, raw in compiled.collect(rows)[0][0].items():
            found.setdefault(str(key[0]), {})[key[1:]] = raw
        return found

    return facts.once(("told by source", measure, read.span, by, where), ask)


def _figure(metric: Metric, chosen: Chosen, raw: Raw) -> Value | None:
    unit = Unit(UnitKind.number)
    found = part_figure(metric, chosen.before, raw, unit, Status.final)
    return found if isinstance(found, Value) else None


def _against(name: str, said: Value | None, told: Value | None, tolerance: Decimal) -> str:
    if said is None:
        return f"{name} says nothing"
    text = f"{name} says {exact_text(said.number)}"
    if told is None:
        return text
    one, other = Decimal(str(told.number)), Decimal(str(said.number))
    greater = max(abs(one), abs(other))
    if not greater or abs(one - other) <= tolerance * greater:
        return f"{text}, within {tolerance:.0%} of it"
    return f"{text}, {abs(one - other) / greater:.1%} apart, more than the {tolerance:.0%} allowed"
