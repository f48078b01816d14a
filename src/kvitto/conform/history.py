"""When deals entered their stages, and how they stood on the day of the sync.

A file of stage entries is taken as it is. Where there is none, entries are
made from what is dated: a deal's beginning, its end, and the day on which a
stage was first seen in a sync. What an earlier sync saw is carried on.
"""

from __future__ import annotations

from kvitto.conform.context import Context
from kvitto.conform.row import insert_rows, provenance
from kvitto.conform.zone import midnight_of
from kvitto.warehouse.carry import PREVIOUS, carry_table, has_previous
from kvitto.warehouse.quoting import quoted

_SNAPSHOT = (
    "deal_id",
    "stage_id",
    "amount_base",
    "probability",
    "expected_close_on",
    "owner_id",
    "outcome",
    "forecast_category",
)


def make_snapshots(context: Context) -> int:
    """The state of every deal in play on the day the source shows, beside earlier days' rows.

    In play are the open deals, and those that were when last seen: a closed
    deal is written once more, closed, and then no longer, so that the table
    grows with the open deals and not with all that ever were.
    """
    if has_previous(context.connection):
        carry_table(
            context.connection,
            "deal_snapshots",
            f"{context.mine()} AND snapshot_on <> DATE '{context.as_of}'",
        )
    empty = _unfilled(context)
    varying = {name: name for name in _SNAPSHOT if name not in empty}
    fixed = {"snapshot_on": f"DATE '{context.as_of}'", **provenance(context)}
    tail = f"FROM deals AS d WHERE {context.mine('d')} AND {_in_play(context)}"
    return insert_rows(context, "deal_snapshots", {**varying, **fixed}, tail)


def _in_play(context: Context) -> str:
    """The condition on deals ``d``; before anything was ever in play it is all of them."""
    mine = context.mine()
    open_now = f"{mine} AND coalesce(outcome, 'open') = 'open'"
    still_open = "coalesce(d.outcome, 'open') = 'open'"
    if not context.count(f"SELECT count(*) FROM deal_snapshots WHERE {mine}"):
        any_open = context.count(f"SELECT count(*) FROM deals WHERE {open_now}")
        return still_open if any_open else "true"
    last = (
        "(SELECT deal_id FROM deal_snapshots WHERE outcome = 'open' AND snapshot_on ="
        f" (SELECT max(snapshot_on) FROM deal_snapshots WHERE {mine}) AND {mine})"
    )
    return f"({still_open} OR d.deal_id IN {last})"


def _unfilled(context: Context) -> set[str]:
    """Columns of the snapshot that no deal of the source has."""
    counted = ", ".join(f"count({name})" for name in _SNAPSHOT)
    row = context.connection.execute(
        f"SELECT {counted} FROM deals WHERE {context.mine()}"
    ).fetchone()
    assert row is not None
    return {name for name, count in zip(_SNAPSHOT[1:], row[1:], strict=True) if not count}


def make_history(context: Context) -> int:
    """Stage entries of every deal of the source; gives how many rows were made."""
    if context.understanding.fills("deal_stage_history"):
        return 0
    if not _seen_before(context):
        return _insert(context, _first_sql(context, _entry_stage(context)))
    return _insert(context, _merged_sql(context, _entry_before(context) or _entry_stage(context)))


def end_with_deals(context: Context) -> None:
    """End the last stay of closed deals that never left a stage which counts as open.

    Some tools keep won and lost apart from the stage ("4-Close", with a status
    beside it). Without an end such a stay would make the deal open for ever.
    """
    stuck = (
        f"SELECT d.deal_id, d.closed_at, d.closed_on FROM deals AS d JOIN stages AS s"
        f" ON s.stage_id = d.stage_id AND {context.mine('s')}"
        f" WHERE {context.mine('d')} AND d.outcome <> 'open' AND d.closed_at IS NOT NULL"
        " AND coalesce(s.outcome, 'open') = 'open'"
    )
    if context.connection.execute(f"{stuck} LIMIT 1").fetchone() is None:
        return
    context.connection.execute(
        "UPDATE deal_stage_history AS h SET left_at = greatest(h.entered_at, c.closed_at),"
        f" left_on = greatest(h.entered_on, c.closed_on) FROM ({stuck}) AS c"
        f" WHERE {context.mine('h')} AND h.deal_id = c.deal_id AND h.left_at IS NULL"
        " AND h.entered_at IS NOT NULL"
    )


