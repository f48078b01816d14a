"""The definitions of every metric in the report, with their versions."""

from __future__ import annotations

from collections.abc import Sequence

from kvitto.model.block import Block, Definition, DefinitionsBlock
from kvitto.report.block import BlockKind, nothing_needed
from kvitto.report.context import Context
from kvitto.report.outline import BlockSpec


class DefinitionsSpec(BlockSpec):
    """Has no settings of its own."""


def _build(spec: DefinitionsSpec, context: Context) -> Sequence[Block]:
    asked = {name: None for ask, _ in context.answers.items for name in ask.metrics}
    names = [*context.agreed, *(name for name in asked if name not in context.agreed)]
    items = tuple(_definition(context, name) for name in names)
    return (DefinitionsBlock(id=spec.id, title=context.title(spec.title), items=items),)


def _definition(context: Context, name: str) -> Definition:
    metric = context.metric(name)
    return Definition(
        metric=name,
        name=metric.name(context.language),
        version=metric.version,
        text=metric.explains.get(context.language, metric.explains.get("en", "")),
    )


KIND = BlockKind(DefinitionsSpec, nothing_needed, _build)
