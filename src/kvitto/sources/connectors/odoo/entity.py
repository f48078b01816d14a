"""One kind of record as it is asked of Odoo, and the shape in which it is staged.

A staged field is named as in Odoo. Of a reference it is the number; with
``.name`` behind it is the label. A field that Odoo does not have under that
name is *made* from those it has, and says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from kvitto.sources.stream import FieldKind, Keeping, Record, Stream
from kvitto.workspace.definition import ColumnMap, LookupMap

Term = tuple[str, str, object] | str
"""One term of an Odoo domain, or one of its operators (``|``, ``&``, ``!``)."""

Row = dict[str, object]
Made = Callable[[Row], Mapping[str, object]]
Way = Literal["records", "stage_history", "field_history", "constant"]

ACCOUNT, CONTACT = "partner_id.account_id", "partner_id.contact_id"
"""A partner is a company, a person, or a person of a company; these are made from it."""

LEAD, DEAL = "lead_id", "deal_id"
"""A record of crm.lead is a lead or a deal; these are made where another record points at one."""

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?")


def _nothing(_row: Row) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, slots=True)
class Entity:
    """A stream and how it is asked for.

    ``model`` is Odoo's name, ``domain`` what is wanted of it. ``made`` are the
    fields of the stream that Odoo does not have; ``make`` gives them from a
    record's others, except the partner's and the lead's, which are looked up.
    ``unset`` are amounts of which 0 means that nobody entered one. ``subject``
    is the pair of fields (model, number) or the one field that point at a lead.
    """

    stream: Stream
    model: str
    domain: tuple[Term, ...] = ()
    made: tuple[str, ...] = ()
    make: Made = _nothing
    unset: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    way: Way = "records"

    @property
    def partner(self) -> bool:
        """Whether the record's partner is to be told apart into company and person."""
        return ACCOUNT in self.made or CONTACT in self.made

    def asked(self, more: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The fields of Odoo's that are needed, without repeats."""
        own = [name.partition(".")[0] for name in self.stream.fields if name not in self.made]
        return tuple(dict.fromkeys((*own, *more)))

    def shape(self, record: Record, more: tuple[str, ...], *, zero_is_unknown: bool) -> Row:
        """The record with the stream's fields, except those that are looked up."""
        text: FieldKind = "text"
        kinds: dict[str, FieldKind] = {**dict.fromkeys(more, text), **self.stream.fields}
        row: Row = {}
        for name, kind in kinds.items():
            if name not in self.made:
                row[name] = plain(record, name, kind)
        if zero_is_unknown:
            for name in self.unset:
                if row.get(name) is not None and not row[name]:
                    row[name] = None
        return {**row, **self.make(row)}


def plain(record: Record, name: str, kind: FieldKind) -> object:
    """One staged value out of a record.

    ``False`` stands for nothing in every field that is not itself yes or no.
    A reference is a pair of number and label; of several the first counts.
    Times are in UTC and do not say so.
    """
    field, _, part = name.partition(".")
    value = record.get(field)
    if value is None or (value is False and kind != "flag"):
        return None
    if isinstance(value, list) and kind != "json":
        if not value or (part and len(value) < 2):
            return None
        value = value[1] if part else value[0]
        return None if value is False else value
    if isinstance(value, str) and kind == "instant":
        return instant(value)
    return value


def instant(text: str) -> str:
    """A time of Odoo's as ISO 8601 in UTC; a day stays a day."""
    found = _INSTANT.fullmatch(text)
    return text if found is None else f"{found[1]}T{found[2]}Z"


def spoken(moment: datetime) -> str:
    """A moment in UTC as Odoo writes it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def looked_up(stream: str, on: str, column: str = "name") -> ColumnMap:
    """A label that follows a renaming: it is taken from the record that ``on`` points at."""
    return ColumnMap(lookup=LookupMap(table=stream, column=column, on=on, key="id"))


def changing(
    name: str,
    fields: Mapping[str, FieldKind],
    fill: Mapping[str, Mapping[str, str | ColumnMap]],
    about: str,
) -> Stream:
    """A stream of records that change: by their ``write_date``, removals by their numbers."""
    return _stream(name, fields, fill, about, "changes")


def short(
    name: str,
    fields: Mapping[str, FieldKind],
    fill: Mapping[str, Mapping[str, str | ColumnMap]],
    about: str,
) -> Stream:
    """A stream of few records, read whole each time."""
    return _stream(name, fields, fill, about, "replace")


def _stream(
    name: str,
    fields: Mapping[str, FieldKind],
    fill: Mapping[str, Mapping[str, str | ColumnMap]],
    about: str,
    keeping: Keeping,
) -> Stream:
    whole = keeping == "replace"
    kinds: dict[str, FieldKind] = {"id": "text", **fields}
    if not whole:
        kinds["write_date"] = "instant"
    return Stream(
        name,
        key=("id",),
        fields=MappingProxyType(kinds),
        fill=MappingProxyType(fill),
        keeping=keeping,
        cursor=None if whole else "write_date",
        ordered=not whole,
        deleting="never" if whole else "ids",
        optional=True,
        about=about,
    )