def _insert(context: Context, rows: str) -> int:
    columns = ["deal_id", "seq", "stage_id", "entered_at", "entered_on", "left_at", "left_on"]
    columns += ["is_backward"]
    fixed = provenance(context)
    pipeline = _only_pipeline(context)
    if pipeline is None:
        columns.append("pipeline_id")
    else:
        fixed["pipeline_id"] = quoted(pipeline)
    varying = {name: f"h.{name}" for name in columns}
    return insert_rows(context, "deal_stage_history", {**varying, **fixed}, f"FROM ({rows}) AS h")


def _only_pipeline(context: Context) -> str | None:
    found = context.connection.execute(
        f"SELECT DISTINCT pipeline_id FROM stages WHERE {context.mine()} LIMIT 2"
    ).fetchall()
    return str(found[0][0]) if len(found) == 1 and found[0][0] is not None else None


def _entry_stage(context: Context) -> str | None:
    """The open stage in which a dated deal begins.

    Where all dated open deals stand in one stage, the date is the one of that
    stage; otherwise it is the first open stage of the pipeline (``None``).
    """
    found = context.connection.execute(
        f"SELECT DISTINCT stage_id FROM deals WHERE {context.mine()} AND outcome = 'open'"
        " AND created_on IS NOT NULL AND stage_id IS NOT NULL LIMIT 2"
    ).fetchall()
    return str(found[0][0]) if len(found) == 1 else None


def _entry_before(context: Context) -> str | None:
    """The stage in which the last sync let all dated deals begin, so that it stays the one."""
    found = context.connection.execute(
        f"SELECT DISTINCT h.stage_id FROM {PREVIOUS}.deal_stage_history AS h"
        f" JOIN {PREVIOUS}.deals AS d ON d.deal_id = h.deal_id AND {context.mine('d')}"
        f" WHERE {context.mine('h')} AND h.seq = 1 AND h.entered_at = d.created_at LIMIT 2"
    ).fetchall()
    return str(found[0][0]) if len(found) == 1 else None


def _seen_before(context: Context) -> bool:
    if not has_previous(context.connection):
        return False
    found = context.connection.execute(
        f"SELECT 1 FROM {PREVIOUS}.deal_stage_history WHERE {context.mine()} LIMIT 1"
    ).fetchone()
    return found is not None


def _dated(context: Context, entry: str | None) -> str:
    """Deals with their entry stage and the instants that are known, as SQL.

    ``first_at`` is the beginning; ``last_at`` the end of a closed deal; both
    with their local days. A current stage that has neither is seen today.
    """
    seen = midnight_of(context.as_of, context.client.timezone)
    first, join = quoted(entry or ""), ""
    if entry is None:
        first, join = "f.stage_id", _first_stages(context.mine())
    return (
        "SELECT d.deal_id, d.pipeline_id, d.stage_id, d.outcome,"
        " d.created_at AS first_at, d.created_on AS first_on,"
        " CASE WHEN d.outcome <> 'open' THEN d.closed_at END AS last_at,"
        " CASE WHEN d.outcome <> 'open' THEN d.closed_on END AS last_on,"
        f" DATE '{context.as_of}' AS seen_on, TIMESTAMP '{seen}' AS seen_at,"
        f" coalesce({first}, d.stage_id) AS entry_id FROM deals AS d {join}"
        f" WHERE {context.mine('d')} AND d.stage_id IS NOT NULL"
    )


def _first_stages(mine: str) -> str:
    """The join to each pipeline's first open stage."""
    return (
        " LEFT JOIN (SELECT pipeline_id, arg_min(stage_id, position) AS stage_id FROM stages"
        f" WHERE outcome = 'open' AND {mine} GROUP BY pipeline_id) AS f"
        " ON f.pipeline_id = d.pipeline_id"
    )


