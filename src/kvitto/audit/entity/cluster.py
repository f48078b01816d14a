"""Pairs -> groups of records that are one; a group that contradicts itself is asked about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from kvitto.audit.entity.comparison import Model
from kvitto.audit.entity.pair import APART

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Apart = tuple[str, str, str]
"""A client and two ids of its records."""

LARGEST_MERGED = 50
"""A larger group is never merged by a rule, unless all its pairs are certain."""

_SPELLED_APART = 0.8
_AGAINST = {
    "accounts": (
        "a.host IS NOT NULL AND b.host IS NOT NULL AND a.host <> b.host"
        f" AND jaro_winkler_similarity(a.name, b.name) < {_SPELLED_APART}"
        " OR a.ident <> b.ident"
    ),
    "contacts": (
        f"jaro_winkler_similarity(a.family, b.family) < {_SPELLED_APART}"
        " AND a.family <> coalesce(b.given, '') AND b.family <> coalesce(a.given, '')"
        " OR a.email <> b.email AND length(a.given) > 1 AND length(b.given) > 1"
        f" AND jaro_winkler_similarity(a.given, b.given) < {_SPELLED_APART}"
        " AND NOT starts_with(a.given, b.given) AND NOT starts_with(b.given, a.given)"
        " OR a.ident <> b.ident"
    ),
}


def groups(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Record -> the smallest record that it is connected with."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for one, other in pairs:
        first, second = root(one), root(other)
        if first != second:
            parent[max(first, second)] = min(first, second)
    return {node: root(node) for node in parent}


def keep_apart(work: DuckDBPyConnection, apart: Collection[Apart]) -> None:
    """``apart`` (l, r), and the state of those pairs: a person decided that they are two."""
    work.execute("CREATE TABLE apart (client_id VARCHAR, one_id VARCHAR, other_id VARCHAR)")
    if apart:
        work.executemany("INSERT INTO apart VALUES (?, ?, ?)", [list(one) for one in apart])
    work.execute(
        "CREATE OR REPLACE TABLE apart AS SELECT a.unique_id AS l, b.unique_id AS r"
        " FROM apart AS p JOIN record AS a ON a.client_id = p.client_id AND a.record_id = p.one_id"
        " JOIN record AS b ON b.client_id = p.client_id AND b.record_id = p.other_id;"
        f"UPDATE candidate SET state = '{APART}' FROM apart AS a"
        " WHERE least(a.l, a.r) = candidate.l AND greatest(a.l, a.r) = candidate.r"
    )


def mark_contradictions(work: DuckDBPyConnection, model: Model, chosen: str) -> None:
    """Set ``candidate.contradicted`` for the pairs under ``chosen`` whose group cannot be one."""
    import pyarrow as pa

    edges = work.execute(f"SELECT l, r FROM candidate WHERE {chosen}").to_arrow_table()
    found = groups(zip(edges["l"].to_pylist(), edges["r"].to_pylist(), strict=True))
    if not found:
        return
    member = pa.table({"id": list(found), "root": list(found.values())})
    work.register("group_member", member)
    work.execute(
        "CREATE TABLE sized_group AS SELECT root, count(*) AS size FROM group_member"
        " GROUP BY root HAVING count(*) > 2"
    )
    work.execute(
        "CREATE TABLE broken AS SELECT DISTINCT root FROM ("
        " SELECT m.root FROM group_member AS m JOIN sized_group AS s USING (root)"
        " JOIN group_member AS n ON n.root = m.root AND n.id > m.id"
        " JOIN record AS a ON a.unique_id = m.id JOIN record AS b ON b.unique_id = n.id"
        f" WHERE s.size <= {LARGEST_MERGED} AND ({_AGAINST[model.table]})"
        " UNION ALL SELECT m.root FROM apart AS p JOIN group_member AS m ON m.id = p.l"
        " JOIN group_member AS n ON n.id = p.r AND n.root = m.root"
        " UNION ALL SELECT m.root FROM sized_group AS s JOIN group_member AS m USING (root)"
        " JOIN candidate ON candidate.l = m.id"
        f" WHERE s.size > {LARGEST_MERGED} AND candidate.score < 1 AND ({chosen}))"
    )
    work.execute(
        "UPDATE candidate SET contradicted = TRUE FROM group_member AS m, broken AS b"
        f" WHERE candidate.l = m.id AND m.root = b.root AND ({chosen})"
    )
    work.execute("DROP TABLE sized_group; DROP TABLE broken")
    work.unregister("group_member")


def merged_groups(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Id -> the smallest id of its group, for pairs of one client and table."""
    names = sorted({name for pair in pairs for name in pair})
    number = {name: place for place, name in enumerate(names)}
    found = groups((number[one], number[other]) for one, other in pairs)
    return {names[node]: names[root] for node, root in found.items()}
