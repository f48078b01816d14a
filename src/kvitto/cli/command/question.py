"""Metrics, questions and receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, print_table, progress, say

if TYPE_CHECKING:
    from kvitto.app.metric import Meant
    from kvitto.app.receipt import OpenedReceipt
    from kvitto.model.metric import Metric

COMPARISONS = ("previous", "last_year", "goal", "baseline")


@click.command()
@click.argument("metric", nargs=-1)
@click.option("-c", "--client", help="What the named ones mean for this client, and since when.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def metrics(ctx: click.Context, metric: tuple[str, ...], client: str | None, as_json: bool) -> None:
    """List the metrics of the product and of the workspace, or explain the named ones.

    Needs no workspace, unless a client is named.
    """
    from kvitto.app.metric import list_metrics

    found = list_metrics(settings_of(ctx).root(), metric)
    meant = _meant(ctx, client, [one.id for one in found]) if client is not None else ()
    if as_json:
        listed: dict[str, object] = {"metrics": [_metric_row(one) for one in found]}
        if client is not None:
            listed["meanings"] = [asdict(one) for one in meant]
        print_json(listed)
    elif metric:
        for one in found:
            _explain(one)
        _tell_meanings(meant)
    else:
        rows = [(one.id, one.name("en"), one.unit.value, one.bucket) for one in found]
        print_table(("Metric", "Name", "Unit", "About"), rows)


@click.command()
@click.argument("metric", nargs=-1, required=True)
@click.option("-c", "--client", required=True, help="The client's id.")
@click.option("-p", "--period", required=True, help="2017, 2017-Q4, 2017-11, last_month, ytd ...")
@click.option("--by", default="", help="Split by these dimensions, set apart by commas.")
@click.option("--compare", type=click.Choice(COMPARISONS), help="Hold against another figure.")
@click.option("--where", multiple=True, help="stage=Won, region!=West, stage=Won|Lost.")
@click.option("--sql", is_flag=True, help="Print the SQL instead of the figures.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def ask(
    ctx: click.Context,
    metric: tuple[str, ...],
    client: str,
    period: str,
    by: str,
    compare: str | None,
    where: tuple[str, ...],
    sql: bool,
    as_json: bool,
) -> None:
    """Measure METRIC... for a client and a period; every figure comes with its receipt."""
    from kvitto.app.ask import ask as measure
    from kvitto.cli.answer import answer_document, answer_rows, notes

    house, who = settings_of(ctx).open()
    names = tuple(name for part in metric for name in part.split(",") if name)
    split = tuple(name.strip() for name in by.split(",") if name.strip())
    measured = measure(house, who, client, names, period, split, where, compare)
    if sql:
        for statement in measured.answer.sql:
            click.echo(statement)
    elif as_json:
        print_json(answer_document(measured.answer))
    else:
        headings, rows, right = answer_rows(
            measured.answer, house.catalogue_of(client).get, house.workspace.agency.language
        )
        print_table(headings, rows, right)
        for note in notes(measured.answer):
            click.echo(f"\n{note}")
        say(settings_of(ctx), f"\nData {measured.answer.warehouse}. Open one: kvitto receipt CODE")


@click.command()
@click.argument("code")
@click.option("--lines", is_flag=True, help="List the records that add up to the value.")
@click.option("--rerun", is_flag=True, help="Ask the same again of today's data.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def receipt(ctx: click.Context, code: str, lines: bool, rerun: bool, as_json: bool) -> int:
    """Open the receipt CODE: what a figure is made of, and whether it still holds.

    Ends with 1 where the lines do not add up or the rerun does not agree.
    """
    from kvitto.app.receipt import open_receipt
    from kvitto.cli.receipt import receipt_document, receipt_text

    settings = settings_of(ctx)
    house, who = settings.open()
    with progress(settings, as_json) as told:
        told("Opening the receipt", 0, 0)
        opened = open_receipt(house, who, code, lines=lines, rerun=rerun)
    if as_json:
        print_json(receipt_document(opened))
    else:
        click.echo(receipt_text(opened, house.workspace.agency.language))
    return _verdict(opened)


def _meant(ctx: click.Context, client: str, names: Sequence[str]) -> tuple[Meant, ...]:
    from kvitto.app.metric import list_meanings

    house, who = settings_of(ctx).open()
    return list_meanings(house, who, client, names)


def _tell_meanings(meant: Sequence[Meant]) -> None:
    for one in meant:
        if one.version is None:
            click.echo(f"  {one.client}: {one.said}")
            continue
        days = f"{one.first or 'the beginning'} to {one.last or 'now on'}"
        click.secho(f"{one.word} for {one.client}, {days}", bold=True)
        click.echo(f"  {one.said}")


def _verdict(opened: OpenedReceipt) -> int:
    broken = opened.check is not None and not opened.check.agrees
    moved = opened.rerun is not None and not opened.rerun.agrees
    return 1 if broken or moved else 0


def _metric_row(metric: Metric) -> dict[str, object]:
    return {
        "id": metric.id,
        "version": metric.version,
        "name": metric.name("en"),
        "names": metric.names,
        "explains": metric.explains.get("en", ""),
        "unit": metric.unit.value,
        "noun": metric.noun,
        "good": metric.good.value,
        "additivity": metric.additivity.value,
        "bucket": metric.bucket,
        "family": metric.family,
        "dimensions": list(metric.dimensions),
        "formula": metric.formula,
        "min_n": metric.min_n,
    }


def _explain(metric: Metric) -> None:
    click.secho(f"{metric.id}  (version {metric.version})", bold=True)
    click.echo(f"  {metric.name('en')}: {metric.explains.get('en', '')}")
    click.echo(f"  unit {metric.unit.value}, good news is {metric.good.value}")
    for part, name in (
        (metric.value, "value"),
        (metric.numerator, "numerator"),
        (metric.denominator, "denominator"),
    ):
        if part is not None:
            measure = f" of {part.measure}" if part.measure else ""
            where = f" where {part.where}" if part.where else ""
            when = f" by {part.at}" if part.at else " as of the period's end"
            click.echo(f"  {name}: {part.aggregation.value}{measure} in {part.table}{where}{when}")
    if metric.formula:
        click.echo(f"  formula: {metric.formula}")
    if metric.dimensions:
        click.echo(f"  splits by: {', '.join(metric.dimensions)}")
    click.echo()
