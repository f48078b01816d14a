"""Rules about labels, applied while a table is filled; what the source wrote is kept.

The labels of a column are collected once, with how often each occurs, and
looked up there; the rows then take a CASE, or a join where they are many. What
was found stands in ``_labels``, the rows that a rule changed in ``_relabelled``.
Without a rule nothing is collected here: what the rows hold is what was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kvitto.conform.context import Context
from kvitto.conform.expression import Read, translated
from kvitto.conform.label import meaning, vocabulary
from kvitto.conform.understanding import Fill
from kvitto.model.table import CanonicalTable
from kvitto.warehouse.quoting import quoted
from kvitto.warehouse.schema import LABELS, RELABELLED
from kvitto.workspace.concept import LABEL_TYPES
from kvitto.workspace.label import PlaceRules

MOST = 10_000
"""Labels of one column that are kept although nothing was decided about them."""

_FEW = 40
_BATCH = 20_000
_TOLD = 12


@dataclass(frozen=True, slots=True)
class Replaced:
    """One label that a rule replaced: how often, and by what. For the finding that tells it."""

    column: str
    raw: str
    canonical: str
    rows: int


@dataclass(frozen=True, slots=True)
class Relabelled:
    """The reads with the rules applied, the joins they need, and what was replaced."""

    reads: Mapping[str, Read]
    joins: tuple[str, ...] = ()
    replaced: tuple[Replaced, ...] = ()


def rules_at(context: Context, table: CanonicalTable, column: str) -> PlaceRules:
    """The rules for a column whose labels are looked up; none for numbers and dates."""
    if table.column(column).type not in LABEL_TYPES:
        return PlaceRules()
    return context.book.at(table.name, column)


def relabelled(
    context: Context,
    table: CanonicalTable,
    fills: Mapping[str, Fill],
    reads: Mapping[str, Read],
    source: str,
    key: str,
) -> Relabelled:
    """Apply the rules to the columns that have any. ``key`` is the SQL of a row's raw key.

    The reads of those columns give the text as it stands in the source.
    """
    changed: dict[str, Read] = {}
    joins: list[str] = []
    replaced: list[Replaced] = []
    for name, read in reads.items():
        rules = rules_at(context, table, name)
        if not rules:
            continue
        found = f"labels_{table.name}_{name}"
        _collect(context, found, read.raw, source, key, rules)
        _look_up(context, found, f"{table.name}.{name}", rules, fills[name].map.values)
        _keep(context, table.name, name, found)
        _keep_rows(context, table.name, name, found, read.raw, source, key)
        replaced += _replaced(context, name, found)
        text, join = _applied(context, name, found, read.raw)
        if join is not None:
            joins.append(join)
        if text != read.raw:
            changed[name] = replace(read, raw=text, sql=text)
    return Relabelled(changed, tuple(joins), tuple(replaced))


def meant(context: Context, table: str, column: str, label: str) -> str | None:
    """What a rule makes of one label; ``None`` where no rule speaks of it."""
    rules = context.book.at(table, column)
    if not rules:
        return None
    pattern = None
    if rules.patterns:
        sql = f"SELECT {_pattern_sql('l', rules)} FROM (SELECT {quoted(label)} AS l)"
        row = context.connection.execute(sql).fetchone()
        pattern = None if row is None else row[0]
    found = rules.resolve(label, pattern)
    return None if found is None else found[0]


def _collect(
    context: Context, found: str, raw: str, source: str, key: str, rules: PlaceRules
) -> None:
    """The labels with how often they occur and the first pattern that each matches."""
    context.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {found} AS SELECT label, rows,"
        f" {_pattern_sql('label', rules)} AS pattern FROM (SELECT {raw} AS label, count(*) AS rows"
        f" FROM {source} WHERE ({key}) IS NOT NULL AND ({key}) <> '' AND ({raw}) IS NOT NULL"
        " GROUP BY 1)"
    )


def _pattern_sql(label: str, rules: PlaceRules) -> str:
    cases = " ".join(
        f"WHEN regexp_full_match({label}, {quoted(rule.text)}, 'i') THEN {number}"
        for number, rule in enumerate(rules.patterns)
    )
    return f"CASE {cases} END" if cases else "CAST(NULL AS INTEGER)"


def _look_up(
    context: Context, found: str, field: str, rules: PlaceRules, values: Mapping[str, str]
) -> None:
    """Write down what each label is called, part by part, so that memory stays flat."""
    total = context.count(f"SELECT count(*) FROM {found}")
    made = f"{found}_made"
    context.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {made}"
        " (label VARCHAR, rows BIGINT, canonical VARCHAR, kind VARCHAR, rule VARCHAR,"
        " decided_by VARCHAR, valid_from DATE)"
    )
    for start in range(0, total, _BATCH):
        rows = context.connection.execute(
            f"SELECT label, rows, pattern FROM {found}"
            f" WHERE rowid >= {start} AND rowid < {start + _BATCH}"
        ).fetchall()
        lines = [
            (label, rows, *_called(field, label, pattern, rules, values))
            for label, rows, pattern in rows
        ]
        columns = [list(column) for column in zip(*lines, strict=True)]
        context.connection.execute(
            f"INSERT INTO {made} SELECT unnest(?::VARCHAR[]), unnest(?::BIGINT[]),"
            " unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]),"
            " unnest(?::VARCHAR[]), unnest(?::DATE[])",
            columns,
        )
    context.connection.execute(f"DROP TABLE {found}")
    context.connection.execute(f"ALTER TABLE {made} RENAME TO {found}")


def _called(
    field: str, label: str, pattern: int | None, rules: PlaceRules, values: Mapping[str, str]
) -> tuple[object, ...]:
    """Canonical label, kind, rule, who decided it and from when."""
    resolved = rules.resolve(label, pattern)
    text = label if resolved is None else resolved[0]
    text = values.get(text, text)
    known = meaning(field, text) if field in vocabulary() else None
    canonical = text if known is None else known
    if resolved is not None:
        rule = resolved[1]
        return canonical, rule.kind, rule.name, rule.by or None, rule.valid_from
    kind = "same" if canonical == label else ("vocabulary" if known is not None else "source")
    return canonical, kind, None, None, None


def _keep(context: Context, table: str, column: str, found: str) -> None:
    """The labels in ``_labels``: all that were replaced, and the most frequent of the others."""
    context.connection.execute(
        f"INSERT INTO {LABELS} SELECT {_whose(context, table, column)}, label, canonical, rows,"
        f" kind, rule, decided_by, valid_from FROM (SELECT *, row_number() OVER"
        f" (PARTITION BY kind = 'same' ORDER BY rows DESC, label) AS place FROM {found})"
        f" WHERE kind <> 'same' OR place <= {MOST}"
    )
    context.connection.execute(
        f"INSERT INTO {LABELS} SELECT {_whose(context, table, column)}, NULL, NULL, sum(rows),"
        f" 'rest', count(*)::VARCHAR, NULL, NULL FROM (SELECT rows FROM {found}"
        f" WHERE kind = 'same' ORDER BY rows DESC, label OFFSET {MOST}) HAVING count(*) > 0"
    )


def _keep_rows(
    context: Context, table: str, column: str, found: str, raw: str, source: str, key: str
) -> None:
    by_rule = f"(SELECT label FROM {found} WHERE rule IS NOT NULL AND label <> canonical) AS l_"
    if not context.count(f"SELECT count(*) FROM {by_rule}"):
        return
    context.connection.execute(
        f"INSERT INTO {RELABELLED} SELECT DISTINCT {_whose(context, table, column)}, l_.label,"
        f" {key} FROM {source} JOIN {by_rule} ON l_.label = {raw}"
        f" WHERE ({key}) IS NOT NULL AND ({key}) <> ''"
    )


def _whose(context: Context, table: str, column: str) -> str:
    return ", ".join(quoted(text) for text in (context.client_id, context.name, table, column))


def _replaced(context: Context, column: str, found: str) -> list[Replaced]:
    """What rules replaced, the most frequent by name and the others together."""
    rows = context.connection.execute(
        f"SELECT label, canonical, rows FROM {found} WHERE rule IS NOT NULL AND label <> canonical"
        f" ORDER BY rows DESC, label LIMIT {_TOLD}"
    ).fetchall()
    listed = [Replaced(column, *row) for row in rows]
    others, total = context.connection.execute(
        f"SELECT count(*), coalesce(sum(rows), 0) FROM {found}"
        " WHERE rule IS NOT NULL AND label <> canonical"
    ).fetchall()[0]
    if others > _TOLD:
        rest = int(total) - sum(one.rows for one in listed)
        listed.append(Replaced(column, "", f"{others - _TOLD} more labels", rest))
    return listed


def _applied(context: Context, column: str, found: str, raw: str) -> tuple[str, str | None]:
    """The SQL that gives the canonical label, and the join that it needs."""
    changed = f"FROM {found} WHERE label <> canonical"
    if context.count(f"SELECT count(*) {changed}") > _FEW:
        alias = f"l_{column}"
        join = f"LEFT JOIN (SELECT label, canonical {changed}) AS {alias} ON {alias}.label = {raw}"
        return f"coalesce({alias}.canonical, {raw})", join
    rows = context.connection.execute(f"SELECT label, canonical {changed} ORDER BY 1").fetchall()
    return translated(raw, {str(label): str(word) for label, word in rows}), None


def keep_words(
    context: Context, table: str, column: str, words: Mapping[str, tuple[str, int]]
) -> None:
    """Labels of a column with a vocabulary: what each became, and how often it stands."""
    if not words:
        return
    lines = [
        (label, word, rows, "same" if label == word else "vocabulary")
        for label, (word, rows) in sorted(words.items())
    ]
    columns = [list(column) for column in zip(*lines, strict=True)]
    context.connection.execute(
        f"INSERT INTO {LABELS} SELECT {_whose(context, table, column)}, unnest(?::VARCHAR[]),"
        " unnest(?::VARCHAR[]), unnest(?::BIGINT[]), unnest(?::VARCHAR[]), NULL, NULL, NULL",
        columns,
    )
