"""What columns the tables had when they were read before: what changed since is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kvitto.model.finding import Finding, Severity
from kvitto.sources.connector import Reading
from kvitto.sources.connectors.sql.column import Relation
from kvitto.sources.finding import reading_finding
from kvitto.warehouse.disk import write_whole

Types = Mapping[str, Mapping[str, str]]
"""By stream the columns with their types, in the database's words."""


def types_of(relations: Mapping[str, Relation]) -> dict[str, dict[str, str]]:
    """The columns as they are now."""
    return {
        name: {column.name: column.type for column in relation.columns}
        for name, relation in relations.items()
    }


def read_seen(reading: Reading) -> dict[str, dict[str, str]]:
    """What was seen by earlier runs; nothing on the first."""
    try:
        found: dict[str, dict[str, str]] = json.loads(_path(reading).read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found


def keep_seen(reading: Reading, before: Types, now: Types) -> None:
    """Remember the columns: those that went stay in memory, so that it is told again."""
    kept = {
        name: {**columns, **before.get(name, {}), **_only_new(columns, before.get(name, {}))}
        for name, columns in now.items()
    }
    path = _path(reading)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(kept, indent=1, sort_keys=True).encode())


def _only_new(now: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    return {name: kind for name, kind in now.items() if name not in before}


def changes(reading: Reading, before: Types, now: Types) -> list[Finding]:
    """Columns that went, came, or are of another type than when they were first read."""
    found: list[Finding] = []
    for stream, columns in now.items():
        known = before.get(stream)
        if known is None:
            continue
        came = sorted(set(columns) - set(known))
        found += [_gone(reading, stream, name, came) for name in sorted(set(known) - set(columns))]
        found += [
            _other_type(reading, stream, name, known[name], columns[name])
            for name in sorted(set(known) & set(columns))
            if known[name] != columns[name]
        ]
        if came:
            found.append(_came(reading, stream, came))
    return found


def _gone(reading: Reading, stream: str, column: str, came: list[str]) -> Finding:
    perhaps = f"; new is: {', '.join(came)}" if came else ""
    return _finding(
        reading,
        "column_gone",
        stream,
        column,
        f"{stream} has no column '{column}' any more{perhaps}",
        "If it was renamed, say under tables: what the new one fills; else correct what uses it.",
        Severity.error,
    )


def _other_type(reading: Reading, stream: str, column: str, was: str, now: str) -> Finding:
    return _finding(
        reading,
        "column_type_changed",
        stream,
        column,
        f"'{column}' of {stream} was {was} and is {now} now",
        "Look whether its values still mean the same.",
        Severity.warning,
    )


def _came(reading: Reading, stream: str, came: list[str]) -> Finding:
    return _finding(
        reading,
        "column_new",
        stream,
        None,
        f"{stream} has new columns: {', '.join(came)}",
        "Nothing, if no figure needs them; else say under tables: what they fill.",
        Severity.notice,
    )


def _finding(
    reading: Reading,
    code: str,
    stream: str,
    column: str | None,
    message: str,
    todo: str,
    severity: Severity,
) -> Finding:
    return reading_finding(
        code,
        client=reading.definition.client or "",
        source=reading.name,
        table=stream,
        column=column,
        message=message,
        todo=todo,
        severity=severity,
    )


def _path(reading: Reading) -> Path:
    return reading.root / ".kvitto" / "sql" / f"{reading.name}.json"
