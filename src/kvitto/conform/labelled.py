"""What shows about labels when all rows of a source are in.

Labels about which nothing was decided are counted in the tables themselves;
rows of daily totals that became the same row by a rule are added up; records
that a rule gave one name become one; and what was mapped is written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kvitto.conform.context import Context
from kvitto.conform.label import meaning, outcome_of
from kvitto.conform.relabel import MOST, rules_at
from kvitto.conform.row import provenance
from kvitto.model.table import canonical_table
from kvitto.warehouse.quoting import named, named_all, quoted
from kvitto.warehouse.schema import LABELS, RELABELLED
from kvitto.workspace.concept import Place, concepts

MAPPINGS = "label_mappings"

_SUM = "sum({})"
_UNKNOWN = "NULL"

_ADDED: dict[str, dict[str, str]] = {
    "web_traffic": {
        **dict.fromkeys(("sessions", "engaged_sessions", "engaged_sec", "page_views"), _SUM),
        **dict.fromkeys(("visitors", "new_visitors"), _UNKNOWN),
    },
    "web_key_events": dict.fromkeys(("events", "value"), _SUM),
}
"""Tables whose key holds labels, and what becomes of their figures where two keys become one.

Distinct visitors of two rows are not the visitors of both, so that is not known then.
"""

_NAMED = {"loss_reason_id": "loss_reasons", "stage_id": "stages"}
_POINTING = {
    "loss_reasons": (("deals", "loss_reason_id"), ("deal_snapshots", "loss_reason_id")),
    "stages": (("deals", "stage_id"), ("deal_stage_history", "stage_id")),
}


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows of a table that went into another one, because a rule made them the same row."""

    table: str
    rows: int


def finish_labels(context: Context) -> tuple[Joined, ...]:
    """Bring together what rules made the same, before anything is made from the rows."""
    joined = []
    for table, columns in _ADDED.items():
        if context.understanding.fills(table) and _was_relabelled(context, table):
            count = _add_up(context, table, columns)
            if count:
                joined.append(Joined(table, count))
    for target in _POINTING:
        if _was_relabelled(context, target):
            _unite(context, target)
    return tuple(joined)


def count_labels(context: Context) -> int:
    """Count the labels of columns without rules, and write down the mappings; gives their rows."""
    for places in concepts().values():
        for place in places:
            if context.understanding.fills(place.table) and not _is_counted(context, place):
                _count(context, place)
    if context.understanding.fills("deals"):
        _count_outcomes(context)
    return _write_mappings(context)


def _is_counted(context: Context, place: Place) -> bool:
    if rules_at(context, canonical_table(place.table), place.column):
        return True
    found = context.connection.execute(
        f"SELECT 1 FROM {LABELS} WHERE {_mine(context)} AND table_name = ? AND column_name = ?"
        " LIMIT 1",
        [place.table, place.column],
    ).fetchone()
    return found is not None


def _count(context: Context, place: Place) -> None:
    table = canonical_table(place.table)
    target = _NAMED.get(place.column)
    if place == Place("stages", "outcome") or place.table in ("stages", "loss_reasons"):
        return
    label = f"t.{named(place.column)}" if target is None else "n.name"
    join = ""
    if target is not None:
        join = (
            f" JOIN (SELECT {place.column}, any_value(name) AS name FROM {target}"
            f" WHERE {context.mine()} GROUP BY 1) AS n ON n.{place.column} = t.{place.column}"
        )
    found = (
        f"SELECT {label} AS label, count(*) AS rows FROM {named(table.name)} AS t{join}"
        f" WHERE {context.mine('t')} AND {label} IS NOT NULL GROUP BY 1"
    )
    whose = ", ".join(
        quoted(text) for text in (context.client_id, context.name, place.table, place.column)
    )
    context.connection.execute(
        f"INSERT INTO {LABELS} WITH found AS ({found}), placed AS (SELECT *, row_number() OVER"
        " (ORDER BY rows DESC, label) AS place FROM found)"
        f" SELECT {whose}, label, label, rows, 'same', NULL, NULL, NULL FROM placed"
        f" WHERE place <= {MOST} UNION ALL SELECT {whose}, NULL, NULL, sum(rows), 'rest',"
        f" count(*)::VARCHAR, NULL, NULL FROM placed WHERE place > {MOST} HAVING count(*) > 0"
    )


def _count_outcomes(context: Context) -> None:
    """Names of stages that say how a deal ended, and those that are open because they do not."""
    rows = context.connection.execute(
        "SELECT s.name, s.outcome, count(*) FROM deals AS d JOIN (SELECT stage_id,"
        f" any_value(name) AS name, any_value(outcome) AS outcome FROM stages"
        f" WHERE {context.mine()} GROUP BY 1) AS s ON s.stage_id = d.stage_id"
        f" WHERE {context.mine('d')} AND s.name IS NOT NULL GROUP BY ALL ORDER BY 1, 2"
    ).fetchall()
    rules = context.book.at("stages", "outcome")
    for name, outcome, count in rows:
        ruled = rules.resolve(str(name)) if rules else None
        known = meaning("stages.outcome", str(name))
        kind = "vocabulary" if known is not None else "assumed"
        line: list[object] = [None, None, None]
        if ruled is not None and ruled[0] == outcome:
            kind, line = ruled[1].kind, [ruled[1].name, ruled[1].by or None, ruled[1].valid_from]
        elif outcome != outcome_of(str(name)):
            kind = "source"
        whose = [context.client_id, context.name, "stages", "outcome"]
        context.connection.execute(
            f"INSERT INTO {LABELS} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [*whose, name, outcome, count, kind, *line],
        )


