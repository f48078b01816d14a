"""Where the figures come from and up to which day the data reaches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from kvitto.model.block import Block, CellShown, Column, NoticeBlock, TableBlock
from kvitto.model.receipt import SourceUsed
from kvitto.report.block import BlockKind, nothing_needed
from kvitto.report.context import Context
from kvitto.report.figure import text_cell
from kvitto.report.freshness import sources_of
from kvitto.report.outline import BlockSpec


class SourcesSpec(BlockSpec):
    """Has no settings of its own."""


def _build(spec: SourcesSpec, context: Context) -> Sequence[Block]:
    sources = sources_of(context.answers.receipts.values())
    title = context.title(spec.title)
    if not sources:
        line = context.words("sources.none")
        return (NoticeBlock(id=spec.id, title=title, lines=(line,)),)
    words = context.words
    columns = (
        Column(key="source", label=words("sources.source")),
        Column(key="complete_to", label=words("sources.complete_to"), kind="date"),
        Column(key="synced", label=words("sources.synced"), kind="date"),
        Column(key="state", label=words("sources.state")),
    )
    rows = tuple(_row(context, source) for source in sources)
    return (TableBlock(id=spec.id, title=title, columns=columns, rows=rows),)


def _row(context: Context, source: SourceUsed) -> tuple[CellShown, ...]:
    formatter = context.formatter
    reach = context.words("sources.unknown")
    if source.complete_to:
        reach = formatter.short_day(date.fromisoformat(source.complete_to))
    synced = datetime.fromisoformat(source.synced_at)
    zone = context.client.calendar().zone
    local = synced if synced.tzinfo is None else synced.astimezone(zone)
    state = context.words("sources.final" if source.final else "sources.provisional")
    return (
        text_cell(source.name),
        text_cell(reach),
        text_cell(formatter.short_day(local.date())),
        text_cell(state),
    )


KIND = BlockKind(SourcesSpec, nothing_needed, _build)
