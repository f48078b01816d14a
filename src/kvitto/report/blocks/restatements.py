"""What the edition before said that is different now."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.model.block import Block, RestatementsBlock
from kvitto.report.block import BlockKind, nothing_needed
from kvitto.report.context import Context
from kvitto.report.outline import BlockSpec


class RestatementsSpec(BlockSpec):
    """Has no settings of its own."""


def _build(spec: RestatementsSpec, context: Context) -> Sequence[Block]:
    key = "restatement.first" if context.previous is None else "restatement.none"
    return (
        RestatementsBlock(
            id=spec.id,
            title=context.title(spec.title),
            items=context.restatements,
            empty="" if context.restatements else context.words(key),
        ),
    )


KIND = BlockKind(RestatementsSpec, nothing_needed, _build)
