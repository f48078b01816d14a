"""Scored pairs -> candidates with their reasons in words and what each weighs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kvitto.audit.entity.comparison import Comparison, Level
from kvitto.audit.entity.pair import CERTAIN
from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ROUND = 4
"""Digits of a score: what lies behind may differ with the order in which threads add."""


def explain(work: DuckDBPyConnection, comparisons: Sequence[Comparison], least: float) -> None:
    """``candidate`` (client_id, l, r, one_id, other_id, score, reasons) out of ``scored``.

    The heaviest reason stands first; what makes a pair certain before all.
    """
    if comparisons:
        listed = ", ".join(_reason(one) for one in comparisons)
        work.execute(
            "CREATE TABLE explained AS SELECT unique_id_l AS l, unique_id_r AS r, score,"
            " list_transform(list_sort(list_filter(["
            f"{listed}], lambda x: x IS NOT NULL)),"
            " lambda x: {'said': x.said, 'weight': x.weight}) AS reasons FROM scored"
        )
        work.execute("DROP TABLE scored")
    else:
        work.execute(
            "CREATE TABLE explained (l BIGINT, r BIGINT, score DOUBLE,"
            " reasons STRUCT(what VARCHAR, weight DOUBLE)[])"
        )
    work.execute(
        "CREATE TABLE candidate AS SELECT a.client_id, l, r, a.record_id AS one_id,"
        " b.record_id AS other_id, score, reasons, FALSE AS contradicted FROM ("
        " SELECT coalesce(c.l, e.l) AS l, coalesce(c.r, e.r) AS r,"
        f" CASE WHEN c.l IS NULL THEN least(round(e.score, {_ROUND}), 0.9999) ELSE 1 END AS score,"
        " CASE WHEN c.l IS NULL THEN e.reasons"
        f" ELSE list_concat([{{'said': c.says, 'weight': CAST({CERTAIN} AS DOUBLE)}}],"
        " coalesce(e.reasons, [])) END AS reasons"
        " FROM explained AS e FULL JOIN certain AS c ON c.l = e.l AND c.r = e.r"
        f" WHERE c.l IS NOT NULL OR e.score >= {least}) AS p"
        " JOIN record AS a ON a.unique_id = l"
        " JOIN record AS b ON b.unique_id = r AND b.client = a.client"
        " WHERE a.record_id <> b.record_id"
    )
    work.execute("DROP TABLE explained; DROP TABLE certain")


def _reason(comparison: Comparison) -> str:
    top = len(comparison.levels) - 1
    cases = " ".join(
        f"WHEN {top - place} THEN {_words(level)}" for place, level in enumerate(comparison.levels)
    )
    weight = f"mw_{comparison.name}"
    return (
        f"CASE WHEN gamma_{comparison.name} >= 0 THEN {{'order': -abs({weight}),"
        f" 'said': CASE gamma_{comparison.name} {cases} END, 'weight': round({weight}, 1)}} END"
    )


def _words(level: Level) -> str:
    said = quoted(level.says)
    return said if level.alike is None else f"{said} || ' ' || printf('%.2f', {level.alike})"
