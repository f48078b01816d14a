"""A slot of text: generated from statements until a person writes it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, field_validator

from kvitto.model.block import Block, TextBlock
from kvitto.report.asking import Ask
from kvitto.report.block import BlockKind
from kvitto.report.context import Context
from kvitto.report.explanation import explanation_needs
from kvitto.report.outline import BlockSpec


class TextSpec(BlockSpec):
    """``about`` names topics; ``dimensions`` are those that changes are split by.

    ``text`` stands first, by language; it may bind values as ``{{metric}}``.
    """

    about: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    text: dict[str, str] = Field(default_factory=dict)

    @field_validator("about")
    @classmethod
    def _known(cls, about: tuple[str, ...]) -> tuple[str, ...]:
        from kvitto.errors import did_you_mean
        from kvitto.report.narration import TOPICS

        for topic in about:
            if topic not in TOPICS:
                raise ValueError(f"'{topic}' is no topic. {did_you_mean(topic, list(TOPICS))}")
        return about

    def dimensions(self) -> tuple[str, ...]:
        return self.by


def _needs(spec: TextSpec, context: Context) -> Sequence[Ask]:
    return explanation_needs(context, spec.by)


def _build(spec: TextSpec, context: Context) -> Sequence[Block]:
    title = context.title(spec.title)
    kept = context.texts.get(spec.id)
    if kept is not None and kept.origin != "generated":
        return (kept.model_copy(update={"title": title, "sentences": ()}),)
    return (TextBlock(id=spec.id, title=title, source=_source(spec, context)),)


def _source(spec: TextSpec, context: Context) -> str:
    from kvitto.report.narration import narrate

    fixed = spec.text.get(context.language, "")
    return " ".join(filter(None, (fixed, narrate(context, spec.about))))


KIND = BlockKind(TextSpec, _needs, _build)
