"""A fixed remark of the template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from kvitto.model.block import Block, NoticeBlock
from kvitto.report.block import BlockKind, nothing_needed
from kvitto.report.context import Context
from kvitto.report.outline import BlockSpec


class NoticeSpec(BlockSpec):
    """``text`` by language, one entry per line."""

    text: dict[str, tuple[str, ...]] = Field(min_length=1)
    tone: Literal["info", "caution"] = "info"


def _build(spec: NoticeSpec, context: Context) -> Sequence[Block]:
    lines = spec.text.get(context.language) or spec.text.get("en", ())
    title = context.title(spec.title)
    return (NoticeBlock(id=spec.id, title=title, lines=tuple(lines), tone=spec.tone),)


KIND = BlockKind(NoticeSpec, nothing_needed, _build)
