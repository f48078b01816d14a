"""What a kind of block is: its settings, what it asks, and how it is built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kvitto.model.block import Block
from kvitto.registry import Registry
from kvitto.report.outline import BlockSpec

if TYPE_CHECKING:
    from kvitto.report.asking import Ask
    from kvitto.report.context import Context


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
            "bridge": f"{path}.bridge:KIND",
            "caveats": f"{path}.caveats:KIND",
            "contribution": f"{path}.contribution:KIND",
            "definitions": f"{path}.definitions:KIND",
            "findings": f"{path}.findings:KIND",
            "goals": f"{path}.goals:KIND",
            "meeting": f"{path}.meeting:KIND",
            "notice": f"{path}.notice:KIND",
            "objectives": f"{path}.objectives:KIND",
            "register": f"{path}.register:KIND",
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
