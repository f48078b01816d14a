"""Stage entries that a source lists itself: numbered, with the end of each stay."""

from __future__ import annotations

from kvitto.conform.context import Context
from kvitto.model.finding import Finding, Resolution, Severity

_COPIED = "client_id, deal_id, pipeline_id, stage_id, entered_at, entered_on, changed_by_id"
_PROVENANCE = "_source, _source_id, _batch"


def finish_entries(context: Context) -> tuple[int, tuple[Finding, ...]]:
    """Number each deal's entries, set when each ended, and leave repeats out.

    Some CRMs write a line for every change of a deal; a line whose stage is
    that of the line before is no entry. Gives how many were left out.
    """
    mine = context.mine()
    context.connection.execute(
        "CREATE OR REPLACE TEMP TABLE entries AS SELECT *, lag(stage_id) OVER"
        " (PARTITION BY deal_id ORDER BY entered_at NULLS FIRST, seq) AS before"
        f" FROM deal_stage_history WHERE {mine}"
    )
    repeated = context.count("SELECT count(*) FROM entries WHERE before = stage_id")
    context.connection.execute(f"DELETE FROM deal_stage_history WHERE {mine}")
    context.connection.execute(
        f"INSERT INTO deal_stage_history ({_COPIED}, seq, left_at, left_on, is_backward,"
        f" {_PROVENANCE}) SELECT {_prefixed(_COPIED)}, row_number() OVER w,"
        " coalesce(e.left_at, lead(e.entered_at) OVER w),"
        " coalesce(e.left_on, lead(e.entered_on) OVER w),"
        f" coalesce(s.position < lag(s.position) OVER w, false), {_prefixed(_PROVENANCE)}"
        " FROM entries AS e LEFT JOIN stages AS s ON s.stage_id = e.stage_id"
        f" AND {context.mine('s')}"
        " WHERE e.before IS DISTINCT FROM e.stage_id"
        " WINDOW w AS (PARTITION BY e.deal_id ORDER BY e.entered_at NULLS FIRST, e.seq)"
    )
    context.connection.execute("DROP TABLE entries")
    return repeated, _repeated(context, repeated)


def _repeated(context: Context, count: int) -> tuple[Finding, ...]:
    if not count:
        return ()
    return (
        Finding(
            code="repeated_stage",
            severity=Severity.notice,
            client=context.client_id,
            source=context.name,
            table="deal_stage_history",
            column="stage_id",
            rows=count,
            message=f"{count} lines of the stage history do not change the stage and are left out",
            todo="Nothing; they record other changes of the deal.",
            resolution=Resolution.exclude,
        ),
    )


def _prefixed(columns: str) -> str:
    return ", ".join(f"e.{name}" for name in columns.split(", "))
