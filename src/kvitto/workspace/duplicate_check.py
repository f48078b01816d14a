"""Rules for duplicates that cannot hold: unknown tables, thresholds upside down, conflicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kvitto.errors import did_you_mean
from kvitto.workspace.definition import RulesDefinition
from kvitto.workspace.document import Keys
from kvitto.workspace.duplicate import DuplicateRule
from kvitto.workspace.rule import RuleProblem

TABLES = ("accounts", "contacts")


def duplicate_problems(rules: Mapping[str, RulesDefinition]) -> tuple[RuleProblem, ...]:
    """Everything in the rules' ``duplicates`` that cannot be carried out, all together."""
    found: list[RuleProblem] = []
    for name, definition in rules.items():
        for index, rule in enumerate(definition.duplicates):
            found.extend(_of_rule(name, ("duplicates", index), rule))
    found.extend(_conflicts(rules))
    return tuple(found)


def _of_rule(name: str, keys: Keys, rule: DuplicateRule) -> Iterator[RuleProblem]:
    asked = f"the rule for duplicates of {rule.table}"
    if rule.table not in TABLES:
        found = "only accounts and contacts are compared with each other"
        yield RuleProblem(name, (*keys, "table"), asked, found, did_you_mean(rule.table, TABLES))
    if rule.ask_above > rule.merge_above:
        found = f"ask_above is {rule.ask_above}, which is more than merge_above, {rule.merge_above}"
        todo = "Give ask_above the smaller figure of the two."
        yield RuleProblem(name, (*keys, "ask_above"), asked, found, todo)


def _conflicts(rules: Mapping[str, RulesDefinition]) -> Iterator[RuleProblem]:
    """Two rules about one table of one client."""
    seen: list[tuple[str, int, DuplicateRule, frozenset[str]]] = []
    for name, definition in rules.items():
        clients = frozenset(definition.clients)
        for index, rule in enumerate(definition.duplicates):
            for other, at, earlier, theirs in seen:
                overlap = not clients or not theirs or clients & theirs
                if rule.table == earlier.table and overlap and rule != earlier:
                    yield RuleProblem(
                        name,
                        ("duplicates", index),
                        f"the rule for duplicates of {rule.table}",
                        f"rule {index + 1} of '{name}' says {rule.do}, rule {at + 1} of '{other}'"
                        f" says {earlier.do}, for the same clients",
                        "Remove one of the two, or name other clients in one of the files.",
                    )
            seen.append((name, index, rule, clients))
