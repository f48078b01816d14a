"""What the registers are made from, beside the tables themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kvitto.warehouse.version import SourceState
from kvitto.workspace.system import SystemsDefinition

OURS = "workspace"
"""What ``_source`` says of rows that are made here."""


@dataclass(frozen=True, slots=True)
class Use:
    """A field of a canonical table serves something. ``last`` is the day of the latest use.

    ``kind`` is metric, report, goal, rule or dimension, and ``by`` its name. A use
    without a day could be made, but is not: nothing that is in force asks for it.
    """

    table: str
    column: str
    kind: str
    by: str
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A person held one value of one record against the truth."""

    sample: str
    table: str
    record: str
    column: str
    on: date
    correct: bool
    by: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """All that is known of the clients: each one's day, systems, sources, uses and checks."""

    days: Mapping[str, date]
    systems: Mapping[str, SystemsDefinition] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    uses: Mapping[str, Sequence[Use]] = field(default_factory=dict)
    checks: Mapping[str, Sequence[Checked]] = field(default_factory=dict)
    states: Sequence[SourceState] = ()
    conflicts: Mapping[str, Sequence[Mapping[str, object]]] = field(default_factory=dict)
    """Of each client rows of ``data_conflicts``: days that two sources were compared on."""
    labels: Mapping[str, Collection[tuple[str, str]]] = field(default_factory=dict)
    """Of each client the labels that its rules call canonical, as (concept, label)."""

    def retained(self, client: str) -> Mapping[str, str]:
        """The fields that must be kept, with the reason."""
        found = self.systems.get(client)
        return {} if found is None else {one.field: one.why for one in found.retained}
