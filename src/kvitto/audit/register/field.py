"""What each field is worth: how full it is, what it serves, and whether to keep it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal

from kvitto.audit.candidate import SHOWN
from kvitto.audit.register.fill import Fill
from kvitto.audit.register.given import Given, Use
from kvitto.audit.register.state import State
from kvitto.audit.register.writing import add, renew
from kvitto.model.table import canonical_tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

USED_DAYS = 365
"""A field counts as used where its latest use is no older."""

COMPLETE_FROM = 0.9
"""A field that is needed and less full than this is worth completing."""

WORTH_FROM = 0.5
"""A field that nothing asks for, but something could, is kept from here on."""

_STRUCTURE = ("is_deleted", "is_test", "merged_into_id", "currency_code", "created_at")
"""Columns that decide whether, when and how a row counts, whatever is measured."""

_MATCHING = "finding duplicates"
"""What names, addresses and numbers of people and companies serve in any case."""

_MADE_FROM_DEALS = ("deal_snapshots", "deal_stage_history")

Advice = Literal["keep", "complete", "drop"]


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One field of one client. ``could`` are metrics that would read it, if they were asked."""

    client: str
    table: str
    column: str
    rows: int
    filled: int
    uses: tuple[Use, ...]
    could: tuple[str, ...]
    last: date | None
    advice: Advice
    reason: str
    retained: bool = False

    @property
    def share(self) -> float:
        """How full it is, 0 to 1."""
        return self.filled / self.rows if self.rows else 0.0

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "client": self.client,
            "field": f"{self.table}.{self.column}",
            "rows": self.rows,
            "filled": self.filled,
            "used_by": [{"kind": one.kind, "name": one.by} for one in self.uses],
            "could_serve": list(self.could),
            "last_used": None if self.last is None else self.last.isoformat(),
            "advice": self.advice,
            "reason": self.reason,
        }


def field_values(fills: Sequence[Fill], given: Given) -> tuple[FieldValue, ...]:
    """Every field that holds anything, or that something needs, of tables that have rows."""
    counted: dict[tuple[str, str], tuple[int, dict[str, int]]] = {}
    for one in fills:
        rows, filled = counted.get((one.client, one.table), (0, {}))
        for column, count in one.filled.items():
            filled[column] = filled.get(column, 0) + count
        counted[one.client, one.table] = (rows + one.rows, filled)
    found: list[FieldValue] = []
    for client in sorted(given.days):
        uses = _by_field(given.uses.get(client, ()))
        for (whose, table), (rows, filled) in sorted(counted.items()):
            if whose != client:
                continue
            for column, count in filled.items():
                served = (
                    *uses.get((table, column), ()),
                    *_matched(table, column, given.days[client]),
                )
                if count or any(one.last for one in served):
                    place = (client, table, column)
                    found.append(_valued(place, rows, count, served, given))
    return tuple(found)


_KNOWN_BY = ("email", "phone", "domain", "vat_number", "registration_number")


def _matched(table: str, column: str, day: date) -> tuple[Use, ...]:
    """Records are recognised, and named in every split, by these."""
    known = table in SHOWN and column in _KNOWN_BY
    serves = known or column in SHOWN.get(table, ()) or column in ("name", "full_name")
    return (Use(table, column, "matching", _MATCHING, day),) if serves else ()


def keep_usage(
    connection: DuckDBPyConnection, values: Sequence[FieldValue], given: Given
) -> Iterator[State]:
    """Write ``field_usage``; give back how many of each table's fields are used.

    A use that was seen at an earlier audit and is no more keeps its day.
    """
    renew(connection, "field_usage", sorted(given.days), "TRUE")
    earlier = {
        (client, table, column): (last, by)
        for client, table, column, last, by in connection.execute(
            "SELECT client_id, object, field, last_used_on, used_by FROM field_usage"
            " WHERE _source = 'workspace'"
        ).fetchall()
    }
    renew(connection, "field_usage", ())
    rows: list[Mapping[str, Any]] = []
    counts: dict[tuple[str, str], list[int]] = {}
    for one in values:
        was, before = earlier.get((one.client, one.table, one.column), (None, None))
        last = max((day for day in (one.last, was) if day is not None), default=None)
        by = ", ".join(sorted({use.by for use in one.uses})) or before
        rows.append(_row(one, last, by))
        if one.filled and _is_collected(one):
            tally = counts.setdefault((one.client, one.table), [0, 0])
            tally[0] += is_used(last, given.days[one.client])
            tally[1] += 1
    add(connection, "field_usage", rows)
    for (client, table), (part, whole) in sorted(counts.items()):
        yield State(client, "fields", part, whole, table)


