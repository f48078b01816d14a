"""From a receipt back to the question that it answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import cast

from kvitto.errors import NotInScope
from kvitto.metrics.context import ClientContext
from kvitto.model.period import Grain, Period
from kvitto.model.question import Filter, Question
from kvitto.model.receipt import Receipt
from kvitto.model.scope import Scope


def question_of(receipt: Receipt, context: ClientContext) -> Question:
    """The receipt's question: its member of a split becomes a filter.

    Raises :class:`NotInScope` where the context is not of the receipt's client.
    """
    if receipt.client != context.client:
        raise NotInScope.of(
            f"the receipt {receipt.code}",
            f"{context.client} has no such receipt",
            "Open it for the client that it belongs to.",
        )
    scope = Scope.of(f"receipt {receipt.code}", receipt.client)
    where = (*_filters(receipt), *_members(receipt))
    return Question(scope, receipt.client, (receipt.metric,), _period(receipt), (), where)


def _period(receipt: Receipt) -> Period:
    written = cast("Mapping[str, str]", receipt.question["period"])
    first = date.fromisoformat(written["first_day"])
    after = date.fromisoformat(written["last_day"]) + timedelta(days=1)
    return Period(first, after, written["label"], Grain(written["grain"]))


def _filters(receipt: Receipt) -> tuple[Filter, ...]:
    written = cast("list[Mapping[str, object]]", receipt.question["where"])
    return tuple(
        Filter(
            str(part["dimension"]),
            tuple(str(value) for value in cast("list[object]", part["values"])),
            bool(part["negated"]),
        )
        for part in written
    )


def _members(receipt: Receipt) -> tuple[Filter, ...]:
    written = cast("Mapping[str, str | None]", receipt.question["dimensions"])
    return tuple(Filter(name, (value or "",)) for name, value in written.items())