def _first_sql(context: Context, entry: str | None) -> str:
    """At most two rows per deal, without sorting: nothing was seen before."""
    dated = _dated(context, entry)
    both = "d.first_at IS NOT NULL AND d.stage_id <> d.entry_id"
    return (
        f"WITH d AS ({dated}) SELECT d.deal_id, 1 AS seq, d.pipeline_id, d.entry_id AS stage_id,"
        " d.first_at AS entered_at, d.first_on AS entered_on,"
        f" CASE WHEN {both} THEN coalesce(d.last_at, d.seen_at) END AS left_at,"
        f" CASE WHEN {both} THEN coalesce(d.last_on, d.seen_on) END AS left_on,"
        " false AS is_backward FROM d WHERE d.first_at IS NOT NULL"
        " UNION ALL"
        " SELECT d.deal_id, CASE WHEN d.first_at IS NULL THEN 1 ELSE 2 END,"
        " d.pipeline_id, d.stage_id, coalesce(d.last_at, d.seen_at),"
        " coalesce(d.last_on, d.seen_on), NULL, NULL, false"
        " FROM d WHERE d.first_at IS NULL OR d.stage_id <> d.entry_id"
    )


def _merged_sql(context: Context, entry: str | None) -> str:
    """What is dated now, with the entries that only an earlier sync saw.

    A dated beginning keeps the stage it was given first. The last entry of
    the earlier sync stands for the current stage while the deal stays in it.
    """
    return (
        f"WITH dated AS ({_dated(context, entry)}),"
        " was AS (SELECT h.deal_id, h.seq, h.stage_id, h.pipeline_id, h.entered_at,"
        " h.entered_on, h.entered_at = p.created_at AND h.seq = min(CASE WHEN h.entered_at ="
        " p.created_at THEN h.seq END) OVER (PARTITION BY h.deal_id) AS begins,"
        " h.seq = max(h.seq) OVER (PARTITION BY h.deal_id) AS latest"
        f" FROM {PREVIOUS}.deal_stage_history AS h LEFT JOIN {PREVIOUS}.deals AS p"
        f" ON p.deal_id = h.deal_id AND {context.mine('p')} WHERE {context.mine('h')}),"
        " d AS (SELECT dated.* REPLACE (coalesce(b.stage_id, dated.entry_id) AS entry_id),"
        " b.deal_id IS NOT NULL AS begun"
        " FROM dated LEFT JOIN was AS b ON b.deal_id = dated.deal_id AND b.begins),"
        f" entries AS ({_entries_sql()}),"
        " placed AS (SELECT e.*, row_number() OVER w AS seq, lead(e.entered) OVER w AS next_at,"
        " lead(e.day) OVER w AS next_on, coalesce(s.position < lag(s.position) OVER w, false)"
        " AS back FROM entries AS e LEFT JOIN stages AS s ON s.stage_id = e.stage_id"
        f" AND {context.mine('s')}"
        " WINDOW w AS (PARTITION BY e.deal_id ORDER BY e.rank = 2, e.entered, e.rank))"
        " SELECT deal_id, seq, pipeline_id, stage_id, entered AS entered_at, day AS entered_on,"
        " next_at AS left_at, next_on AS left_on, back AS is_backward FROM placed"
    )


def _entries_sql() -> str:
    """Beginnings (rank 0), entries only seen earlier (1) and current stages (2)."""
    return (
        "SELECT d.deal_id, d.pipeline_id, d.entry_id AS stage_id,"
        " d.first_at AS entered, d.first_on AS day, 0 AS rank"
        " FROM d WHERE d.first_at IS NOT NULL"
        " UNION ALL SELECT d.deal_id, w.pipeline_id, w.stage_id, w.entered_at,"
        " w.entered_on, 1 FROM was AS w JOIN d ON d.deal_id = w.deal_id"
        " WHERE NOT coalesce(w.begins, false) AND NOT (w.latest AND w.stage_id = d.stage_id)"
        " UNION ALL SELECT d.deal_id, d.pipeline_id, d.stage_id,"
        " coalesce(d.last_at, CASE WHEN d.stays THEN d.entered_at END, d.seen_at),"
        " coalesce(d.last_on, CASE WHEN d.stays THEN d.entered_on END, d.seen_on), 2"
        " FROM (SELECT d.*, w.deal_id IS NOT NULL AND w.stage_id = d.stage_id AS stays,"
        " w.entered_at, w.entered_on, coalesce(w.begins, false) AS at_beginning,"
        " w.stage_id AS was_id FROM d LEFT JOIN was AS w"
        " ON w.deal_id = d.deal_id AND w.latest) AS d"
        " WHERE d.first_at IS NULL OR d.stage_id <> d.entry_id"
        " OR (d.begun AND (d.was_id <> d.stage_id OR NOT d.at_beginning))"
    )
