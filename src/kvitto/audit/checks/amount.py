"""Amounts that cannot be meant, and columns whose unit changed on the way.

What cannot be is told by the client's own amounts: a thousand times the median
and ten times what nine in ten are below; or a filler such as 999999 that is far
above the median. A unit changed where the whole spread of a source's column
moves by a hundred or a thousand times from one month, or batch, to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from kvitto.audit.histogram import (
    Series,
    Watched,
    quantile,
    read_series,
    size,
    together,
)
from kvitto.audit.probe import ROW, Look, Probe, Setting, row_column
from kvitto.model.finding import Finding, Severity
from kvitto.model.table import CanonicalTable
from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WATCHED: dict[str, tuple[Watched, ...]] = {
    "activities": (Watched("duration_sec", "created_on"),),
    "ad_spend": (Watched("spend", "spend_on", "currency_code"),),
    "calls": (Watched("talk_sec", "started_on"),),
    "costs": (Watched("amount_base", "period_start"),),
    "deals": (Watched("amount", "created_on", "currency_code"),),
    "invoices": (Watched("amount_base", "issued_on"),),
    "orders": (Watched("amount_base", "ordered_on"),),
    "proposals": (Watched("amount_base", "sent_on"),),
    "subscriptions": (Watched("mrr_base", "started_on"),),
    "time_logs": (Watched("hours", "worked_on"),),
}
"""Columns whose values are alike enough to be compared with each other."""

ENOUGH = 30
"""From so many values on a median says what is usual."""

IN_MONTH = 8
"""From so many values on a month or a batch is compared with the next."""

TIMES = 3
"""Powers of ten above the median that nobody reaches."""

FLOOR = Decimal(10_000)
"""Below this no amount is impossible."""

FILLERS = tuple(
    sorted(
        {
            *(Decimal("9" * long) for long in range(5, 13)),
            *(Decimal("9" * long + ".99") for long in range(5, 11)),
            *(Decimal("1" * long) for long in range(6, 11)),
            *(Decimal("123456789"[:long]) for long in range(6, 10)),
        }
    )
)
"""What people type when they must type something."""

JUMPS = (2, 3)
"""Powers of ten by which a unit differs from another: cents, per cent, thousands."""

NEAR = 0.25
"""How far a jump may be from those, in powers of ten."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Look]:
    """The columns of this table that are watched."""
    for watched in WATCHED.get(table.name, ()):
        yield Look(table.name, _Amounts(table, watched))


