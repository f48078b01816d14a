"""Days on which a feed brought nothing though it should have: never a silent low sum.

The audit's monitors find them. A period that lies in such days has no data; one
that holds some of them is provisional, and its receipt names the days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlglot import exp

from kvitto.metrics.fact import Facts
from kvitto.metrics.fence import fenced, from_table
from kvitto.metrics.plan import Read, feeding
from kvitto.metrics.wording import rows_of
from kvitto.model.receipt import Applied

CODES = ("gap", "late_arrival")
"""Findings of the monitors that are about days without rows."""
ACTION = "gap"
_HAS_DAYS = (
    "SELECT 1 FROM duckdb_columns()"
    " WHERE table_name = '_findings' AND column_name = 'first_day' LIMIT 1"
)


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """Days from ``first`` to ``last`` (both included) without rows of a source's table."""

    first: date
    last: date
    source: str
    table: str

    def days_in(self, first: date, after: date) -> int:
        """How many of its days lie in ``[first, after)``."""
        return max((min(self.last + timedelta(days=1), after) - max(self.first, first)).days, 0)


def gaps_of(read: Read, facts: Facts) -> tuple[Gap, ...]:
    """The gaps of the sources behind a read that lie in its days."""
    part, span = read.measure.part, read.span
    if part.as_of or part.at is None:
        return ()
    told = None if read.chosen is None else set(read.chosen.sources)
    names = {
        state.name
        for state in feeding(read.component.metric, part.table, facts)
        if told is None or state.name in told
    }
    return tuple(
        gap
        for gap in known_gaps(facts)
        if gap.table == part.table and gap.source in names and gap.days_in(span.first, span.after)
    )


def known_gaps(facts: Facts) -> tuple[Gap, ...]:
    """All gaps of the client in this version, in order of time."""

    def read() -> tuple[Gap, ...]:
        # Versions that were published before findings had days hold none.
        if not facts.reader.query(_HAS_DAYS):
            return ()
        names = ("first_day", "last_day", "source", "table_name")
        columns = [exp.column(name, table="_findings") for name in names]
        code = exp.column("code", table="_findings")
        listed = [exp.Literal.string(name) for name in CODES]
        query = (
            from_table("_findings")
            .select(*columns)
            .where(exp.In(this=code, expressions=listed), columns[0].is_(exp.null()).not_())
        )
        rows = facts.reader.query(fenced(query, facts.client).sql("duckdb"))
        return tuple(sorted(Gap(*row) for row in rows))

    return facts.once(("gaps",), read)


def why_empty(read: Read, facts: Facts) -> str | None:
    """Why a period without rows is no zero: all of its days lie in a gap."""
    span = read.span
    days = (span.after - span.first).days
    for gap in gaps_of(read, facts):
        if gap.days_in(span.first, span.after) == days:
            return f"{gap.source} brought no {rows_of(gap.table)} from {gap.first} to {gap.last}"
    return None


def applied_gaps(reads: Iterable[Read], facts: Facts) -> tuple[Applied, ...]:
    """What a receipt says of the days that are lacking; ``rows`` counts those days."""
    found: dict[Gap, Applied] = {}
    for read in reads:
        for gap in gaps_of(read, facts):
            days = gap.days_in(read.span.first, read.span.after)
            why = f"{gap.source} brought no {rows_of(gap.table)} from {gap.first} to {gap.last}"
            why += f"; {days} days of the period are lacking"
            found[gap] = Applied(action=ACTION, rule=ACTION, rows=days, why=why)
    return tuple(found[gap] for gap in sorted(found))


def is_whole(reads: Sequence[Read], facts: Facts) -> bool:
    """Whether no day of any read is lacking."""
    return not any(gaps_of(read, facts) for read in reads)
