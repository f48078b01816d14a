"""What a word means here: the files of ``meanings/``, as frozen data.

"Conversion", "revenue" and "customer success" are agreed with each client. A
file says for one word which rows of which tables count, from which day on, and
for whom. A client's own definition comes before the one for all.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

MINUTES = {"minute": 1, "hour": 60, "day": 1440}
"""What a window may be counted in."""

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _Definition(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Bounds(_Definition):
    """What a column must hold: one of ``any_of``, none of ``other_than``, a range, a pattern.

    Bounds of dates and numbers include ``at_least`` and ``at_most``, and leave
    ``above`` and ``below`` out. ``like`` takes ``%`` for any text. A row
    without a value meets ``other_than`` and ``empty: true`` alone.
    """

    any_of: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()
    at_least: str | None = None
    at_most: str | None = None
    above: str | None = None
    below: str | None = None
    like: str | None = None
    empty: bool | None = None


def _condition(written: Any) -> Any:
    if isinstance(written, str):
        return {"any_of": (written,)}
    if isinstance(written, list | tuple):
        return {"any_of": tuple(written)}
    return written


_CONDITION_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "any_of": {"type": "array", "items": {"type": "string"}},
                "other_than": {"type": "array", "items": {"type": "string"}},
                "at_least": {"type": "string"},
                "at_most": {"type": "string"},
                "above": {"type": "string"},
                "below": {"type": "string"},
                "like": {"type": "string"},
                "empty": {"type": "boolean"},
            },
        },
    ]
}

Condition = Annotated[
    Bounds, BeforeValidator(_condition), WithJsonSchema(_CONDITION_SCHEMA, mode="validation")
]
"""``web``, ``[web, form]`` or bounds."""


class Worth(_Definition):
    """What a row is worth: a money ``column``, or a fixed ``amount`` with its ``currency``."""

    column: str | None = None
    amount: Decimal | None = None
    currency: CurrencyCode | None = None


def _worth(written: Any) -> Any:
    return {"column": written} if isinstance(written, str) else written


_WORTH_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["amount", "currency"],
            "properties": {
                "amount": {"type": ["number", "string"]},
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            },
        },
    ]
}


def _several(written: Any) -> Any:
    return (written,) if isinstance(written, str) else written


_SEVERAL_SCHEMA = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


class Once(_Definition):
    """The same person again counts once: rows equal in ``by``, each ``within`` of the one before.

    A run of such rows counts at its first. Rows without a value in ``by``
    cannot be told to be the same, so each of them counts.
    """

    by: Annotated[
        tuple[str, ...],
        BeforeValidator(_several),
        WithJsonSchema(_SEVERAL_SCHEMA, mode="validation"),
    ]
    within: str

    @property
    def minutes(self) -> int | None:
        """The window in minutes; ``None`` where it cannot be read."""
        match = re.fullmatch(r"(\d{1,6}) (minute|hour|day)s?", self.within.strip())
        return None if match is None else int(match[1]) * MINUTES[match[2]]


class Counted(_Definition):
    """One kind of row that counts.

    ``date`` is the column that puts a row into a period (``created_on``, or
    ``created_at`` for its local date). ``quantity`` is a column with how often
    it happened, where one row stands for several. ``weight`` is how much each
    counts. ``value`` is what it is worth in money.
    """

    name: Word | None = None
    table: str
    date: str
    where: dict[str, Condition] = Field(default_factory=dict)
    quantity: str | None = None
    weight: Annotated[Decimal, Field(gt=0)] = Decimal(1)
    value: Annotated[
        Worth | None, BeforeValidator(_worth), WithJsonSchema(_WORTH_SCHEMA, mode="validation")
    ] = None
    once: Once | None = None

    @property
    def label(self) -> str:
        """How the kind is named on receipts."""
        return self.name or self.table


class MeaningVersion(_Definition):
    """What the word means from one day to another (both included), and for whom.

    ``says`` is the definition as it was agreed. Without ``clients`` it holds
    for all; without ``valid_to`` until the next one begins. ``of`` is what the
    counted ones are a share of. ``alternatives`` says that the kinds of row
    tell one and the same thing: the first that is to be had is taken, and they
    are never added.
    """

    version: Annotated[int, Field(ge=1)]
    says: Annotated[str, Field(min_length=1)]
    valid_from: date | None = None
    valid_to: date | None = None
    clients: tuple[str, ...] = ()
    alternatives: bool = False
    counts: tuple[Counted, ...]
    of: tuple[Counted, ...] = ()


class MeaningFile(_Definition):
    """``meanings/<name>.yml``: what a word means, version by version.

    ``word`` is ``conversion``, ``revenue``, ``customer_success`` or one of
    your own. ``unit`` is what it is measured in; ``revenue`` is money, all
    others are counted unless it says otherwise.
    """

    word: Word
    unit: Literal["count", "money"] | None = None
    names: dict[str, str] = Field(default_factory=dict)
    noun: str | None = None
    good: Literal["higher", "lower", "neutral"] = "higher"
    definitions: tuple[MeaningVersion, ...]

    @property
    def is_money(self) -> bool:
        """Whether the word is an amount of money instead of a count."""
        return (self.unit or ("money" if self.word == "revenue" else "count")) == "money"
