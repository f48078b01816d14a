"""The shapes that streams of Salesforce have: records that change, lines of a history, lists."""

from __future__ import annotations

from collections.abc import Mapping

from kvitto.sources.stream import FieldKind, Stream
from kvitto.workspace.definition import ColumnMap

Fills = Mapping[str, Mapping[str, str | ColumnMap]]


def fields_of(
    text: str,
    *,
    instant: str = "",
    day: str = "",
    money: str = "",
    number: str = "",
    flag: str = "",
) -> dict[str, FieldKind]:
    """Field names, separated by blanks, with their kinds."""
    kinds: tuple[tuple[FieldKind, str], ...] = (
        ("text", text),
        ("money", money),
        ("number", number),
        ("day", day),
        ("instant", instant),
        ("flag", flag),
    )
    return {name: kind for kind, names in kinds for name in names.split()}


def changing(
    name: str, fields: Mapping[str, FieldKind], fill: Fills, about: str, *, optional: bool = True
) -> Stream:
    """A stream of records that change and go to the recycle bin."""
    return Stream(
        name,
        key=("Id",),
        fields={**fields, "SystemModstamp": "instant", "IsDeleted": "flag"},
        fill=fill,
        keeping="changes",
        cursor="SystemModstamp",
        ordered=True,
        deleting="flag",
        deleted_field="IsDeleted",
        optional=optional,
        about=about,
    )


def written(name: str, fields: Mapping[str, FieldKind], fill: Fills, about: str) -> Stream:
    """A stream of lines of a history: written once, gone with their record."""
    return Stream(
        name,
        key=("Id",),
        fields={**fields, "CreatedDate": "instant", "IsDeleted": "flag"},
        fill=fill,
        keeping="changes",
        cursor="CreatedDate",
        ordered=True,
        deleting="flag",
        deleted_field="IsDeleted",
        optional=True,
        about=about,
    )


def listed(name: str, fields: Mapping[str, FieldKind], fill: Fills, about: str) -> Stream:
    """A little table that is read whole."""
    return Stream(
        name, ("Id",), fields, fill, keeping="replace", deleting="never", optional=True, about=about
    )
