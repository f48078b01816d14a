"""A template as data: sections and blocks, each with its settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, model_validator

from kvitto.model.period import Grain

PERSON_DIMENSIONS = frozenset({"owner", "manager"})
"""Dimensions whose segments are people; never shown to a client."""


class BlockSpec(BaseModel):
    """The settings that every block has. A kind adds its own.

    ``title`` and ``note`` are keyed by language; both may be left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)
    title: dict[str, str] = Field(default_factory=dict)
    note: dict[str, str] = Field(default_factory=dict)

    def named_metrics(self) -> tuple[str, ...]:
        """The metrics that the settings name, the agreed ones left aside."""
        return ()

    def dimensions(self) -> tuple[str, ...]:
        """The dimensions that it splits by."""
        return ()


class SplitSpec(BlockSpec):
    """What a block that splits by a dimension has besides.

    Either the one ``dimension``, or candidates ``by`` in order of preference:
    the first ``most`` of them that this client's data fills are shown.
    """

    dimension: str = ""
    by: tuple[str, ...] = ()
    most: int = Field(default=1, ge=1, le=5)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.dimension) == bool(self.by):
            raise ValueError("Give 'dimension', or its candidates as 'by'.")
        return self

    def dimensions(self) -> tuple[str, ...]:
        return self.by or (self.dimension,)

    def at(self, dimension: str) -> Self:
        """The same block by one of its dimensions, with an id of its own."""
        if not self.by:
            return self
        place = f"{self.id}_{dimension}"
        return self.model_copy(update={"id": place, "dimension": dimension, "by": ()})


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SectionSpec(_Part):
    """A section: titles by language, the question it answers, its blocks."""

    id: str
    title: dict[str, str]
    answers: str = ""
    appendix: bool = False
    blocks: tuple[SerializeAsAny[BlockSpec], ...]


class Template(_Part):
    """A report as it is declared.

    ``title`` and ``subtitle`` are keyed by language and may name ``{period}``
    and ``{next}``. ``grain`` is the period it is meant for. ``kpis`` stand in
    where a series has agreed on none. A client's report (``audience: client``)
    never splits by people.
    """

    id: str
    version: int
    title: dict[str, str]
    subtitle: dict[str, str]
    audience: str
    grain: Grain
    kpis: tuple[str, ...]
    rules: tuple[str, ...]
    sections: tuple[SectionSpec, ...]

    def blocks(self) -> Iterator[BlockSpec]:
        """All blocks in reading order."""
        for section in self.sections:
            yield from section.blocks

    def metrics(self) -> tuple[str, ...]:
        """The metrics that the template itself names, each once."""
        named = dict.fromkeys(self.kpis)
        for block in self.blocks():
            named.update(dict.fromkeys(block.named_metrics()))
        return tuple(named)
