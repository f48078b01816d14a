"""Which records are compared: those that share a block, and never those of two clients.

A block with n members makes n (n - 1) / 2 pairs, so blocks are bounded in
themselves and, rule by rule and client by client, in what they make together:
the smallest, which say most, go first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.audit.entity.comparison import Block

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LARGEST = 100
"""Members of a block that are still compared each with each."""

PAIRS_AT_LEAST = 10_000
"""Pairs that one rule may make of a client's records, however few those are."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Blocks that were too large: of one client, by one rule."""

    client: str
    shares: str
    blocks: int
    rows: int
    largest: int


def make_pairs(work: DuckDBPyConnection, blocks: Iterable[Block]) -> tuple[LeftOut, ...]:
    """``pair`` (join_key_l < join_key_r, match_key) from ``record``, each pair once."""
    work.execute(
        "CREATE TABLE found (join_key_l BIGINT, join_key_r BIGINT, match_key UTINYINT);"
        "CREATE TABLE client_rows AS SELECT client, count(*) AS rows FROM record GROUP BY 1"
    )
    left_out: list[LeftOut] = []
    for number, block in enumerate(blocks):
        left_out.extend(_of_block(work, number, block))
    work.execute(
        "CREATE TABLE pair AS SELECT CAST(min(match_key) AS VARCHAR) AS match_key,"
        " join_key_l, join_key_r FROM found GROUP BY join_key_l, join_key_r"
    )
    work.execute("DROP TABLE found; DROP TABLE client_rows")
    return tuple(left_out)


def _of_block(work: DuckDBPyConnection, number: int, block: Block) -> Iterable[LeftOut]:
    make_members(work, block)
    work.execute(
        f"INSERT INTO found SELECT l.unique_id, r.unique_id, {number} FROM member AS l"
        " JOIN member AS r ON l.key = r.key AND l.client = r.client AND l.unique_id < r.unique_id"
    )
    found = _left_out(work, block) if block.whole else ()
    work.execute("DROP TABLE member; DROP TABLE sized; DROP TABLE taken")
    return found


def make_members(work: DuckDBPyConnection, block: Block) -> None:
    """``member`` (client, unique_id, key): who is in a block that is neither alone nor too large.

    ``sized`` has all blocks, ``taken`` the size up to which each client's are compared.
    """
    work.execute(
        "CREATE OR REPLACE TABLE member AS SELECT DISTINCT client, unique_id,"
        " hash(client, value) AS key FROM ("
        f"SELECT client, unique_id, {block.sql} AS value FROM record WHERE NOT gone)"
        " WHERE value IS NOT NULL AND value NOT IN ('', '/')"
    )
    work.execute(
        "CREATE OR REPLACE TABLE sized AS SELECT client, key, count(*) AS size FROM member"
        " GROUP BY ALL HAVING count(*) > 1"
    )
    work.execute(
        "CREATE OR REPLACE TABLE taken AS WITH step AS (SELECT client, size,"
        " sum(sum(size * (size - 1) / 2)) OVER (PARTITION BY client ORDER BY size) AS pairs"
        " FROM sized GROUP BY client, size)"
        " SELECT s.client, max(size) AS most FROM step AS s JOIN client_rows AS c USING (client)"
        f" WHERE size <= {LARGEST}"
        f" AND pairs <= greatest({PAIRS_AT_LEAST}, {block.per_row} * c.rows) GROUP BY 1"
    )
    work.execute(
        "CREATE OR REPLACE TABLE member AS SELECT m.* FROM member AS m"
        " JOIN sized AS s ON s.key = m.key AND s.client = m.client"
        " JOIN taken AS t ON t.client = m.client AND s.size <= t.most"
    )


def _left_out(work: DuckDBPyConnection, block: Block) -> tuple[LeftOut, ...]:
    rows = work.execute(
        "SELECT c.client_id, count(*), sum(size), max(size) FROM sized AS s"
        " LEFT JOIN taken AS t USING (client)"
        " JOIN (SELECT DISTINCT client, client_id FROM record) AS c USING (client)"
        " WHERE size > coalesce(t.most, 0) GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return tuple(
        LeftOut(str(client), block.whole, int(blocks), int(members), int(largest))
        for client, blocks, members, largest in rows
    )