@dataclass(frozen=True, slots=True)
class _Amounts:
    table: CanonicalTable
    watched: Watched

    def __call__(self, connection: DuckDBPyConnection) -> Iterator[Probe | Finding]:
        series = read_series(connection, self.table.name, self.watched)
        if self.table.column(self.watched.column).type == "money":
            yield from self._impossible([one for one in series if one.by == "whole"])
        told: set[tuple[str, str, str | None]] = set()
        for one in sorted(series, key=lambda item: item.by == "batch"):
            if one.by == "whole":
                continue
            place = (one.client, one.source, one.unit)
            for jump in jumps(one):
                if place not in told or one.by == "month":
                    told.add(place)
                    yield self._jump(connection, one, jump)

    def _impossible(self, used: Sequence[Series]) -> Iterator[Probe]:
        """One probe for each client and unit that has amounts which cannot be."""
        for client, unit in sorted({(one.client, one.unit) for one in used}, key=str):
            mine = [one for one in used if (one.client, one.unit) == (client, unit)]
            whole = together(one.whole for one in mine)
            if size(whole) < ENOUGH:
                continue
            usual = quantile(whole, 0.5)
            limit = max(usual + TIMES, quantile(whole, 0.9) + 1)
            threshold = max(FLOOR, _whole_number(limit))
            least = max(FLOOR, _whole_number(usual + 1))
            place = row_column(self.watched.column)
            fillers = ", ".join(str(one) for one in FILLERS if least <= one)
            condition = f"({place} > {threshold} OR {place} IN ({fillers}))"
            yield self._probe(client, unit, condition, usual)

    def _probe(self, client: str, unit: str | None, condition: str, usual: float) -> Probe:
        column = self.watched.column
        if self.watched.unit is not None:
            said = "NULL" if unit is None else quoted(unit)
            condition += (
                f" AND left({row_column(self.watched.unit)}, 3) IS NOT DISTINCT FROM {said}"
            )
        shown = f" {unit}" if unit else ""
        return Probe(
            code="impossible_amount",
            severity=Severity.warning,
            table=self.table.name,
            column=column,
            condition=condition,
            what=f"have an amount in {column} that cannot be meant (the middle one is about"
            f" {_whole_number(usual):,}{shown})",
            todo="Correct the amount in the source; a filler is better left empty.",
            subject=self.table.name.replace("_", " "),
            clients=(client,),
            shows=column,
        )

    def _jump(self, connection: DuckDBPyConnection, series: Series, jump: Jump) -> Finding:
        by = "batch " if series.by == "batch" else ""
        when = f"from {by}{jump.first} {'on' if jump.last is None else f'to {by}{jump.last}'}"
        times = f"{10 ** abs(jump.powers):,} times as"
        than = "large" if jump.powers > 0 else "small"
        column = f"{self.table.name}.{self.watched.column}"
        unit = f" in {series.unit}" if series.unit else ""
        rows, records = self._rows(connection, series, jump)
        return Finding(
            code="unit_jump",
            severity=Severity.warning,
            client=series.client,
            source=series.source,
            table=self.table.name,
            column=self.watched.column,
            rows=rows,
            records=records,
            message=f"{column}{unit}: {when}, {rows:,} rows have values about"
            f" {times} {than} as those before",
            todo="Look whether the unit changed (cents, per cent, thousands); if so, write"
            f" 'factor:' in the source's map of {column}.",
        )

    def _rows(
        self, connection: DuckDBPyConnection, series: Series, jump: Jump
    ) -> tuple[int, tuple[str, ...]]:
        """All rows of the jump, and the first of their ids."""
        place = f"strftime({row_column(self.watched.day)}, '%Y-%m')"
        if series.by == "batch":
            place = row_column("_batch")
        key = f"CAST({row_column(self.table.key[0])} AS VARCHAR)"
        until = "" if jump.last is None else f" AND {place} <= {quoted(jump.last)}"
        of = ""
        if self.watched.unit is not None:
            said = "NULL" if series.unit is None else quoted(series.unit)
            of = f" AND left({row_column(self.watched.unit)}, 3) IS NOT DISTINCT FROM {said}"
        count, records = connection.execute(
            f'SELECT count(*), min({key}, 5) FROM "{self.table.name}" AS {ROW}'
            f" WHERE {ROW}.client_id = ? AND coalesce({ROW}._source, '') = ?"
            f" AND {row_column(self.watched.column)} > 0 AND {ROW}._excluded IS NULL"
            f" AND {place} >= ?{until}{of}",
            [series.client, series.source, jump.first],
        ).fetchall()[0]
        return count, tuple(records or ())


@dataclass(frozen=True, slots=True)
class Jump:
    """The whole spread moved by ``powers`` of ten from ``first`` on; ``last`` ends it."""

    powers: int
    first: str
    last: str | None


def jumps(series: Series) -> tuple[Jump, ...]:
    """Where the unit changes; there and back again is one jump with an end."""
    parts = [name for name, spread in series.spreads.items() if size(spread) >= IN_MONTH]
    found: list[Jump] = []
    open_at: int | None = None
    for at, (one, other) in enumerate(pairwise(parts), 1):
        powers = _moved(series, one, other)
        if not powers:
            continue
        if found and open_at is not None and powers == -found[-1].powers:
            found[-1] = Jump(found[-1].powers, parts[open_at], parts[at - 1])
            open_at = None
        else:
            open_at = at
            found.append(Jump(powers, parts[at], None))
    return tuple(found)


def _moved(series: Series, one: str, other: str) -> int:
    """The powers of ten by which all quartiles moved alike; 0 where they did not."""
    before, after = series.spreads[one], series.spreads[other]
    moved = [quantile(after, share) - quantile(before, share) for share in (0.25, 0.5, 0.75)]
    for powers in JUMPS:
        for sign in (1, -1):
            if all(abs(one - sign * powers) <= 2 * NEAR for one in moved) and (
                abs(moved[1] - sign * powers) <= NEAR
            ):
                return sign * powers
    return 0


def _whole_number(power: float) -> Decimal:
    """About ten to that power, with two digits that count."""
    exact = Decimal(10) ** Decimal(str(round(power, 2)))
    digits = exact.adjusted() - 1
    return (exact / Decimal(10) ** digits).to_integral_value() * Decimal(10) ** digits
