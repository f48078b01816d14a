"""Pipelines and stages: taken from files, or made from the labels that deals carry."""

from __future__ import annotations

from dataclasses import dataclass

from kvitto.conform.context import Context
from kvitto.conform.fill import Filling
from kvitto.conform.identity import prefix
from kvitto.conform.label import outcome_of, rank_of
from kvitto.conform.relabel import meant
from kvitto.warehouse.carry import PREVIOUS, has_previous
from kvitto.warehouse.quoting import quoted

DEFAULT_PIPELINE = "default"
_MAP = "stage_map"
_FEW = 40
_SPLIT = "chr(31)"


_Stage = tuple[str, str, str]
"""Stage, pipeline, outcome."""


@dataclass(frozen=True, slots=True)
class _Label:
    pipeline: str | None
    stage: str


def stage_key(fill: Filling) -> str | None:
    """SQL of the label key over ``s``: the stage, with its pipeline where there is one."""
    stage, pipeline = fill.reads.get("stage_id"), fill.reads.get("pipeline_id")
    if stage is None:
        return None
    if pipeline is None:
        return stage.raw
    return f"coalesce({pipeline.raw}, '') || {_SPLIT} || {stage.raw}"


@dataclass(frozen=True, slots=True)
class StageMap:
    """What each label key in ``t._stage`` means, as SQL.

    A few labels become CASE expressions: a join would copy every text of the
    row. Many come by the join in ``joins``.
    """

    columns: dict[str, str]
    joins: tuple[str, ...] = ()


def make_stages(context: Context, fill: Filling) -> tuple[StageMap, dict[str, int]]:
    """What the labels of one file mean; stages and pipelines that are missing are made.

    Gives the map, without columns where no stage is mapped, and how many
    records were made per table.
    """
    key = stage_key(fill)
    if key is None:
        return StageMap({}), {}
    found = context.connection.execute(
        f"SELECT DISTINCT {key} FROM {fill.source} WHERE {fill.reads['stage_id'].raw} IS NOT NULL"
    ).fetchall()
    known = _listed(context)
    seen = {_split(str(raw)) for (raw,) in found}
    labels = sorted(seen | (set() if known else _made_before(context)), key=_in_order)
    made = {"stages": 0, "pipelines": 0}
    rows: dict[str, _Stage] = {}
    context.connection.execute("BEGIN")
    for position, label in enumerate(labels, start=1):
        stage = known.get((label.pipeline, label.stage.lower()))
        stage = stage or known.get((None, label.stage.lower()))
        if stage is None:
            stage = _make(context, label, position, made)
        rows[_joined(label)] = stage
    context.connection.execute("COMMIT")
    return _as_sql(context, rows), {table: count for table, count in made.items() if count}


def _made_before(context: Context) -> set[_Label]:
    """Labels of earlier syncs: the history speaks of stages in which nothing stands now."""
    if not has_previous(context.connection):
        return set()
    rows = context.connection.execute(
        f"SELECT p._source_id, s.name FROM {PREVIOUS}.stages AS s JOIN {PREVIOUS}.pipelines AS p"
        f" ON p.pipeline_id = s.pipeline_id AND {context.mine('p')} WHERE {context.mine('s')}"
    ).fetchall()
    return {
        _Label(None if pipeline == DEFAULT_PIPELINE else str(pipeline), str(name))
        for pipeline, name in rows
    }


def _as_sql(context: Context, rows: dict[str, _Stage]) -> StageMap:
    names = ("stage_id", "pipeline_id", "outcome")
    if len(rows) <= _FEW:
        return StageMap({name: _case(rows, place) for place, name in enumerate(names)})
    context.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_MAP}"
        " (raw VARCHAR, stage_id VARCHAR, pipeline_id VARCHAR, outcome VARCHAR)"
    )
    for raw, stage in rows.items():
        context.connection.execute(f"INSERT INTO {_MAP} VALUES (?, ?, ?, ?)", [raw, *stage])
    join = f"LEFT JOIN {_MAP} AS m ON m.raw = t._stage"
    return StageMap({name: f"m.{name}" for name in names}, (join,))