def _write_mappings(context: Context) -> int:
    """What rules mapped, in the canonical table of mappings."""
    fixed = provenance(context)
    mapped = (
        "SELECT source, table_name || '.' || column_name AS object, raw, any_value(canonical) AS"
        " canonical, any_value(valid_from) AS valid_from, any_value(decided_by) AS decided_by"
        f" FROM {LABELS} WHERE {_mine(context)} AND kind IN ('exact', 'folded', 'pattern')"
        " GROUP BY 1, 2, 3"
    )
    people = (
        "SELECT name, min(user_id) AS user_id FROM users"
        f" WHERE client_id = {quoted(context.client_id)} GROUP BY 1"
    )
    found = context.connection.execute(
        f"INSERT INTO {MAPPINGS} ({named_all(fixed)}, _source_id, source, object, raw_label,"
        f" canonical_label, valid_from, approved_by_id) SELECT {', '.join(fixed.values())},"
        " m.object || ' ' || m.raw, m.source, m.object, m.raw, m.canonical, m.valid_from, u.user_id"
        f" FROM ({mapped}) AS m LEFT JOIN ({people}) AS u ON u.name = m.decided_by"
    ).fetchone()
    return int(found[0]) if found else 0


def _mine(context: Context) -> str:
    return f"source = {quoted(context.name)} AND client_id = {quoted(context.client_id)}"


def _was_relabelled(context: Context, table: str) -> bool:
    found = context.connection.execute(
        f"SELECT 1 FROM {RELABELLED} WHERE {_mine(context)} AND table_name = ? LIMIT 1", [table]
    ).fetchone()
    return found is not None


def _add_up(context: Context, table: str, columns: Mapping[str, str]) -> int:
    """Rows of one key that the source wrote with different labels become their sum.

    A row that occurs twice as the source wrote it stays twice, unless it is
    among them: then it is counted once, as the audit would have done.
    """
    key = named_all(canonical_table(table).key)
    on = " AND ".join(
        f"t.{named(name)} IS NOT DISTINCT FROM g.{named(name)}"
        for name in canonical_table(table).key
    )
    mine = context.mine("t")
    sums = ", ".join(f"{sql.format(name)} AS {name}" for name, sql in columns.items())
    context.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE added_up AS SELECT {key}, min(_source_id) AS kept, {sums}"
        f" FROM (SELECT DISTINCT ON (_source_id) * FROM {named(table)} AS t WHERE {mine})"
        f" GROUP BY {key} HAVING count(*) > 1"
    )
    if not context.count("SELECT count(*) FROM added_up"):
        return 0
    context.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE going AS SELECT t.rowid AS row, t._source_id AS id, g.kept,"
        " row_number() OVER (PARTITION BY g.kept ORDER BY t._source_id <> g.kept, t.rowid) AS place"
        f" FROM {named(table)} AS t JOIN added_up AS g ON {on} WHERE {mine}"
    )
    sets = ", ".join(f"{name} = g.{name}" for name in columns)
    context.connection.execute(
        f"UPDATE {named(table)} AS t SET {sets} FROM added_up AS g JOIN going AS o"
        " ON o.kept = g.kept AND o.place = 1 WHERE t.rowid = o.row"
    )
    context.connection.execute(
        f"UPDATE {RELABELLED} AS r SET row_key = o.kept FROM (SELECT DISTINCT id, kept FROM going)"
        f" AS o WHERE r.row_key = o.id AND r.table_name = {quoted(table)} AND {_mine(context)}"
    )
    gone = context.connection.execute(
        f"DELETE FROM {named(table)} WHERE rowid IN (SELECT row FROM going WHERE place > 1)"
    ).fetchone()
    return int(gone[0]) if gone else 0


def _unite(context: Context, target: str) -> None:
    """Records of one name that a rule gave are pointed at as one; the others stay, unused."""
    key = canonical_table(target).key[0]
    apart = ", pipeline_id" if target == "stages" else ""
    context.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE united AS SELECT {key} AS was, min({key}) FILTER (WHERE"
        f" _source_id NOT IN (SELECT row_key FROM {RELABELLED} WHERE {_mine(context)}"
        f" AND table_name = {quoted(target)})) OVER w AS own, min({key}) OVER w AS least,"
        f" _source_id AS id FROM {target} WHERE {context.mine()} AND name IS NOT NULL"
        f" WINDOW w AS (PARTITION BY name{apart})"
    )
    turned = "(SELECT was, coalesce(own, least) AS is_now, id FROM united) AS u"
    for table, column in _POINTING[target]:
        if not canonical_table(table).has(column):
            continue
        mine = context.mine("t")
        context.connection.execute(
            f"INSERT INTO {RELABELLED} SELECT t.client_id, t._source, {quoted(table)},"
            f" {quoted(column)}, r.raw, t._source_id FROM {table} AS t JOIN {turned}"
            f" ON u.was = t.{column} AND u.was <> u.is_now JOIN {RELABELLED} AS r"
            f" ON r.row_key = u.id AND r.table_name = {quoted(target)} AND r.client_id ="
            f" t.client_id AND r.source = t._source WHERE {mine}"
        )
        context.connection.execute(
            f"UPDATE {table} AS t SET {column} = u.is_now FROM {turned}"
            f" WHERE u.was = t.{column} AND u.was <> u.is_now AND {mine}"
        )
