"""What deals need beyond their mapped columns: stage, outcome, base amount, closing day."""

from __future__ import annotations

from dataclasses import dataclass

from kvitto.conform.context import Context
from kvitto.conform.fill import Filling
from kvitto.conform.money import base_amount
from kvitto.conform.stage import MAP, make_stages, stage_key


@dataclass(frozen=True, slots=True)
class Extra:
    """Columns, joins, expressions below and conditions for the INSERT of one file."""

    columns: dict[str, str]
    joins: tuple[str, ...]
    below: dict[str, str]
    guards: dict[str, str]


NONE = Extra({}, (), {}, {})


def deal_extra(context: Context, fill: Filling, made: dict[str, int]) -> Extra:
    """The additions for deals; stages and pipelines that are missing are made and counted."""
    _count(made, make_stages(context, fill))
    columns, joins = base_amount(context, fill)
    stage = stage_extra(fill)
    outcome = "m.outcome" if "outcome" not in fill.reads else "t.outcome"
    if "outcome" not in fill.reads and "stage_id" in fill.reads:
        columns["outcome"] = outcome
    guards: dict[str, str] = {}
    if _is_guessed(fill, "closed_at") and ("stage_id" in fill.reads or "outcome" in fill.reads):
        columns, guards = _closing(fill, columns, stage)
    return Extra(
        {**columns, **stage.columns}, (*joins, *stage.joins), stage.below, guards
    )


def entry_extra(context: Context, fill: Filling, made: dict[str, int]) -> Extra:
    """The additions for a file of stage entries: its labels are those of the deals."""
    _count(made, make_stages(context, fill))
    return stage_extra(fill)


def stage_extra(fill: Filling) -> Extra:
    """Stage and pipeline by way of the map of labels; nothing where no stage is mapped."""
    key = stage_key(fill)
    if key is None:
        return NONE
    columns = {"stage_id": "m.stage_id", "pipeline_id": "m.pipeline_id"}
    return Extra(columns, (f"LEFT JOIN {MAP} AS m ON m.raw = t._stage",), {"_stage": key}, {})


def _closing(
    fill: Filling, columns: dict[str, str], stage: Extra
) -> tuple[dict[str, str], dict[str, str]]:
    """A close date of an open deal is a hope: it becomes the expected one.

    Only where the header was guessed; a definition is taken at its word.
    """
    is_open = _open_condition(fill)
    closed = {"closed_at": f"NOT {is_open}", "closed_on": f"NOT {is_open}"}
    if "expected_close_on" in fill.reads:
        return columns, closed
    day = "CAST(t.closed_at AS DATE)"
    return {
        **columns,
        "expected_close_on": f"CASE WHEN {is_open} THEN {day} END",
    }, closed


def _open_condition(fill: Filling) -> str:
    if "outcome" in fill.reads:
        return "(coalesce(l_label_deals_outcome.word, t.outcome, '') = 'open')"
    return "(coalesce(m.outcome, '') = 'open')"


def _is_guessed(fill: Filling, column: str) -> bool:
    found = fill.file.fill_of(fill.table.name).get(column)
    return found is not None and found.how == "guessed"


def _count(made: dict[str, int], more: dict[str, int]) -> None:
    for table, count in more.items():
        made[table] = made.get(table, 0) + count
