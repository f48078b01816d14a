"""The gate of a report in words and with a sign, never by colour alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.app.house import House

if TYPE_CHECKING:
    from kvitto.report.gate import Gate, GateReason


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason with the names of the metrics that it concerns."""

    reason: GateReason
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownGate:
    """A gate as the page shows it; ``state`` is green, provisional or hold."""

    report: str
    title: str
    period: str
    owner: str
    state: str
    reasons: tuple[ShownReason, ...]


def show_gates(
    house: House, client: str, gates: Sequence[Gate], title: Callable[[str], str], language: str
) -> tuple[ShownGate, ...]:
    """The gates, what is held first; ``title`` names a report."""
    order = ("hold", "provisional", "green")
    shown = [show_gate(house, client, one, title(one.report), language) for one in gates]
    return tuple(sorted(shown, key=lambda one: order.index(one.state)))


def show_gate(house: House, client: str, gate: Gate, title: str, language: str) -> ShownGate:
    """One gate with its reasons, those that hold it first."""
    catalogue = house.catalogue_of(client)
    reasons = tuple(
        ShownReason(reason, tuple(catalogue.get(name).name(language) for name in reason.metrics))
        for reason in gate.reasons
    )
    return ShownGate(gate.report, title, gate.period, gate.owner, gate.state.value, reasons)
