"""What the rules say is done with records that may be one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kvitto.workspace.definition import RulesDefinition
from kvitto.workspace.duplicate import DuplicateRule

TABLES = ("accounts", "contacts")
"""The tables in which records are compared."""

UNRULED = "no rule: a person is asked"


@dataclass(frozen=True, slots=True)
class Setting:
    """One client's rule for one table; ``rule`` is the name that stands on receipts."""

    do: str = "ask"
    merge_above: float = 0.99
    ask_above: float = 0.8
    rule: str = UNRULED


def settings_of(
    rules: Mapping[str, RulesDefinition], table: str, clients: Collection[str]
) -> dict[str, Setting]:
    """Each client's setting; where no rule speaks, people are asked and nothing is merged."""
    settings = {client: Setting() for client in clients}
    for name, definition in rules.items():
        for rule in definition.duplicates:
            if rule.table == table:
                for client in definition.clients or clients:
                    if client in settings:
                        settings[client] = _setting(name, rule)
    return settings


def _setting(name: str, rule: DuplicateRule) -> Setting:
    return Setting(rule.do, rule.merge_above, rule.ask_above, f"{name}: duplicates of {rule.table}")
