"""Bringing a database up to date. Alembic is imported only when there is work."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from kvitto.errors import StoreFailed

_LOCK = 0x6B76  # "kv": one number for all processes that migrate one PostgreSQL database


def settings() -> Config:
    """Alembic's settings: the scripts lie inside the package, there is no ini file."""
    config = Config()
    folder = str(Path(__file__).parent / "migration")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


def upgrade(write: Callable[[], AbstractContextManager[Connection]], head: str) -> None:
    """Run the missing migrations, all in one transaction of ``write``; two processes take turns.

    Raises :class:`StoreFailed` for a database of a newer version.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with write() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        found = MigrationContext.configure(connection).get_current_revision()
        if found == head:
            return
        _refuse_newer(found)
        _run(connection, head)


def _run(connection: Connection, head: str) -> None:
    config = settings()
    config.attributes["connection"] = connection
    command.upgrade(config, head)


def _refuse_newer(found: str | None) -> None:
    if found is None:
        return
    known = {script.revision for script in ScriptDirectory.from_config(settings()).walk_revisions()}
    if found not in known:
        raise StoreFailed.of(
            "open the state",
            f"it was written by a newer version (its revision is {found})",
            "Upgrade Kvitto, or restore the copy from before the upgrade.",
        )
