"""What a kind of block is: its settings, what it asks, and how it is built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from kvitto.model.edition import Block
from kvitto.registry import Registry

if TYPE_CHECKING:
    from kvitto.report.asking import Ask
    from kvitto.report.context import Context

PERSON_DIMENSIONS = frozenset({"owner", "manager"})
"""Dimensions whose segments are people; never shown to a client."""

AGREED = "agreed"
"""Stands for the KPIs that were agreed with the client."""


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


@dataclass(frozen=True, slots=True)
class BlockKind:
    """A kind of block.

    ``spec`` checks its settings; ``needs`` says what it must ask; ``build``
    makes the finished blocks once everything was answered, none where there
    is nothing to show.
    """

    spec: type[BlockSpec]
    needs: Callable[[Any, Context], Sequence[Ask]]
    build: Callable[[Any, Context], Sequence[Block]]


def nothing_needed(spec: BlockSpec, context: Context) -> Sequence[Ask]:
    """For kinds that ask no question."""
    return ()


@lru_cache(maxsize=1)
def kinds() -> Registry[BlockKind]:
    """All kinds of block, ours and those of other packages."""
    path = "kvitto.report.blocks"
    return Registry(
        "block",
        {
            "actions": f"{path}.actions:KIND",
            "bars": f"{path}.bars:KIND",
            "caveats": f"{path}.caveats:KIND",
            "contribution": f"{path}.contribution:KIND",
            "definitions": f"{path}.definitions:KIND",
            "findings": f"{path}.findings:KIND",
            "goals": f"{path}.goals:KIND",
            "meeting": f"{path}.meeting:KIND",
            "notice": f"{path}.notice:KIND",
            "objectives": f"{path}.objectives:KIND",
            "restatements": f"{path}.restatements:KIND",
            "results": f"{path}.results:KIND",
            "sources": f"{path}.sources:KIND",
            "table": f"{path}.table:KIND",
            "text": f"{path}.text:KIND",
            "tiles": f"{path}.tiles:KIND",
            "trend": f"{path}.trend:KIND",
            "waterfall": f"{path}.waterfall:KIND",
            "work": f"{path}.work:KIND",
        },
    )
