"""Two sources disagree: from the one's figure to the other's, and how often they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvitto.app.ask import asking, period_for
from kvitto.app.house import House
from kvitto.app.who import Who
from kvitto.metrics.bridge.build import Pair
from kvitto.metrics.bridge.daily import Compared, compare
from kvitto.metrics.bridge.step import SAID, Bridge, Line, Step, Told

if TYPE_CHECKING:
    from kvitto.model.period import Period

__all__ = ["SAID", "Bridge", "Compared", "Line", "Step", "Told", "compare_days", "reconcile"]


def reconcile(
    house: House, who: Who, client: str, metric: str, one: str, other: str, period: str | Period
) -> Bridge:
    """The bridge from one side's figure to the other's; the figures' receipts are kept.

    A side is a kind of row of the word's definition, or a source of the
    metric's table. Raises :class:`UnknownName` for a metric or side,
    :class:`WrongUse` for what cannot be bridged, :class:`NotInScope`.
    """
    with asking(house, who, client) as asker:
        return asker.bridge(metric, one, other, period_for(house, client, period))


def compare_days(
    house: House, who: Who, client: str, metric: str, one: str, other: str, period: str | Period
) -> Compared:
    """Both sides day by day, and the share of days on which they differ beyond the tolerance.

    The tolerance is that of the client's priority for the metric, else 3 %.
    """
    with asking(house, who, client) as asker:
        scope = who.scope.narrow(client)
        pair = Pair(metric, one, other, period_for(house, client, period), scope)
        return compare(asker.reader, asker.catalogue, pair, asker.context)
