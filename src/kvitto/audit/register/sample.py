"""A random sample of a table's records, to be held against the truth by hand.

Which records are drawn depends on the seed and their ids alone, so the same draw
can be made again and nobody picks the easy ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kvitto.audit.candidate import SHOWN
from kvitto.audit.checks.missing import EXPECTED
from kvitto.audit.reading import Queried
from kvitto.model.table import TENANT, CanonicalTable
from kvitto.warehouse.quoting import named

USUAL_FIELDS = 4
"""How many fields are checked where none is named."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One value to be checked."""

    table: str
    record: str
    source: str
    column: str
    value: str | None


def draw_sample(
    reader: Queried,
    client: str,
    table: CanonicalTable,
    n: int,
    seed: int,
    columns: Sequence[str] = (),
    by_source: bool = False,
) -> tuple[Drawn, ...]:
    """Draw ``n`` of the client's records that count (all, where there are fewer).

    ``by_source`` gives each source the part of the sample that it has of the
    records, at least one.
    """
    sizes = rows_by_source(reader, client, table)
    parts = allot(sizes, n) if by_source else {}
    ids = _drawn_ids(reader, client, table, n, seed, parts)
    chosen = tuple(columns) or usual_fields(table)
    listed = "".join(f", CAST({named(name)} AS VARCHAR)" for name in chosen)
    key = named(table.key[0])
    rows = reader.query(
        f"SELECT {key}, coalesce(_source, ''){listed} FROM {named(table.name)}"
        f" WHERE {_counted(table)} AND list_contains($ids, {key}) ORDER BY {key}",
        {"client": client, "ids": ids},
    )
    return tuple(
        Drawn(table.name, str(record), str(source), column, value)
        for record, source, *values in rows
        for column, value in zip(chosen, values, strict=True)
    )


def usual_fields(table: CanonicalTable) -> tuple[str, ...]:
    """The fields by which people know a record, and that figures need."""
    wanted = [
        *SHOWN.get(table.name, ()),
        *(one.column for one in EXPECTED if one.table == table.name),
    ]
    rest = [one.name for one in table.declared if one.name not in (TENANT, *table.key)]
    return tuple(dict.fromkeys(name for name in [*wanted, *rest] if table.has(name)))[:USUAL_FIELDS]


def allot(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """``n`` shared out in proportion, at least one each, by the largest remainders."""
    total = sum(sizes.values())
    if not total:
        return {}
    wanted = min(max(n, len(sizes)), total)
    parts = {name: min(size, max(1, wanted * size // total)) for name, size in sizes.items()}
    order = sorted(sizes, key=lambda name: (-(wanted * sizes[name] % total), name))
    while sum(parts.values()) < wanted:
        for name in order:
            if sum(parts.values()) < wanted and parts[name] < sizes[name]:
                parts[name] += 1
    return parts


def rows_by_source(reader: Queried, client: str, table: CanonicalTable) -> dict[str, int]:
    """How many of the client's records that count each source brought."""
    rows = reader.query(
        f"SELECT coalesce(_source, ''), count(*) FROM {named(table.name)}"
        f" WHERE {_counted(table)} GROUP BY 1 ORDER BY 1",
        {"client": client},
    )
    return {str(source): int(count) for source, count in rows}


def _drawn_ids(
    reader: Queried,
    client: str,
    table: CanonicalTable,
    n: int,
    seed: int,
    parts: Mapping[str, int],
) -> list[str]:
    key = named(table.key[0])
    given: dict[str, Any] = {"client": client, "seed": f"{seed}:", "n": n}
    order = f"md5($seed || {key}), {key}"
    where = f"FROM {named(table.name)} WHERE {_counted(table)} AND {key} IS NOT NULL"
    if not parts:
        rows = reader.query(f"SELECT {key} {where} ORDER BY {order} LIMIT $n", given)
        return [str(row[0]) for row in rows]
    found: list[str] = []
    for source, count in parts.items():
        rows = reader.query(
            f"SELECT {key} {where} AND coalesce(_source, '') = $source ORDER BY {order} LIMIT $n",
            {**given, "source": source, "n": count},
        )
        found += [str(row[0]) for row in rows]
    return found


def _counted(table: CanonicalTable) -> str:
    parts = [f"{TENANT} = $client", "_excluded IS NULL"]
    parts += [f"NOT coalesce({one}, FALSE)" for one in ("is_deleted", "is_test") if table.has(one)]
    return " AND ".join(parts)
