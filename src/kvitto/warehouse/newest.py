"""The last day on which anything in a source's rows happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kvitto.model.table import canonical_table
from kvitto.warehouse.reader import Reader
from kvitto.warehouse.version import SourceState

_AHEAD = frozenset(
    ("due", "expected", "planned", "renewal", "period", "ended", "valid", "licensed", "fetched")
)
"""Words in the names of columns whose days lie ahead, or say nothing of what happened."""

_OURS = ("deal_snapshots", "deal_stage_history")
"""Tables that syncing itself writes to."""


def newest_day(reader: Reader, states: Sequence[SourceState], today: date) -> date | None:
    """The newest day, up to today, in the tables that the source feeds.

    ``states`` are those of one source; only their clients' rows are looked at.
    """
    days = []
    for name in sorted({table for state in states for table in state.tables} - {*_OURS}):
        for column in canonical_table(name).declared:
            if column.type not in ("ts", "date") or not _AHEAD.isdisjoint(column.name.split("_")):
                continue
            local = f"{column.name[:-3]}_on" if column.name.endswith("_at") else column.name
            day = f'CAST("{local}" AS DATE)'
            days.append(
                f'SELECT max({day}) AS d FROM "{name}" WHERE _source = $source'
                f" AND list_contains($clients, client_id) AND {day} <= $today"
            )
    if not days:
        return None
    values = {
        "source": states[0].name,
        "clients": [state.client for state in states],
        "today": today,
    }
    found = reader.query(f"SELECT max(d) FROM ({' UNION ALL '.join(days)})", values)
    newest = found[0][0]
    return newest if isinstance(newest, date) else None
