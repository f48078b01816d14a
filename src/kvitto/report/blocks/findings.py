"""Open data issues: what is wrong in the data, how often, and how it was treated."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.model.block import Block, CellShown, Column, NoticeBlock, TableBlock
from kvitto.model.finding import Finding, Severity
from kvitto.report.block import BlockKind, nothing_needed
from kvitto.report.caveat import finding_words
from kvitto.report.concern import gathered
from kvitto.report.context import Context
from kvitto.report.figure import text_cell
from kvitto.report.outline import BlockSpec

_ORDER = [Severity.error, Severity.warning, Severity.notice]


class FindingsSpec(BlockSpec):
    """``limit`` findings at most, the gravest first."""

    limit: int = 20


def _build(spec: FindingsSpec, context: Context) -> Sequence[Block]:
    shown = [item for item in gathered(context.findings) if _concerns(context, item)]
    order = sorted(shown, key=lambda item: (_ORDER.index(item.severity), -item.rows))
    title = context.title(spec.title)
    if not order:
        line = context.words("findings.none")
        return (NoticeBlock(id=spec.id, title=title, lines=(line,)),)
    words = context.words
    columns = (
        Column(key="what", label=words("findings.what")),
        Column(key="rows", label=words("findings.rows"), kind="figure"),
        Column(key="treated", label=words("findings.treated")),
    )
    rows = tuple(_row(context, finding) for finding in order[: spec.limit])
    left = len(order) - len(rows)
    note = words("findings.more", n=left, number=left) if left else ""
    return (TableBlock(id=spec.id, title=title, columns=columns, rows=rows, note=note),)


def _concerns(context: Context, finding: Finding) -> bool:
    """A client is spared remarks that move no figure."""
    return context.template.audience != "client" or finding.severity is not Severity.notice


def _row(context: Context, finding: Finding) -> tuple[CellShown, ...]:
    return (
        text_cell(finding_words(context, finding)),
        text_cell(context.formatter.decimal(finding.rows) if finding.rows else ""),
        text_cell(context.words(f"findings.{_treatment(finding)}")),
    )


def _treatment(finding: Finding) -> str:
    """What was done; a spelling that a rule translates is neither kept nor left out."""
    return "corrected" if finding.code == "label_replaced" else finding.resolution.value


KIND = BlockKind(FindingsSpec, nothing_needed, _build)
