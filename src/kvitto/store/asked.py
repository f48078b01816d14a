"""Which metrics were asked lately, told by the receipts that are kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select

from kvitto.store.engine import Store
from kvitto.store.table import RECEIPTS

_MOST = 5_000
"""So many of the newest receipts are looked at."""


def last_asked(store: Store, client: str, since: datetime) -> Mapping[str, date]:
    """The metrics of this client that were asked since then, each with its last day in UTC."""
    query = (
        select(RECEIPTS.c.document, RECEIPTS.c.created_at)
        .where(RECEIPTS.c.client == client, RECEIPTS.c.created_at >= since)
        .order_by(RECEIPTS.c.created_at.desc())
        .limit(_MOST)
    )
    with store.read() as connection:
        rows = connection.execute(query).all()
    found: dict[str, date] = {}
    for document, at in rows:
        found.setdefault(str(json.loads(document)["metric"]), at.date())
    return found
