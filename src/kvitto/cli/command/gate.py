"""The gate before the reports: which may be sent, which wait, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json

if TYPE_CHECKING:
    from kvitto.report.gate import Gate

_COLOURS = {"green": "green", "provisional": "yellow", "hold": "red"}


@click.command()
@click.option("-c", "--client", help="Of one client; else of all.")
@click.option("-t", "--template", help="Of one report; else of all that the client gets.")
@click.option("-p", "--period", help="The period; else the last one that is over.")
@click.option("--override", metavar="REASON", help="Let it pass in your name (--as NAME).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def gate(
    ctx: click.Context,
    client: str | None,
    template: str | None,
    period: str | None,
    override: str | None,
    as_json: bool,
) -> int:
    """Show which reports may be sent, and who has to do what for the others.

    Ends with 1 where one of them is not green.
    """
    from kvitto.app import gate as gating

    house, who = settings_of(ctx).open()
    if override is not None:
        if client is None or template is None or period is None:
            raise click.UsageError("--override needs --client, --template and --period")
        found: tuple[Gate, ...] = (gating.override(house, who, client, template, period, override),)
    else:
        found = gating.gates(house, who, client, template, period)
    if as_json:
        print_json({"gates": [one.document() for one in found]})
    else:
        for one in found:
            _print_gate(one)
        if not found:
            click.echo("No client gets a report.")
    return 0 if all(one.state.value == "green" for one in found) else 1


def _print_gate(found: Gate) -> None:
    state = found.state.value
    click.secho(f"{found.client}/{found.report}/{found.period}: {state}", fg=_COLOURS[state])
    for reason in found.reasons:
        click.echo(f"  {reason.level.value}: {reason.message}")
        click.echo(f"    concerns {', '.join(reason.metrics)}")
        if reason.passed is not None:
            click.echo(f"    {reason.passed.by} let it pass: {reason.passed.reason}")
        elif reason.todo:
            click.echo(f"    {found.owner + ': ' if found.owner else ''}{reason.todo}")
