"""Amounts in the client's currency: exact decimals, converted at their own date's rate."""

from __future__ import annotations

from kvitto.conform.context import Context
from kvitto.conform.expression import literal
from kvitto.conform.fill import Filling

RATES = "rates"


def base_amount(context: Context, fill: Filling) -> tuple[dict[str, str], tuple[str, ...]]:
    """The ``amount_base`` of deals as (column, joins) over ``t``.

    It is the amount itself in the client's currency; else it is converted at
    the last rate on or before the day it closed, or the day the source shows
    for an open one. Without a rate it is NULL and becomes a finding.
    """
    if "amount" not in fill.reads or "amount_base" in fill.reads:
        return {}, ()
    ours = literal(context.client.currency)
    mapped = "currency_code" in fill.reads
    if not mapped and context.currency == context.client.currency:
        return {"amount_base": "t.amount"}, ()
    theirs = (
        f"upper(coalesce(t.currency_code, {literal(context.currency)}))"
        if mapped
        else literal(context.currency)
    )
    _make_rates(context)
    day = f"coalesce(CAST(t.closed_at AS DATE), DATE '{context.as_of}')"
    if "closed_at" not in fill.reads:
        day = f"DATE '{context.as_of}'"
    join = (
        f"LEFT JOIN {RATES} AS fx ON fx.currency_code = {theirs}"
        f" AND {day} >= fx.first_day AND {day} < fx.next_day"
    )
    value = (
        f"CASE WHEN {theirs} = {ours} THEN t.amount"
        " ELSE CAST(t.amount * fx.rate_to_base AS DECIMAL(20,4)) END"
    )
    return {"amount_base": value}, (join,)


def count_without_rate(context: Context) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Deals whose amount could not be converted: how many, some ids, their currencies."""
    found = context.connection.execute(
        "SELECT count(*), list(deal_id)[:20], list(DISTINCT currency_code ORDER BY currency_code)"
        " FROM deals WHERE _source = ? AND amount IS NOT NULL AND amount_base IS NULL",
        [context.name],
    ).fetchone()
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
        f" WHERE client_id = {literal(context.client_id)} GROUP BY ALL)"
    )
