"""Asking a receipt's question again, and saying which rows moved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from kvitto.errors import UnknownName
from kvitto.metrics.again import question_of
from kvitto.metrics.answer import Readable
from kvitto.metrics.ask import ask
from kvitto.metrics.catalogue import Catalogue
from kvitto.metrics.context import ClientContext
from kvitto.metrics.figure import exact_text
from kvitto.metrics.line import write_lines
from kvitto.model.receipt import Receipt
from kvitto.model.value import Missing

MANY = 1000
"""How many changed rows are listed at most; ``changes`` counts all of them."""

_DIFFERENCE = """
SELECT COALESCE(n."part", o."part"), COALESCE(n."table", o."table"),
  COALESCE(n.record_id, o.record_id), COALESCE(n.label, o.label),
  o.amount, n.amount, CAST(o."on" AS VARCHAR), CAST(n."on" AS VARCHAR),
  o.record_id IS NULL, n.record_id IS NULL, COUNT(*) OVER ()
FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY "part", "table", record_id) AS copy
      FROM read_parquet($old)) AS o
FULL OUTER JOIN (SELECT *, ROW_NUMBER() OVER (PARTITION BY "part", "table", record_id) AS copy
      FROM read_parquet($new)) AS n
  ON n."part" = o."part" AND n."table" = o."table" AND n.record_id = o.record_id
  AND n.copy = o.copy
WHERE o.record_id IS NULL OR n.record_id IS NULL
  OR o.amount IS DISTINCT FROM n.amount OR o."on" IS DISTINCT FROM n."on"
ORDER BY ALL
LIMIT $many
"""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One record that the figure has gained, lost or sees otherwise.

    ``before`` and ``after`` are its amounts as text with the attribution date
    where that moved; ``None`` where it was not, or is not, part of the figure.
    """

    record_id: str
    label: str
    kind: Literal["added", "removed", "changed"]
    before: str | None
    after: str | None
    part: str = "value"
    table: str = ""


@dataclass(frozen=True, slots=True)
class Rerun:
    """What the same question gives now.

    ``agrees`` when value and rows are the same. ``missing_now`` says why there
    is no value now. ``changes`` counts all changed rows, of which ``changed``
    lists the first; it is ``None`` where the old lines were not at hand.
    ``definition_now`` is the metric's version now.
    """

    agrees: bool
    value_now: str | None
    changed: tuple[RowChange, ...]
    missing_now: str | None = None
    changes: int | None = None
    definition_now: int = 1
    receipt_now: Receipt | None = None


def rerun(
    reader: Readable,
    catalogue: Catalogue,
    receipt: Receipt,
    context: ClientContext,
    old_lines: Path | None,
) -> Rerun:
    """Ask the receipt's question of this reader's version and compare.

    ``old_lines`` is the Parquet file of the receipt's line items; without it
    only the values are compared.
    """
    question = question_of(receipt, context)
    version = catalogue.at(catalogue.get(receipt.metric), question.period).version
    try:
        measured = ask(reader, catalogue, question, context)
    except UnknownName as error:
        why = error.problems[0].found
        return Rerun(False, None, (), why, None, version, None)
    cell = measured.answer.cells[0]
    now = measured.receipts[cell.receipt]
    figure = cell.figure
    value = None if isinstance(figure, Missing) else exact_text(figure.number)
    missing = figure.kind.value if isinstance(figure, Missing) else None
    same = (value, missing) == (receipt.value, receipt.missing)
    if old_lines is None:
        return Rerun(same, value, (), missing, None, version, now)
    changed, changes = _changes(reader, catalogue, receipt, context, old_lines)
    return Rerun(same and not changes, value, changed, missing, changes, version, now)


def _changes(
    reader: Readable,
    catalogue: Catalogue,
    receipt: Receipt,
    context: ClientContext,
    old_lines: Path,
) -> tuple[tuple[RowChange, ...], int]:
    import duckdb

    with TemporaryDirectory() as folder:
        target = write_lines(reader, catalogue, receipt, context, Path(folder) / "now.parquet")
        with duckdb.connect() as connection:
            rows = connection.execute(
                _DIFFERENCE, {"old": str(old_lines), "new": str(target), "many": MANY}
            ).fetchall()
    changed = tuple(
        _change(part, table, record, label, (before, old_day, is_new), (after, new_day, is_gone))
        for part, table, record, label, before, after, old_day, new_day, is_new, is_gone, _ in rows
    )
    return changed, rows[0][-1] if rows else 0


def _change(
    part: str,
    table: str,
    record: str,
    label: str,
    old: tuple[object, str | None, bool],
    new: tuple[object, str | None, bool],
) -> RowChange:
    before, old_day, is_new = old
    after, new_day, is_gone = new
    kind: Literal["added", "removed", "changed"] = "changed"
    if is_new:
        kind = "added"
    elif is_gone:
        kind = "removed"
    moved = kind == "changed" and old_day != new_day
    return RowChange(
        record,
        label,
        kind,
        None if is_new else _shown(before, old_day if moved else None),
        None if is_gone else _shown(after, new_day if moved else None),
        part,
        table,
    )


def _shown(amount: object, day: str | None) -> str:
    text = str(amount)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if day is None else f"{text} on {day}"
