"""Two sources of a client that seem to bring the same thing, which is then counted twice.

Where several sources fill a table, their rows are added. That is right for two
shops and wrong for two CRMs kept side by side. Sources whose days look alike
are told, unless a priority says which of them counts, or that both do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING

from kvitto.model.finding import Finding, Severity
from kvitto.model.table import canonical_tables
from kvitto.workspace.definition import RulesDefinition

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ALIKE = Decimal("0.30")
"""How far the figures of a day may lie apart, as a share of the greater, and still look alike."""
FEWEST = 10
"""So many days on which at least one of the two has something are needed to tell."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A table's day, what is added up (nothing: rows), and what must be equal to compare."""

    day: str
    measure: str | None = None
    within: str | None = None


WATCHED: Mapping[str, Watched] = {
    "leads": Watched("created_on"),
    "deals": Watched("created_on"),
    "accounts": Watched("created_on"),
    "contacts": Watched("created_on"),
    "tickets": Watched("created_on"),
    "orders": Watched("ordered_on"),
    "invoices": Watched("issued_on"),
    "web_traffic": Watched("visited_on", "sessions"),
    "web_sessions": Watched("started_on"),
    "web_key_events": Watched("occurred_on", "events", "name"),
    "ad_spend": Watched("spend_on", "spend", "platform"),
}
"""Tables that tools of one kind fill; a day of them is what it holds."""

_Days = dict[date, Decimal]


def two_sources(
    connection: DuckDBPyConnection, rules: Sequence[RulesDefinition] | Mapping[str, RulesDefinition]
) -> Iterator[Finding]:
    """The pairs of sources that look alike and about which nothing is decided."""
    known = list(rules.values()) if isinstance(rules, Mapping) else list(rules)
    for name, watched in WATCHED.items():
        for client in _fed_twice(connection, name):
            if any(_decides(rule, client, name) for rule in known):
                continue
            by_source = _by_source(connection, name, watched, client)
            for one, other in combinations(sorted(by_source), 2):
                found = _told(client, name, one, other, by_source)
                if found is not None:
                    yield found


def _fed_twice(connection: DuckDBPyConnection, table: str) -> list[str]:
    """The clients with rows of several sources, told from the extremes alone."""
    present = connection.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database()"
        " AND table_name = ?",
        [table],
    ).fetchall()[0][0]
    if not present:
        return []
    rows = connection.execute(
        f'SELECT client_id FROM "{table}" GROUP BY client_id'
        " HAVING min(_source) <> max(_source) ORDER BY client_id"
    ).fetchall()
    return [str(row[0]) for row in rows]


def _decides(rule: RulesDefinition, client: str, table: str) -> bool:
    """Whether a priority speaks about the table, or about a metric by its name."""
    if rule.clients and client not in rule.clients:
        return False
    return any(
        priority.table == table or (priority.metric or "").startswith(table)
        for priority in rule.priorities
    )


def _by_source(
    connection: DuckDBPyConnection, table: str, watched: Watched, client: str
) -> dict[str, dict[str, _Days]]:
    """Source -> what must be equal -> day -> what it holds."""
    canonical = canonical_tables()[table]
    total = f"sum({watched.measure})" if watched.measure else "count(*)"
    within = f"CAST({watched.within} AS VARCHAR)" if watched.within else "''"
    flags = [
        f"NOT coalesce({one}, FALSE)" for one in ("is_deleted", "is_test") if canonical.has(one)
    ]
    rows = connection.execute(
        f'SELECT _source, {within}, {watched.day}, {total} FROM "{table}"'
        f" WHERE client_id = ? AND {watched.day} IS NOT NULL AND _excluded IS NULL"
        f" {''.join(f' AND {flag}' for flag in flags)} GROUP BY ALL",
        [client],
    ).fetchall()
    found: dict[str, dict[str, _Days]] = {}
    for source, part, day, number in rows:
        days = found.setdefault(str(source), {}).setdefault(str(part), {})
        days[day] = Decimal(str(number or 0))
    return found


def _told(
    client: str, table: str, one: str, other: str, by_source: Mapping[str, Mapping[str, _Days]]
) -> Finding | None:
    alike = days = 0
    first, last = date.max, date.min
    sums = [Decimal(0), Decimal(0)]
    for part in sorted({*by_source[one]} & {*by_source[other]}):
        mine, theirs = by_source[one][part], by_source[other][part]
        begin, end = max(min(mine), min(theirs)), min(max(mine), max(theirs))
        for day in {*mine, *theirs}:
            if not begin <= day <= end:
                continue
            here, there = mine.get(day, Decimal(0)), theirs.get(day, Decimal(0))
            days += 1
            alike += abs(here - there) <= ALIKE * max(abs(here), abs(there))
            sums = [sums[0] + here, sums[1] + there]
            first, last = min(first, day), max(last, day)
    if days < FEWEST or alike * 2 <= days:
        return None
    noun = canonical_tables()[table].name.replace("_", " ")
    return Finding(
        code="two_sources",
        severity=Severity.warning,
        client=client,
        source=other,
        table=table,
        rows=int(min(sums)),
        message=(
            f"{one} and {other} both bring {noun} and look alike on {alike} of {days} days"
            f" ({sums[0]:,.0f} and {sums[1]:,.0f}): counted together, the same may count twice"
        ),
        todo=(
            f"Say in rules/ which one tells: priorities: [{{table: {table}, sources: [{one},"
            f" {other}]}}]; or counts: all where they hold different things."
        ),
        first_day=first,
        last_day=last,
    )
