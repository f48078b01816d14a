"""Priorities that cannot hold: unknown sources, metrics and tables, windows that overlap."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from kvitto.errors import Problem, did_you_mean
from kvitto.model.table import canonical_tables
from kvitto.workspace.definition import RulesDefinition, SourceDefinition
from kvitto.workspace.document import Document, Keys
from kvitto.workspace.priority import Priority


def priority_problems(
    documents: Mapping[str, Document],
    rules: Mapping[str, RulesDefinition],
    sources: Mapping[str, SourceDefinition],
    clients: Collection[str],
) -> Iterator[Problem]:
    """Everything in the priorities that cannot be carried out, each at its line."""
    for name, definition in rules.items():
        for index, priority in enumerate(definition.priorities):
            keys: Keys = ("priorities", index)
            document = documents[name]
            yield from _subject(document, keys, priority)
            yield from _sources(document, keys, priority, sources, definition.clients or clients)
            yield from _window(document, keys, priority)
    yield from _overlaps(documents, rules)


def unknown_metrics(
    rules: Mapping[str, RulesDefinition], known: Collection[str]
) -> Iterator[tuple[str, Keys, str]]:
    """Rules' name, place and metric of each priority whose metric nothing answers to."""
    for name, definition in rules.items():
        for index, priority in enumerate(definition.priorities):
            if priority.metric is not None and priority.metric not in known:
                yield name, ("priorities", index, "metric"), priority.metric


def _subject(document: Document, keys: Keys, priority: Priority) -> Iterator[Problem]:
    if (priority.metric is None) == (priority.table is None):
        found = "both metric and table are given" if priority.metric else "there is none"
        todo = "Write metric: with an id, or table: for all metrics over a table."
        yield document.problem("what the priority is about", found, todo, keys)
    elif priority.table is not None and priority.table not in canonical_tables():
        todo = did_you_mean(priority.table, list(canonical_tables()))
        asked = f"the table '{priority.table}'"
        yield document.problem(asked, "there is none", todo, (*keys, "table"))


def _sources(
    document: Document,
    keys: Keys,
    priority: Priority,
    sources: Mapping[str, SourceDefinition],
    clients: Collection[str],
) -> Iterator[Problem]:
    asked = f"the priority of {priority.subject}"
    for place, name in enumerate(priority.sources):
        here = (*keys, "sources", place)
        if name not in sources:
            found = f"it names '{name}', a source that is not connected"
            todo = did_you_mean(name, sorted(sources))
            yield document.problem(asked, found, todo, here)
        elif not set(sources[name].serves) & set(clients):
            found = f"'{name}' brings data of {', '.join(sources[name].serves)} alone"
            todo = "Name a source of the clients that these rules are for."
            yield document.problem(asked, found, todo, here)
        elif name in priority.sources[:place]:
            found, todo = f"'{name}' is named twice", "Name each source once."
            yield document.problem(asked, found, todo, here)


def _window(document: Document, keys: Keys, priority: Priority) -> Iterator[Problem]:
    first, last = priority.valid_from, priority.valid_to
    if first is not None and last is not None and last < first:
        asked = f"the priority of {priority.subject}"
        found = f"it ends on {last}, before it begins on {first}"
        todo = "Write a last day that is not before the first."
        yield document.problem(asked, found, todo, (*keys, "valid_to"))
    if priority.fallback != "never" and len(priority.sources) < 2:
        asked = f"the fallback of {priority.subject}"
        found, todo = "there is one source alone", "Name the source that stands in."
        yield document.problem(asked, found, todo, (*keys, "fallback"))


def _overlaps(
    documents: Mapping[str, Document], rules: Mapping[str, RulesDefinition]
) -> Iterator[Problem]:
    """Two priorities of one subject that hold for one client on the same day."""
    seen: list[tuple[str, int, Priority, frozenset[str]]] = []
    for name, definition in rules.items():
        mine = frozenset(definition.clients)
        for index, priority in enumerate(definition.priorities):
            for other, place, earlier, theirs in seen:
                alike = (earlier.metric, earlier.table) == (priority.metric, priority.table)
                shared = not mine or not theirs or mine & theirs
                if alike and shared and _meet(priority, earlier):
                    yield documents[name].problem(
                        f"the priority of {priority.subject}",
                        f"number {place + 1} of '{other}' holds on the same days",
                        "Give one of the two a valid_from or valid_to, so that they do not meet.",
                        ("priorities", index),
                    )
            seen.append((name, index, priority, mine))


def _meet(one: Priority, other: Priority) -> bool:
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first <= min(one.valid_to or date.max, other.valid_to or date.max)
