"""What deals need beyond their mapped columns: stage, outcome, base amount, closing day."""

from __future__ import annotations

from dataclasses import dataclass, field

from kvitto.conform.context import Context
from kvitto.conform.fill import Filling
from kvitto.conform.money import base_amount
from kvitto.conform.stage import StageMap, make_stages, stage_key


@dataclass(frozen=True, slots=True)
class Extra:
    """Columns, joins, expressions below and conditions for the INSERT of one file."""

    columns: dict[str, str] = field(default_factory=dict)
    joins: tuple[str, ...] = ()
    below: dict[str, str] = field(default_factory=dict)
    guards: dict[str, str] = field(default_factory=dict)


def deal_extra(context: Context, fill: Filling, made: dict[str, int]) -> Extra:
    """The additions for deals; stages and pipelines that are missing are made and counted."""
    stages = _stages(context, fill, made)
    columns, joins = base_amount(context, fill)
    columns.update(_placed(stages))
    if "outcome" not in fill.reads and stages.columns:
        columns["outcome"] = stages.columns["outcome"]
    guards: dict[str, str] = {}
    if _is_guessed(fill, "closed_at") and (stages.columns or "outcome" in fill.reads):
        is_open = _open_condition(fill, stages)
        guards = {"closed_at": f"NOT {is_open}", "closed_on": f"NOT {is_open}"}
        if "expected_close_on" not in fill.reads:
            day = "CAST(t.closed_at AS DATE)"
            columns["expected_close_on"] = f"CASE WHEN {is_open} THEN {day} END"
    return Extra(columns, (*joins, *stages.joins), _key_below(fill), guards)


def entry_extra(context: Context, fill: Filling, made: dict[str, int]) -> Extra:
    """The additions for a file of stage entries: its labels are those of the deals."""
    stages = _stages(context, fill, made)
    return Extra(_placed(stages), stages.joins, _key_below(fill))


def _stages(context: Context, fill: Filling, made: dict[str, int]) -> StageMap:
    stages, more = make_stages(context, fill)
    for table, count in more.items():
        made[table] = made.get(table, 0) + count
    return stages


def _placed(stages: StageMap) -> dict[str, str]:
    return {name: sql for name, sql in stages.columns.items() if name != "outcome"}


def _key_below(fill: Filling) -> dict[str, str]:
    key = stage_key(fill)
    return {} if key is None else {"_stage": key}


def _open_condition(fill: Filling, stages: StageMap) -> str:
    """Whether the deal is open. The close date of an open deal is a hope.

    It becomes the expected one, but only where the header was guessed: a
    definition is taken at its word.
    """
    if "outcome" in fill.reads:
        return "(coalesce(t.outcome, '') = 'open')"
    return f"(coalesce({stages.columns['outcome']}, '') = 'open')"


def _is_guessed(fill: Filling, column: str) -> bool:
    found = fill.file.fill_of(fill.table.name).get(column)
    return found is not None and found.how == "guessed"
