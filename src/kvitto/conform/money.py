"""Amounts in the client's currency: exact decimals, converted at their own date's rate."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from kvitto.conform.context import Context
from kvitto.conform.fill import Filling
from kvitto.conform.identity import own_key
from kvitto.warehouse.quoting import named, quoted

RATES = "rates"


_PAIRS: dict[str, tuple[str, str, str]] = {
    "deals": ("amount", "amount_base", "closed_at"),
    "ad_spend": ("spend", "spend_base", "spend_on"),
}
"""Table -> the amount, the same in the client's currency, and what dates it."""

_IN_PLACE: dict[str, tuple[str, str]] = {
    "invoices": ("amount_base", "issued_on"),
    "orders": ("amount_base", "ordered_at"),
    "subscriptions": ("mrr_base", "started_on"),
}
"""Tables that hold the client's currency alone, with the amount and what dates it."""

WITH_AMOUNTS = ("ad_spend", *_IN_PLACE)
"""Tables beside the deals whose amounts are brought into the client's currency."""


def base_amount(context: Context, fill: Filling) -> tuple[dict[str, str], tuple[str, ...]]:
    """The amount in the client's currency as (column, joins) over ``t``.

    It is the amount itself in the client's currency; else it is converted at
    the last rate on or before its date (the day the source shows for a deal
    that is open). Without a rate it is NULL and becomes a finding.
    """
    if fill.table.name in _IN_PLACE:
        return _in_place(context, fill)
    amount, base, date = _PAIRS[fill.table.name]
    if amount not in fill.reads:
        return {}, ()
    value, joins = _in_base(context, fill, f"t.{amount}", date)
    if base in fill.reads:
        # What the source converted itself counts; where it left that empty, its amount does.
        value = f"coalesce(t.{base}, {value})"
    return {base: value}, joins


def _in_base(
    context: Context, fill: Filling, amount: str, date: str
) -> tuple[str, tuple[str, ...]]:
    mapped = "currency_code" in fill.reads
    if not mapped and context.currency == context.client.currency:
        return amount, ()
    theirs = quoted(context.currency)
    if mapped:
        theirs = f"upper(coalesce(t.currency_code, {theirs}))"
    value, join = _converted(context, fill, amount, theirs, date)
    return value, (join,)


def _in_place(context: Context, fill: Filling) -> tuple[dict[str, str], tuple[str, ...]]:
    """Only what a recognised layout says the currency of; a definition is taken at its word."""
    amount, date = _IN_PLACE[fill.table.name]
    told = fill.file.currency
    mapped = fill.file.currency_column
    if amount not in fill.reads or not (told or mapped):
        return {}, ()
    theirs = quoted(told or context.currency)
    if mapped:
        theirs = f"upper(coalesce(t._currency, {theirs}))"
    elif told == context.client.currency:
        return {}, ()
    value, join = _converted(context, fill, f"t.{amount}", theirs, date)
    return {amount: value}, (join,)


def currency_below(fill: Filling) -> dict[str, str]:
    """The column of the file that holds each row's currency, as an expression over ``s``."""
    column = fill.file.currency_column
    if column is None or fill.table.name not in _IN_PLACE:
        return {}
    return {"_currency": f"s.{named(column)}"}


def _converted(
    context: Context, fill: Filling, amount: str, theirs: str, date: str
) -> tuple[str, str]:
    """The amount at its own date's rate, and the join to the rates."""
    _make_rates(context)
    day = f"coalesce(CAST(t.{date} AS DATE), DATE '{context.as_of}')"
    if date not in fill.reads:
        day = f"DATE '{context.as_of}'"
    join = (
        f"LEFT JOIN {RATES} AS fx ON fx.currency_code = {theirs}"
        f" AND {day} >= fx.first_day AND {day} < fx.next_day"
    )
    value = (
        f"CASE WHEN {theirs} = {quoted(context.client.currency)} THEN {amount}"
        f" ELSE CAST({amount} * fx.rate_to_base AS DECIMAL(20,4)) END"
    )
    return value, join


Without = tuple[int, tuple[str, ...], tuple[str, ...]]
"""Amounts that could not be converted: how many, some ids, their currencies."""


def count_without_rate(context: Context, table: str) -> Without:
    """Rows of deals or advertising that have an amount and none in the client's currency."""
    amount, base, _ = _PAIRS[table]
    code, key = "currency_code", own_key(table) or "_source_id"
    found = context.connection.execute(
        f"SELECT count(*), list({key})[:20], list(DISTINCT {code} ORDER BY {code})"
        f" FROM {named(table)} WHERE {context.mine()} AND {amount} IS NOT NULL AND {base} IS NULL"
    ).fetchone()
    return _without(found)


def converted_tables() -> Mapping[str, str]:
    """Tables with both amounts, and the column that holds the client's currency."""
    return MappingProxyType({table: base for table, (_, base, _) in _PAIRS.items()})


def count_in_place(context: Context, fill: Filling) -> tuple[str, Without]:
    """Amounts of one file that the table cannot hold for want of a rate, and their column.

    The table knows no other currency than the client's, so they are looked for in the file.
    """
    name = fill.table.name
    amount, date = _IN_PLACE.get(name, ("", ""))
    told, mapped = fill.file.currency, fill.file.currency_column
    if amount not in fill.reads or not (told or mapped):
        return amount, (0, (), ())
    theirs = quoted(told or context.currency)
    if mapped:
        theirs = f"upper(coalesce(s.{named(mapped)}, {theirs}))"
    read = fill.reads[amount]
    dated = fill.reads[date].sql if date in fill.reads else "NULL"
    day = f"coalesce(CAST({dated} AS DATE), DATE '{context.as_of}')"
    _make_rates(context)
    found = context.connection.execute(
        f"SELECT count(*), list(key)[:20], list(DISTINCT code ORDER BY code) FROM"
        f" (SELECT {fill.key} AS key, {theirs} AS code, {day} AS day, {read.sql} AS value"
        f" FROM {fill.source}) AS f WHERE value IS NOT NULL AND key IS NOT NULL AND key <> ''"
        f" AND code <> {quoted(context.client.currency)} AND NOT EXISTS (SELECT 1 FROM {RATES}"
        " AS fx WHERE fx.currency_code = f.code AND f.day >= fx.first_day AND f.day < fx.next_day)"
    ).fetchone()
    return amount, _without(found)


def _without(found: tuple[Any, ...] | None) -> Without:
    if found is None or not found[0]:
        return 0, (), ()
    return int(found[0]), tuple(map(str, found[1])), tuple(map(str, found[2]))


def _make_rates(context: Context) -> None:
    """Each rate with the days it holds for, from the client's own table of rates."""
    context.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {RATES} AS SELECT currency_code, rate_on AS first_day,"
        " coalesce(lead(rate_on) OVER (PARTITION BY currency_code ORDER BY rate_on),"
        " DATE '9999-12-31') AS next_day, rate_to_base FROM (SELECT currency_code, rate_on,"
        " max(rate_to_base) AS rate_to_base FROM fx_rates"
        f" WHERE client_id = {quoted(context.client_id)} GROUP BY ALL)"
    )
