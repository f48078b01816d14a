"""The receipt of one figure.

It opens to the definition, the period, the SQL, the sources and how fresh they
were, the decisions applied, and the line items: the records that add up to the
value. The line items lie beside the receipt as Parquet with the columns of
:data:`LINE_COLUMNS`.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

LINE_COLUMNS: tuple[str, ...] = ("part", "table", "record_id", "label", "on", "amount")
"""Columns of the line items.

``part`` is "value", "numerator" or "denominator", for a formula with the
metric before it ("close_rate.numerator"); ``table`` canonical;
``record_id`` the row's id; ``label`` what a person calls it; ``on`` the local
attribution date; ``amount`` what the row adds (1 for a count, the duration for
a median, the distinct key's first row 1 for a distinct count).
"""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class SourceUsed(BaseModel):
    """A source behind a figure and how fresh it was."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: str
    synced_at: str
    complete_to: str | None = None
    rows: int
    final: bool = True


class Applied(BaseModel):
    """A decision of the audit that touched this figure.

    ``action``: excluded, defaulted, merged, set_aside (in review) or
    unknown_value (the measure was empty, so the row adds nothing).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: str
    rule: str
    rows: int
    records: tuple[str, ...] = ()
    why: str = ""


class PartUsed(BaseModel):
    """One part of the figure: how its lines become its total."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    part: str
    aggregation: str
    percentile: float | None = None
    total: str | None
    lines: int


class Receipt(BaseModel):
    """Everything needed to check one figure, or to ask for it again.

    ``value`` is written exactly (a decimal as text); ``missing`` is set
    instead where there is none. ``question`` holds client, metric, period,
    dimensions and filters, enough to ask again. ``formula`` combines the parts
    of a metric that is computed from others; ``constants`` are the goals it
    was computed with. ``as_of`` is the day whose state was read, where it is
    not the period's last. ``digest`` covers what would be equal if the same
    were asked of the same data: question, definition, value, version; no
    clock.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    metric: str
    name: str
    definition: str
    definition_version: int
    client: str
    question: dict[str, object]
    period: str
    first_day: str
    last_day: str
    value: str | None
    missing: str | None = None
    why: str = ""
    unit: str
    currency: str | None = None
    noun: str | None = None
    n: int
    status: str
    parts: tuple[PartUsed, ...] = ()
    formula: str | None = None
    constants: dict[str, str] = Field(default_factory=dict)
    as_of: str | None = None
    sql: str
    warehouse: str
    sources: tuple[SourceUsed, ...] = ()
    applied: tuple[Applied, ...] = ()
    digest: str


def short_code(digest: str, length: int = 8) -> str:
    """A code that a person can read out, made from a hex digest: ``K7F2-Q9XM``.

    ``length`` is raised by the keeper of the codes where the short one is
    already another receipt's.
    """
    number = int(digest, 16)
    bits = len(digest) * 4
    letters = [_ALPHABET[(number >> (bits - 5 * (i + 1))) & 31] for i in range(length)]
    text = "".join(letters)
    return "-".join(text[i : i + 4] for i in range(0, length, 4))


def digest_of(content: object) -> str:
    """SHA-256 of the canonical JSON of ``content``, in hex."""
    return hashlib.sha256(canonical_json(content)).hexdigest()


def canonical_json(content: object) -> bytes:
    """JSON with sorted keys and no spare spaces: the same content, the same bytes."""
    text = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    )
    return text.encode()


def _plain(item: object) -> object:
    if isinstance(item, BaseModel):
        return item.model_dump(mode="json")
    if isinstance(item, Decimal):
        return str(item)
    if hasattr(item, "isoformat"):
        return item.isoformat()
    raise TypeError(f"cannot be written as JSON: {type(item).__name__}")
