"""Streams out of the settings and the database's catalogue, all problems together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from kvitto.errors import BadDefinition, Problem, SourceRefused, did_you_mean
from kvitto.sources.connectors.sql.column import FIELD_KINDS, REMOVED, ROW, TIMES, Column, Relation
from kvitto.sources.connectors.sql.database import Database
from kvitto.sources.connectors.sql.query import bare, why_not
from kvitto.sources.connectors.sql.settings import SqlSettings, TableSettings
from kvitto.sources.stream import FieldKind, Notice, Stream

SUMMER_TIME = timedelta(hours=1)
"""Clocks without a zone show an hour twice in autumn."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The streams, and what the database says of the relations behind them."""

    streams: tuple[Stream, ...]
    relations: Mapping[str, Relation]
    refused: Mapping[str, str]


def declare(
    database: Database, settings: SqlSettings, source: str, notice: Callable[[Notice], None]
) -> Declared:
    """Look every table up. Raises :class:`BadDefinition` with all that does not hold, and
    :class:`SourceRefused` where nothing may be read."""
    file = f"sources/{source}.yml"
    problems: list[Problem] = []
    streams, relations, refused = [], {}, {}
    for table in settings.tables:
        relation = _relation(database, table, file, problems)
        if relation is None:
            continue
        found = _wrong(table, relation, file)
        problems += found
        if found:
            continue
        stream = _stream(table, relation)
        streams.append(stream)
        relations[stream.name] = relation
        if relation.refused is not None:
            refused[stream.name] = relation.refused
            notice(_refused(stream.name, relation.refused))
        _tell_of_bytes(table, relation, notice)
    if not settings.tables:
        listed = ", ".join(list(database.names())[:20]) or "none that the user may see"
        told = f"no tables are named; the database has: {listed}"
        problems.append(Problem("settings: tables", told, "Name those that are to be read.", file))
    if problems:
        raise BadDefinition(*problems)
    if refused and len(refused) == len(streams):
        raise SourceRefused(
            *(Problem(f"read {name}", why, GRANT) for name, why in sorted(refused.items()))
        )
    # Those that are refused come last, so that the others are brought up to date before.
    streams.sort(key=lambda stream: stream.optional)
    return Declared(tuple(streams), MappingProxyType(relations), MappingProxyType(refused))


GRANT = "Grant the user the right to SELECT there, or take it out of the settings."


def _relation(
    database: Database, table: TableSettings, file: str, problems: list[Problem]
) -> Relation | None:
    asked = f"read {table.asked}"
    if table.query is not None:
        why = why_not(table.query, database.dialect)
        if why is not None:
            problems.append(Problem(asked, why, "Write one SELECT that only reads.", file))
            return None
        relation = database.query(table.stream, bare(table.query))
        twice = _twice(relation.columns)
        if twice is not None:
            todo = f"Give it a name of its own with AS: {twice}"
            problems.append(Problem(asked, f"two of its columns are called '{twice}'", todo, file))
            return None
        return relation
    assert table.name is not None
    found = database.table(table.name)
    if found is None:
        known = list(database.names())
        todo = did_you_mean(table.name, known)
        problems.append(Problem(asked, "the database has no such table", todo, file))
    return found


def _twice(columns: Sequence[Column]) -> str | None:
    names = [column.name for column in columns]
    return next((name for name in names if names.count(name) > 1), None)


def _wrong(table: TableSettings, relation: Relation, file: str) -> list[Problem]:
    """Columns that the settings name and that are not there, or are not what they should be."""
    known = [column.name for column in relation.columns]
    named = {
        "key": table.key,
        "cursor": (table.cursor,) if table.cursor else (),
        "deleted_field": (table.deleted_field,) if table.deleted_field else (),
        "fields": table.fields,
    }
    problems = [
        Problem(
            f"{setting} of {table.asked}",
            f"there is no column '{name}'",
            did_you_mean(name, known),
            file,
        )
        for setting, names in named.items()
        for name in names
        if relation.column(name) is None
    ]
    cursor = relation.column(table.cursor) if table.cursor else None
    if cursor is not None and cursor.kind not in (*TIMES, "text"):
        found = f"'{cursor.name}' is {cursor.type}"
        todo = "Name a column of date or time, or write keeping: replace."
        problems.append(Problem(f"cursor of {table.asked}", found, todo, file))
    if not table.key and not relation.key and table.keeping == "changes":
        todo = "Say under key: which columns identify a row, or write keeping: replace."
        problems.append(Problem(f"key of {table.asked}", "it has no primary key", todo, file))
    return problems


def _stream(table: TableSettings, relation: Relation) -> Stream:
    key = tuple(_field(relation, name) for name in table.key or relation.key)
    cursor = _field(relation, table.cursor) if table.cursor else None
    fields = _fields(table, relation, key, cursor)
    deleted = _field(relation, table.deleted_field) if table.deleted_field else None
    column = relation.fields[deleted] if deleted else None
    if column is not None and table.deleting == "flag" and column.kind in TIMES:
        fields[REMOVED], deleted = "flag", REMOVED
    if not key:
        fields = {ROW: "text", **fields}
    held = relation.fields[cursor] if cursor else None
    overlap = timedelta(minutes=table.overlap_minutes)
    checked = bool(key) and _identifies(relation, key)
    return Stream(
        table.stream,
        key=key or (ROW,),
        fields=fields,
        fill={},
        keeping=table.keeping,
        cursor=cursor,
        ordered=bool(held and checked and held.name in relation.sorted_by),
        overlap=overlap + SUMMER_TIME if held is not None and held.kind == "local" else overlap,
        deleting=table.deleting,
        deleted_field=deleted,
        optional=relation.refused is not None,
        settles_days=table.settles_days,
        about=f"{table.asked} of the database",
    )


def _fields(
    table: TableSettings, relation: Relation, key: Sequence[str], cursor: str | None
) -> dict[str, FieldKind]:
    """The fields that are kept, in the database's order; bytes cannot be."""
    asked = {_field(relation, name) for name in table.fields} or set(relation.fields)
    asked |= {*key, *([cursor] if cursor else [])}
    if table.deleting == "flag" and table.deleted_field:
        asked.add(_field(relation, table.deleted_field))
    return {
        name: FIELD_KINDS.get(column.kind, "text")
        for name, column in relation.fields.items()
        if name in asked and column.kind != "bytes"
    }


def _identifies(relation: Relation, key: Sequence[str]) -> bool:
    return relation.identifies(relation.fields[field].name for field in key)


def _field(relation: Relation, name: str) -> str:
    column = relation.column(name)
    assert column is not None
    return relation.field_of(column)


def _tell_of_bytes(
    table: TableSettings, relation: Relation, notice: Callable[[Notice], None]
) -> None:
    names = [column.name for column in relation.columns if column.kind == "bytes"]
    if names:
        notice(
            Notice(
                table.stream,
                "column_set_aside",
                f"{table.asked} has columns of bytes, which are not read: {', '.join(names)}",
                "Nothing, if no figure needs them; else read them as text with a query.",
                severity="notice",
            )
        )


def _refused(stream: str, why: str) -> Notice:
    return Notice(
        stream,
        "table_refused",
        f"{stream} is left out: {why}",
        GRANT,
        severity="error",
    )
