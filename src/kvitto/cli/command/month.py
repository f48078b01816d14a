"""The month's run, the web app and the demo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, progress, say
from kvitto.registry import Registry

ENTRANCES: Registry[Callable[..., None]] = Registry("entrance", {"web": "kvitto.web:serve"})
"""Other ways in that can be started from here; no entrance imports another."""


@click.command()
@click.option("-c", "--client", required=True, help="The client's id.")
@click.option("-p", "--period", required=True, help="The period that the reports are about.")
@click.option(
    "--approve-as", metavar="NAME", help="Approve, seal, render and deliver in this name."
)
@click.option("--channel", help="With --approve-as: file or smtp.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def run(
    ctx: click.Context,
    client: str,
    period: str,
    approve_as: str | None,
    channel: str | None,
    as_json: bool,
) -> int:
    """Sync, draft all reports of the client and check them; stop before the approval.

    With --approve-as NAME what nothing blocks is approved, sealed, written and
    delivered too. Ends with 1 where something needs a person.
    """
    from kvitto.app.run import run as month

    settings = settings_of(ctx)
    house, who = settings.open()
    with progress(settings, as_json) as told:
        result = month(
            house, who, client, period, approve_as=approve_as, channel=channel, progress=told
        )
    if as_json:
        print_json(result.document())
        return 0 if result.fine else 1
    for name, error in result.sync.failed:
        click.secho(f"source {name} failed: {error}", fg="red")
    for step in result.reports:
        click.echo(f"{step.edition}: {step.state}")
        for problem in step.problems:
            click.echo(f"  {'blocks' if problem.blocks else 'look at'}: {problem.message}")
        for row in step.deliveries:
            click.echo(f"  {row.recipient}: {row.state.value} {row.reason}".rstrip())
    if approve_as is None:
        say(settings, "Next: read the drafts, then kvitto approve EDITION --as NAME")
    return 0 if result.fine else 1


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))
@click.pass_context
def serve(ctx: click.Context, host: str, port: int) -> None:
    """Start the web app on this machine."""
    house, _ = settings_of(ctx).open()
    start = ENTRANCES.get("web")
    say(settings_of(ctx), f"Kvitto on http://{host}:{port}  (stop with Ctrl-C)")
    start(house, host, port)


@click.command()
@click.argument("folder", metavar="[DIR]", default="demo")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def demo(ctx: click.Context, folder: str, as_json: bool) -> None:
    """Real CRM data to three sealed reports and a mail, in DIR (./demo). Works offline."""
    from kvitto.app.demo import run as show

    settings = settings_of(ctx)
    with progress(settings, as_json) as told:
        result = show(Path(folder), progress=told)
    if as_json:
        print_json(result.document())
        return
    click.echo(f"Workspace  {result.workspace}")
    click.echo("Reports")
    for path in result.files:
        click.echo(f"  {path}")
    click.echo(f"Mail       {result.mailbox}")
    click.echo("Sign in    (demo passwords: never use them for real data)")
    for person in result.people:
        click.echo(f"  {person.role:<8} {person.email:<30} {person.password}")
    click.echo("Go on")
    for hint in result.hints:
        click.echo(f"  {hint}")
