"""The audit log: lines are added, and the database itself refuses anything else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select

from kvitto.store.engine import Store
from kvitto.store.row import LogRow
from kvitto.store.table import AUDIT_LOG


def add_line(
    store: Store,
    *,
    at: datetime,
    who: str,
    action: str,
    subject: str,
    client: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Write down who did what to what."""
    with store.write() as connection:
        connection.execute(
            insert(AUDIT_LOG).values(
                at=at,
                who=who,
                action=action,
                client=client,
                subject=subject,
                details=dict(details or {}),
            )
        )


def read_log(
    store: Store, *, client: str | None = None, action: str | None = None, limit: int = 200
) -> tuple[LogRow, ...]:
    """The newest lines first: all, or those of a client, or of one kind of action."""
    query = select(AUDIT_LOG).order_by(AUDIT_LOG.c.id.desc()).limit(limit)
    if client is not None:
        query = query.where(AUDIT_LOG.c.client == client)
    if action is not None:
        query = query.where(AUDIT_LOG.c.action == action)
    with store.read() as connection:
        rows = connection.execute(query).all()
    return tuple(
        LogRow(row.at, row.who, row.action, row.client, row.subject, row.details) for row in rows
    )
