"""Rules on watching that cannot hold: unknown sources and tables, two that differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kvitto.errors import Problem, did_you_mean
from kvitto.model.table import canonical_tables
from kvitto.workspace.definition import RulesDefinition
from kvitto.workspace.document import Document
from kvitto.workspace.monitor import MonitorRule
from kvitto.workspace.rule import RuleProblem


def monitor_problems(
    documents: Mapping[str, Document],
    rules: Mapping[str, RulesDefinition],
    sources: Sequence[str],
) -> Iterator[Problem]:
    """Everything in the ``monitors`` of these rules that cannot be carried out, with its line."""
    found: list[RuleProblem] = []
    for name, definition in rules.items():
        for index, rule in enumerate(definition.monitors):
            found.extend(_of_one(name, index, rule, sources))
    found.extend(_conflicts(rules))
    for wrong in found:
        yield documents[wrong.name].problem(wrong.asked, wrong.found, wrong.todo, wrong.keys)


def _of_one(
    name: str, index: int, rule: MonitorRule, sources: Sequence[str]
) -> Iterator[RuleProblem]:
    if rule.table is not None and rule.table not in canonical_tables():
        yield RuleProblem(
            name,
            ("monitors", index, "table"),
            f"the monitor of {rule.table}",
            "there is no such table",
            did_you_mean(rule.table, list(canonical_tables())),
        )
    if rule.source is not None and rule.source not in sources:
        yield RuleProblem(
            name,
            ("monitors", index, "source"),
            f"the monitor of {rule.source}",
            "there is no such source",
            did_you_mean(rule.source, sources),
        )


def _conflicts(rules: Mapping[str, RulesDefinition]) -> Iterator[RuleProblem]:
    """Two rules that say different things of the same table of the same source."""
    seen: dict[tuple[str | None, str | None], list[tuple[str, frozenset[str], MonitorRule]]] = {}
    for name, definition in rules.items():
        clients = frozenset(definition.clients)
        for index, rule in enumerate(definition.monitors):
            place = (rule.source, rule.table)
            for other, theirs, earlier in seen.get(place, []):
                if earlier != rule and (not clients or not theirs or clients & theirs):
                    yield RuleProblem(
                        name,
                        ("monitors", index),
                        f"the monitor of {rule.source or 'every source'},"
                        f" {rule.table or 'every table'}",
                        f"'{other}' says something else for the same clients",
                        "Remove one of the two.",
                    )
            seen.setdefault(place, []).append((name, clients, rule))
