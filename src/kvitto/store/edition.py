"""The index of editions. The documents are files; this makes lists of them quick."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from kvitto.model.edition import Edition
from kvitto.store.engine import Store, insert_or
from kvitto.store.row import EditionRow
from kvitto.store.table import EDITIONS


def note_edition(store: Store, edition: Edition, *, state: str, by: str, at: datetime) -> None:
    """Write down where an edition stands now."""
    row = {
        "id": edition.id,
        "client": edition.client,
        "report": edition.report,
        "period": edition.period,
        "number": edition.number,
        "language": edition.language,
        "title": edition.title,
        "state": state,
        "content_hash": edition.content_hash(),
        "warehouse": edition.warehouse,
        "updated_by": by,
        "updated_at": at,
    }
    with store.write() as connection:
        statement = insert_or(connection, EDITIONS).values(row)
        connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))


def list_editions(
    store: Store, clients: Collection[str], *, state: str | None = None
) -> tuple[EditionRow, ...]:
    """The editions of these clients, the newest period first."""
    query = (
        select(EDITIONS)
        .where(EDITIONS.c.client.in_(sorted(clients)))
        .order_by(
            EDITIONS.c.client,
            EDITIONS.c.period.desc(),
            EDITIONS.c.report,
            EDITIONS.c.number.desc(),
        )
    )
    if state is not None:
        query = query.where(EDITIONS.c.state == state)
    with store.read() as connection:
        return tuple(_edition(row) for row in connection.execute(query))


def list_all(store: Store) -> tuple[EditionRow, ...]:
    """The whole index, of all clients."""
    with store.read() as connection:
        return tuple(_edition(row) for row in connection.execute(select(EDITIONS)))


def find_edition(store: Store, edition_id: str) -> EditionRow | None:
    """One edition of the index."""
    with store.read() as connection:
        row = connection.execute(select(EDITIONS).where(EDITIONS.c.id == edition_id)).one_or_none()
    return None if row is None else _edition(row)


def forget_editions(store: Store, ids: Collection[str]) -> None:
    """Take ids out of the index whose documents are gone."""
    with store.write() as connection:
        connection.execute(delete(EDITIONS).where(EDITIONS.c.id.in_(sorted(ids))))


def _edition(row: Row[Any]) -> EditionRow:
    return EditionRow(
        row.id,
        row.client,
        row.report,
        row.period,
        row.number,
        row.language,
        row.title,
        row.state,
        row.content_hash,
        row.warehouse,
        row.updated_by,
        row.updated_at,
    )
