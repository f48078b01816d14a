"""Reading a database: its tables brought up to date, then staged like files."""

from __future__ import annotations

from dataclasses import replace

from kvitto.errors import BadDefinition, Problem
from kvitto.sources.connector import Reading
from kvitto.sources.connectors.sql import SECRETS
from kvitto.sources.connectors.sql.address import target_of
from kvitto.sources.connectors.sql.api import SqlApi
from kvitto.sources.connectors.sql.seen import changes, keep_seen, read_seen, types_of
from kvitto.sources.connectors.sql.settings import SqlSettings
from kvitto.sources.connectors.sql.stage import as_file
from kvitto.sources.engine import open_engine
from kvitto.sources.pull import pull
from kvitto.sources.pull.opening import opening_of
from kvitto.sources.staged import Staged
from kvitto.sources.stream import Account, Api, Opening


def read_sql(reading: Reading) -> Staged:
    """The source's tables. Raises :class:`BadDefinition`, :class:`BadSource`."""
    opened: list[SqlApi] = []

    def open_api(opening: Opening) -> Api:
        opened.append(_open(reading, opening))
        return opened[0]

    staged = pull(reading, _opening(reading), open_api)
    relations = opened[0].declared.relations
    with open_engine(reading.folder) as connection:
        tables = tuple(as_file(connection, table, relations[table.name]) for table in staged.tables)
    before, now = read_seen(reading), types_of(relations)
    found = changes(reading, before, now)
    keep_seen(reading, before, now)
    return replace(staged, tables=tables, findings=(*staged.findings, *found))


def check_sql(reading: Reading) -> Account:
    """Connect and look at the catalogue."""
    api = _open(reading, _opening(reading))
    try:
        return api.account()
    finally:
        api.close()


def _opening(reading: Reading) -> Opening:
    opening = opening_of(reading, SqlSettings, SECRETS)
    assert isinstance(opening.settings, SqlSettings)
    try:
        target_of(opening.settings.url)
    except ValueError as error:
        raise BadDefinition(
            Problem(
                "settings.url",
                str(error),
                "As in postgresql://reader@db.example.com/crm or sqlite:///data/crm.db.",
                f"sources/{reading.name}.yml",
            )
        ) from None
    return opening


def _open(reading: Reading, opening: Opening) -> SqlApi:
    shared = reading.connection.secrets if reading.connection is not None else {}
    told = "password" in {**shared, **reading.definition.secrets}
    return SqlApi(opening, reading.root, has_password=told)
