"""What a reader should know about the data before relying on the figures."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.model.block import Block, NoticeBlock
from kvitto.report.block import BlockKind, nothing_needed
from kvitto.report.caveat import caveats_of
from kvitto.report.context import Context
from kvitto.report.outline import BlockSpec


class CaveatsSpec(BlockSpec):
    """``limit`` lines at most; nothing is shown where there is nothing to say."""

    limit: int = 6


def _build(spec: CaveatsSpec, context: Context) -> Sequence[Block]:
    lines = caveats_of(context)[: spec.limit]
    if not lines:
        return ()
    title = context.title(spec.title) or context.words("caveat.title")
    return (NoticeBlock(id=spec.id, title=title, lines=lines, tone="caution"),)


KIND = BlockKind(CaveatsSpec, nothing_needed, _build)
