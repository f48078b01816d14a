"""What leaves the house: files and mail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, print_table, progress, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kvitto.app.deliver import DeliveryRow


@click.command()
@click.argument("edition")
@click.option(
    "-f",
    "--form",
    "forms",
    multiple=True,
    default=("html", "pdf", "xlsx", "json"),
    show_default=True,
    help="A form, or several with commas; may be given again.",
)
@click.option("-o", "--to", "target", metavar="DIR", help="Into this folder.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def render(
    ctx: click.Context, edition: str, forms: tuple[str, ...], target: str | None, as_json: bool
) -> None:
    """Write EDITION as files. A draft says on every page that it is one."""
    from kvitto.app.render import render as run

    settings = settings_of(ctx)
    house, who = settings.open()
    named = (name.strip() for given in forms for name in given.split(","))
    wanted = list(dict.fromkeys(name for name in named if name))
    with progress(settings, as_json) as told:
        folder = None if target is None else Path(target)
        paths = run(house, who, edition, wanted, folder, progress=told)
    if as_json:
        print_json({"edition": edition, "files": [str(path) for path in paths]})
    else:
        for path in paths:
            click.echo(str(path))


@click.command()
@click.argument("edition")
@click.option("--channel", help="file or smtp; by default what the workspace names.")
@click.option("--list", "listed", is_flag=True, help="Show the ledger and send nothing.")
@click.option("--resolve", metavar="ADDRESS", help="Say what became of an unknown delivery.")
@click.option("--arrived/--not-arrived", default=None, help="With --resolve: did it arrive?")
@click.option("--reason", default="", help="With --resolve: how you know.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def deliver(
    ctx: click.Context,
    edition: str,
    channel: str | None,
    listed: bool,
    resolve: str | None,
    arrived: bool | None,
    reason: str,
    as_json: bool,
) -> int:
    """Send the sealed EDITION to each recipient who has not got it: once, and alone.

    Where nobody can know whether a mail left, nothing is sent again until a
    person says so with --resolve. Ends with 1 where a recipient has not got it.
    """
    from kvitto.app import deliver as delivering

    settings = settings_of(ctx)
    house, who = settings.open()
    if resolve is not None:
        if arrived is None:
            raise click.UsageError("--resolve needs --arrived or --not-arrived")
        rows: Sequence[DeliveryRow] = (
            delivering.resolve(
                house, who, edition, resolve, arrived=arrived, channel=channel, reason=reason
            ),
        )
    elif listed:
        rows = delivering.deliveries(house, who, edition)
    else:
        with progress(settings, as_json) as told:
            rows = delivering.deliver(house, who, edition, channel, progress=told)
    if as_json:
        print_json({"edition": edition, "deliveries": [_row(row) for row in rows]})
    else:
        _print(rows)
        _hint(ctx, edition, rows)
    return 0 if listed or all(row.state == "sent" for row in rows) else 1


def _row(row: DeliveryRow) -> dict[str, object]:
    sent = None if row.sent_at is None else row.sent_at.isoformat(timespec="seconds")
    return {
        "recipient": row.recipient,
        "name": row.name,
        "channel": row.channel,
        "state": row.state.value,
        "message_id": row.message_id,
        "attempts": row.attempts,
        "sent_at": sent,
        "reason": row.reason,
    }


def _print(rows: Sequence[DeliveryRow]) -> None:
    print_table(
        ("Recipient", "Channel", "State", "At", "Why"),
        [
            (
                row.recipient,
                row.channel,
                row.state.value,
                f"{row.sent_at or row.updated_at:%Y-%m-%d %H:%M}",
                row.reason,
            )
            for row in rows
        ],
    )


def _hint(ctx: click.Context, edition: str, rows: Sequence[DeliveryRow]) -> None:
    settings = settings_of(ctx)
    if any(row.state == "unknown" for row in rows):
        say(settings, "\nNobody can tell whether an unknown one left. Ask the recipient, then:")
        say(settings, f"  kvitto deliver {edition} --resolve ADDRESS --arrived (or --not-arrived)")
    if any(row.state in ("pending", "claimed") for row in rows):
        say(settings, "\nNothing has left to those that are pending; run the command again.")
