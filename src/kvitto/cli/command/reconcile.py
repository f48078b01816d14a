"""Why two sources say different things, step by step."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, print_table, say

if TYPE_CHECKING:
    from kvitto.app.reconcile import Bridge, Compared, Line, Step, Told


@click.command()
@click.option("-c", "--client", required=True, help="The client's id.")
@click.option("-m", "--metric", required=True, help="The metric that both sides tell.")
@click.option("--from", "one", required=True, help="A kind of row of its definition, or a source.")
@click.option("--to", "other", required=True, help="The side to arrive at.")
@click.option("-p", "--period", required=True, help="2017, 2017-Q4, 2017-11, last_month, ytd ...")
@click.option("--lines", is_flag=True, help="List the records behind each step.")
@click.option("--days", is_flag=True, help="List both sides by day, with the rate of conflicts.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def reconcile(
    ctx: click.Context,
    client: str,
    metric: str,
    one: str,
    other: str,
    period: str,
    lines: bool,
    days: bool,
    as_json: bool,
) -> int:
    """Lead from one source's figure to another's: window, zone, duplicates, claims, the rest.

    Ends with 1 where a figure is missing or something stays unexplained.
    """
    from kvitto.app.reconcile import compare_days
    from kvitto.app.reconcile import reconcile as bridged

    settings = settings_of(ctx)
    house, who = settings.open()
    found = bridged(house, who, client, metric, one, other, period)
    compared = compare_days(house, who, client, metric, one, other, period) if days else None
    language = house.workspace.agency.language
    if as_json:
        print_json({**bridge_document(found), **(days_document(compared) if compared else {})})
    else:
        _print(found, language, lines)
        if compared is not None:
            _print_days(compared, language)
        say(settings, "\nOpen a figure: kvitto receipt CODE")
    return 0 if found.is_explained else 1


def bridge_document(bridge: Bridge) -> dict[str, object]:
    """The bridge as data; amounts are exact, written as text."""
    return {
        "client": bridge.client,
        "metric": bridge.metric,
        "period": bridge.period.label,
        "from": _side(bridge.one),
        "to": _side(bridge.other),
        "steps": [_step(step) for step in bridge.steps],
        "explained": bridge.is_explained,
        "notes": list(bridge.notes),
    }


def days_document(compared: Compared) -> dict[str, object]:
    """Both sides by day as data, and the share of days on which they differ."""
    from kvitto.model.value import Value

    return {
        "tolerance": str(compared.tolerance),
        "source_conflict_rate": compared.rate.number if isinstance(compared.rate, Value) else None,
        "days": [
            {
                "on": day.on.isoformat(),
                "from": str(day.one.number) if isinstance(day.one, Value) else None,
                "to": str(day.other.number) if isinstance(day.other, Value) else None,
                "differs": day.differs,
            }
            for day in compared.days
        ],
    }


def _side(told: Told) -> dict[str, object]:
    from kvitto.model.value import Missing

    figure = told.figure
    is_missing = isinstance(figure, Missing)
    return {
        "side": told.side,
        "metric": told.metric,
        "source": told.source,
        "timezone": told.zone,
        "value": None if isinstance(figure, Missing) else str(figure.number),
        "missing": figure.kind.value if isinstance(figure, Missing) else None,
        "status": "missing" if is_missing else told.receipt.status,
        "receipt": told.receipt.code,
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "step": step.kind.value,
        "amount": f"{step.amount:f}",
        "computed": step.is_computed,
        "lacks": list(step.lacks),
        "receipt": step.receipt.code,
        "lines": [_line(line) for line in step.lines],
    }


def _line(line: Line) -> dict[str, object]:
    return {
        "amount": f"{line.amount:f}",
        "side": line.side,
        "table": line.table,
        "record": line.record,
        "on": line.on.isoformat(),
        "label": line.label,
        "why": line.why,
    }


def _print(bridge: Bridge, language: str, lines: bool) -> None:
    from kvitto.app.reconcile import SAID
    from kvitto.cli.answer import shown
    from kvitto.model.locale import Formatter

    formatter = Formatter.of(language)
    rows = [_told_row(bridge.one, shown(bridge.one.figure, formatter))]
    for step in bridge.steps:
        lacking = f"needs {'; '.join(step.lacks)}" if step.lacks else f"{len(step.lines) or ''}"
        amount = "?" if step.lacks and not step.lines else signed(step.amount)
        rows.append((f"  {SAID[step.kind]}", amount, lacking, step.receipt.code))
        if lines:
            rows += [(f"    {_said(line)}", signed(line.amount), "", "") for line in step.lines]
    rows.append(_told_row(bridge.other, shown(bridge.other.figure, formatter)))
    print_table(("Step", "Amount", "Records", "Receipt"), rows, [1])
    for note in bridge.notes:
        click.echo(note)


def _told_row(told: Told, figure: str) -> tuple[str, str, str, str]:
    source = f" ({told.source})" if told.source else ""
    return f"{told.side}{source}", figure, "", told.receipt.code


def _said(line: Line) -> str:
    return ", ".join(filter(None, (line.on.isoformat(), line.label, line.record, line.why)))


def signed(amount: Decimal) -> str:
    """The amount with its sign; zero has none."""
    text = f"{amount:f}"
    return f"+{text}" if amount > 0 else text


def _print_days(compared: Compared, language: str) -> None:
    from kvitto.cli.answer import shown
    from kvitto.model.locale import Formatter

    formatter = Formatter.of(language)
    rows = [
        (
            day.on.isoformat(),
            shown(day.one, formatter),
            shown(day.other, formatter),
            {True: "differs", False: "", None: "missing"}[day.differs],
        )
        for day in compared.days
    ]
    click.echo()
    print_table(("Day", compared.one, compared.other, ""), rows, [1, 2])
    rate = shown(compared.rate, formatter)
    click.echo(f"Days that differ by more than {compared.tolerance:%}: {rate}")
