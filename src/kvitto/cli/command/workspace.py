"""Making and checking a workspace."""

from __future__ import annotations

from pathlib import Path

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, say


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--from", "source", metavar="EXAMPLE", help="'example', or a folder to copy.")
@click.option("--agency", help="Who you are.")
@click.option("--client", help="The name of a first client.")
@click.option("--language", type=click.Choice(["en", "sv"]), help="Language of the reports.")
@click.option("--currency", help="Currency, as in SEK or EUR.")
@click.option("--timezone", help="Time zone, as in Europe/Stockholm.")
@click.pass_context
def init(
    ctx: click.Context,
    folder: str,
    source: str | None,
    agency: str | None,
    client: str | None,
    language: str | None,
    currency: str | None,
    timezone: str | None,
) -> None:
    """Make a new workspace in DIR. Asks only what is not given."""
    from kvitto.app.workspace import init_from, init_with

    target = Path(folder)
    if source is not None:
        made = init_from(target, source)
    else:
        if agency is None and ctx.find_root().params.get("quiet") is not True:
            agency = click.prompt("Who are you (the name on the reports)", default="Our agency")
        made = init_with(
            target,
            agency=agency or "Our agency",
            client=client,
            language=language or "en",
            currency=currency or "EUR",
            timezone=timezone or "Europe/Stockholm",
        )
    click.echo(f"{target}: {'a new workspace' if made else 'already such a workspace'}")
    say(settings_of(ctx), f"Next: cd {folder} && kvitto check && kvitto sync")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> int:
    """Check every file of the workspace. Ends with 2 where something does not hold."""
    from kvitto.app.workspace import check as run

    problems = run(settings_of(ctx).root())
    if as_json:
        listed = [
            {
                "file": problem.file,
                "line": problem.line,
                "asked": problem.asked,
                "found": problem.found,
                "todo": problem.todo,
            }
            for problem in problems
        ]
        print_json({"problems": listed})
    elif problems:
        for problem in problems:
            click.echo(str(problem))
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        click.secho(count, bold=True, err=True)
    else:
        click.echo("Everything holds.")
    return 2 if problems else 0
