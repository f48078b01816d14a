"""What is asked of, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kvitto.model.question import Answer
from kvitto.model.receipt import Receipt
from kvitto.warehouse.version import Version


class Readable(Protocol):
    """One published version that answers SQL; a reader of the warehouse is one."""

    version: Version

    def query(
        self, sql: str, parameters: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]: ...

    def copy_parquet(self, sql: str, target: Path) -> Path: ...


@dataclass(frozen=True, slots=True)
class Measured:
    """An answer with the receipts of its cells and of what they were compared with, by code."""

    answer: Answer
    receipts: Mapping[str, Receipt]