def _case(rows: dict[str, _Stage], place: int) -> str:
    meanings = {stage[place] for stage in rows.values()}
    if len(meanings) == 1:
        return f"CASE WHEN t._stage IS NOT NULL THEN {quoted(meanings.pop())} END"
    cases = " ".join(
        f"WHEN {quoted(raw)} THEN {quoted(stage[place])}" for raw, stage in rows.items()
    )
    return f"CASE t._stage {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _joined(label: _Label) -> str:
    return label.stage if label.pipeline is None else f"{label.pipeline}\x1f{label.stage}"


def _split(raw: str) -> _Label:
    pipeline, sign, stage = raw.rpartition("\x1f")
    return _Label(pipeline, stage) if sign else _Label(None, raw)


def _in_order(label: _Label) -> tuple[str, int, str]:
    return label.pipeline or "", rank_of(label.stage), label.stage


def _listed(context: Context) -> dict[tuple[str | None, str], _Stage]:
    """Stages that the source lists, by (pipeline, id or name) and by (None, id or name).

    The name alone answers only where one stage has it.
    """
    rows = context.connection.execute(
        "SELECT s.stage_id, s.pipeline_id, coalesce(s.outcome, ''), s._source_id, s.name,"
        " p._source_id, p.name FROM stages AS s"
        " LEFT JOIN pipelines AS p ON p.pipeline_id = s.pipeline_id AND p.client_id = s.client_id"
        f" WHERE {context.mine('s')}"
    ).fetchall()
    by_label: dict[tuple[str | None, str], list[_Stage]] = {}
    for stage_id, pipeline_id, outcome, number, name, *pipelines in rows:
        label = str(name or number)
        stage = (str(stage_id), str(pipeline_id or ""), str(outcome) or outcome_of(label))
        for word in {str(number).lower(), label.lower()}:
            for pipeline in {None, *(str(p) for p in pipelines if p is not None)}:
                by_label.setdefault((pipeline, word), []).append(stage)
    return {label: stages[0] for label, stages in by_label.items() if len(set(stages)) == 1}


def _make(context: Context, label: _Label, position: int, made: dict[str, int]) -> _Stage:
    pipeline = label.pipeline or DEFAULT_PIPELINE
    pipeline_id = prefix(context.name, "pipelines") + pipeline
    made["pipelines"] += _make_pipeline(context, pipeline_id, pipeline)
    raw = label.stage if label.pipeline is None else f"{label.pipeline}/{label.stage}"
    stage_id = prefix(context.name, "stages") + raw
    outcome = meant(context, "stages", "outcome", label.stage) or outcome_of(label.stage)
    chance = {"won": 1.0, "lost": 0.0}.get(outcome)
    context.connection.execute(
        "INSERT INTO stages (client_id, stage_id, pipeline_id, name, position,"
        " default_probability, outcome, _source, _source_id, _batch)"
        " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
        " WHERE NOT EXISTS (SELECT 1 FROM stages WHERE client_id = $1 AND stage_id = $2)".replace(
            "$1", quoted(context.client_id)
        ).replace("$2", quoted(stage_id)),
        [
            context.client_id,
            stage_id,
            pipeline_id,
            label.stage,
            position,
            chance,
            outcome,
            context.name,
            raw,
            context.batch,
        ],
    )
    made["stages"] += 1
    return stage_id, pipeline_id, outcome


def _make_pipeline(context: Context, pipeline_id: str, name: str) -> int:
    shown = "Default" if name == DEFAULT_PIPELINE else name
    found = context.connection.execute(
        "INSERT INTO pipelines (client_id, pipeline_id, name, is_active, _source, _source_id,"
        f" _batch) SELECT ?, ?, ?, true, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM pipelines"
        f" WHERE client_id = {quoted(context.client_id)}"
        f" AND pipeline_id = {quoted(pipeline_id)})",
        [context.client_id, pipeline_id, shown, context.name, name, context.batch],
    ).fetchone()
    return int(found[0]) if found else 0
