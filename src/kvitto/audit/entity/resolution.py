"""Find the pairs of a table that may be one company or one person, client by client."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.audit.entity.account import ACCOUNTS
from kvitto.audit.entity.blocking import LeftOut, make_pairs
from kvitto.audit.entity.certain import find_certain
from kvitto.audit.entity.cluster import Apart, keep_apart, mark_contradictions
from kvitto.audit.entity.comparison import Model
from kvitto.audit.entity.contact import CONTACTS
from kvitto.audit.entity.explanation import explain
from kvitto.audit.entity.pair import ASK, MERGED, Pair, reasons_from
from kvitto.audit.entity.preparation import prepare
from kvitto.audit.entity.scoring import TRAIN_ROWS, score_pairs
from kvitto.audit.entity.setting import Setting
from kvitto.audit.entity.source import clients_with_rows, raw_query
from kvitto.audit.entity.work import opened
from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MODELS: Mapping[str, Model] = {"accounts": ACCOUNTS, "contacts": CONTACTS}

CONTRADICTED = "records of its group contradict each other"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was found: pairs in order of client and ids, and blocks that were too large."""

    pairs: tuple[Pair, ...]
    left_out: tuple[LeftOut, ...] = ()


def find_pairs(
    connection: DuckDBPyConnection,
    table: str,
    settings: Mapping[str, Setting] | None = None,
    *,
    apart: Collection[Apart] = (),
    train_rows: int = TRAIN_ROWS,
) -> Resolved:
    """The pairs of ``table`` (accounts or contacts) that are one with their client's likelihood.

    ``settings`` says whose records are compared and what is done with them; all
    clients are asked where it is not given; ``apart`` are pairs that people
    decided are two. Reads the rows that count and
    changes nothing. ``connection`` must not have a transaction open.
    """
    with compared(connection, table, settings, apart=apart, train_rows=train_rows) as (
        work,
        left_out,
    ):
        rows = (
            work.execute(
                "SELECT client_id, one_id, other_id, score, to_json(reasons), state"
                " FROM candidate ORDER BY client_id, one_id, other_id"
            ).fetchall()
            if work is not None
            else []
        )
    pairs = tuple(
        Pair(client, table, one, other, score, reasons_from(reasons), state)
        for client, one, other, score, reasons, state in rows
    )
    return Resolved(pairs, left_out)


@contextmanager
def compared(
    connection: DuckDBPyConnection,
    table: str,
    settings: Mapping[str, Setting] | None = None,
    *,
    apart: Collection[Apart] = (),
    train_rows: int = TRAIN_ROWS,
) -> Iterator[tuple[DuckDBPyConnection | None, tuple[LeftOut, ...]]]:
    """A connection in which ``candidate`` holds the pairs; ``None`` where nothing is to be done."""
    filled = clients_with_rows(connection, table)
    chosen = {client: Setting() for client in filled} if settings is None else settings
    asked = {name: one for name, one in chosen.items() if name in filled and one.do != "keep"}
    if not asked:
        yield None, ()
        return
    with opened(connection) as (work, schema):
        work.execute(f"CREATE TABLE raw AS {raw_query(table, schema, list(asked))}")
        left_out = resolve(work, MODELS[table], asked, apart=apart, train_rows=train_rows)
        yield work, left_out


def resolve(
    work: DuckDBPyConnection,
    model: Model,
    settings: Mapping[str, Setting],
    *,
    apart: Collection[Apart] = (),
    train_rows: int = TRAIN_ROWS,
) -> tuple[LeftOut, ...]:
    """``candidate`` from ``raw``: the whole way from records to explained pairs."""
    least = min(one.ask_above for one in settings.values())
    prepare(work, model.table)
    left_out = make_pairs(work, model.blocks)
    find_certain(work, model)
    comparisons = score_pairs(work, model, least, train_rows=train_rows)
    explain(work, comparisons, least)
    _decide(work, model, settings, apart)
    return left_out


def _decide(
    work: DuckDBPyConnection,
    model: Model,
    settings: Mapping[str, Setting],
    apart: Collection[Apart],
) -> None:
    listed = ", ".join(
        f"({quoted(client)}, {one.do == 'merge'}, {one.merge_above}, {one.ask_above})"
        for client, one in settings.items()
    )
    work.execute(
        "CREATE TABLE wanted (client_id VARCHAR, merges BOOLEAN, merge_above DOUBLE,"
        f" ask_above DOUBLE); INSERT INTO wanted VALUES {listed};"
        "ALTER TABLE candidate ADD COLUMN state VARCHAR;"
        f"UPDATE candidate SET state = CASE WHEN w.merges AND score >= w.merge_above"
        f" THEN '{MERGED}' WHEN score >= w.ask_above THEN '{ASK}' END"
        " FROM wanted AS w WHERE w.client_id = candidate.client_id;"
        "DELETE FROM candidate WHERE state IS NULL; DROP TABLE wanted"
    )
    keep_apart(work, apart)
    if any(one.do == "merge" for one in settings.values()):
        mark_contradictions(work, model, f"candidate.state = '{MERGED}'")
        work.execute(
            f"UPDATE candidate SET state = '{ASK}', reasons = list_append(reasons,"
            f" {{'said': '{CONTRADICTED}', 'weight': CAST(0 AS DOUBLE)}})"
            " WHERE contradicted"
        )
