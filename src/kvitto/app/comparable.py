"""Which figures of a client two sides tell, so that they can be led from one to the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from kvitto.app.ask import asking
from kvitto.app.house import House
from kvitto.app.who import Who, require_team

if TYPE_CHECKING:
    from kvitto.app.ask import HouseAsker

    # Pages take the types of what use cases give from the room of the use cases.
    from kvitto.metrics.bridge.daily import Compared as Compared
    from kvitto.metrics.bridge.daily import Day as Day
    from kvitto.metrics.bridge.step import Bridge as Bridge
    from kvitto.metrics.bridge.step import Step as Step
    from kvitto.metrics.bridge.step import Told as Told


@dataclass(frozen=True, slots=True)
class Comparable:
    """A metric and two of its sides: kinds of row of a word, or sources of its table."""

    metric: str
    one: str
    other: str


def comparable(house: House, who: Who, client: str) -> tuple[Comparable, ...]:
    """The pairs worth comparing: kinds of row that are alternatives of each other, and
    sources between which a rule chooses or that the audit found to look alike."""
    require_team(who, "compare two sources", client)
    with asking(house, who, client) as asker:
        found = [*_of_words(house, client), *_of_sources(house, asker)]
    return tuple(dict.fromkeys(found))


def _of_words(house: House, client: str) -> Iterator[Comparable]:
    for meaning in house.workspace.meanings.values():
        for version in meaning.definitions:
            if version.alternatives and (not version.clients or client in version.clients):
                names = dict.fromkeys(one.name for one in version.counts if one.name)
                for one, other in combinations(names, 2):
                    yield Comparable(meaning.word, one, other)


def _of_sources(house: House, asker: HouseAsker) -> Iterator[Comparable]:
    """By table the metrics that are counted of its rows alone."""
    from kvitto.metrics.fact import facts_of
    from kvitto.metrics.plan import feeding

    chosen = _chosen(house, asker)
    if not chosen:
        return
    client = asker.context.client
    facts = facts_of(asker.reader, client)
    agreed = {name for series in house.client(client).reports for name in series.kpis}
    for metric in asker.catalogue:
        tables = {part.table for _, part in metric.parts}
        if len(tables) != 1 or len(metric.parts) != 1:
            continue
        (table,) = tables
        named = table in chosen and (metric.id in agreed or not agreed)
        if not named and metric.id not in chosen:
            continue
        sources = sorted(state.name for state in feeding(metric, table, facts))
        for one, other in combinations(sources, 2):
            yield Comparable(metric.id, one, other)


def _chosen(house: House, asker: HouseAsker) -> frozenset[str]:
    """Tables and metrics of which more than one source is known to tell."""
    client = asker.context.client
    rules = [
        rules
        for rules in house.workspace.rules.values()
        if not rules.clients or client in rules.clients
    ]
    named = {rule.metric or rule.table or "" for each in rules for rule in each.priorities}
    alike = {one.table for one in asker.findings() if one.code == "two_sources"}
    return frozenset({*named, *alike} - {""})