def is_used(last: date | None, day: date) -> bool:
    """Whether the latest use lies within twelve months."""
    return last is not None and day - last < timedelta(days=USED_DAYS)


def _is_collected(one: FieldValue) -> bool:
    """A field that is kept for what is in it; ids, marks and what the law keeps are not asked."""
    return not one.retained and not _is_structure(one.table, one.column)


def _is_structure(table: str, column: str) -> bool:
    definition = canonical_tables()[table]
    known = definition.column(column)
    return column in definition.key or known.type == "id" or column in _STRUCTURE


def _row(one: FieldValue, last: date | None, by: str | None) -> dict[str, Any]:
    return {
        "client_id": one.client,
        "object": one.table,
        "field": one.column,
        "last_used_at": last and datetime.combine(last, time()),
        "last_used_on": last,
        "used_by": by or None,
    }


def _by_field(uses: Sequence[Use]) -> dict[tuple[str, str], tuple[Use, ...]]:
    """The uses of each field; what is made from a field uses it too."""
    found: dict[tuple[str, str], dict[Use, None]] = {}
    for one in uses:
        for place in made_from(one.table, one.column):
            found.setdefault(place, {})[one] = None
    return {place: tuple(listed) for place, listed in found.items()}


def made_from(table: str, column: str) -> Iterator[tuple[str, str]]:
    """The field itself, and those that the conforming made it from."""
    tables = canonical_tables()
    yield table, column
    raw = column.removesuffix("_base")
    if raw != column and tables[table].has(raw):
        yield table, raw
    if table in _MADE_FROM_DEALS:
        for name in dict.fromkeys((column, raw)):
            if tables["deals"].has(name):
                yield "deals", name


def _valued(
    place: tuple[str, str, str], rows: int, filled: int, served: Sequence[Use], given: Given
) -> FieldValue:
    client, table, column = place
    day = given.days[client]
    real = tuple(one for one in served if one.last is not None)
    could = tuple(sorted({one.by for one in served if one.last is None} - {u.by for u in real}))
    last = max((one.last for one in real if one.last is not None), default=None)
    why = given.retained(client).get(f"{table}.{column}")
    advice, reason = _advice(place, filled / rows if rows else 0.0, real, could, why, last, day)
    return FieldValue(
        client, table, column, rows, filled, real, could, last, advice, reason, why is not None
    )


def _advice(
    place: tuple[str, str, str],
    share: float,
    real: Sequence[Use],
    could: Sequence[str],
    retained: str | None,
    last: date | None,
    day: date,
) -> tuple[Advice, str]:
    said = f"filled {share_text(share)}"
    names = sorted({one.by for one in real})
    if is_used(last, day):
        needed = f"{said}, needed by {_listed(names)}"
        return ("keep" if share >= COMPLETE_FROM else "complete"), needed
    if retained is not None:
        return "keep", f"{said}, kept because: {retained}"
    if _is_structure(place[1], place[2]):
        return "keep", f"{said}, identifies or links records"
    if could and share >= WORTH_FROM:
        return "keep", f"{said}, asked for by nothing yet; {_listed(could)} could use it"
    if could:
        return "drop", f"{said}, asked for by nothing; only {_listed(could)} could use it"
    return "drop", f"{said}, used by nothing"


def share_text(share: float) -> str:
    """A share in whole per cent that never says 0 or 100 where it is not."""
    if 0 < share < 0.01:
        return "less than 1 %"
    if 0.99 < share < 1:
        return "99 %"
    return f"{share * 100:.0f} %"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
