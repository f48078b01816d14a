"""From a draft to a sealed edition."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, print_table, progress, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kvitto.app.edition import LintProblem
    from kvitto.model.block import TextBlock


@click.command()
@click.argument("report", required=False)
@click.option("-r", "--report", "named", help="The report, where it is not the argument.")
@click.option("-c", "--client", required=True, help="The client's id.")
@click.option("-p", "--period", required=True, help="The period that the report is about.")
@click.option("--language", help="Another language than the client's.")
@click.option("--json", "as_json", is_flag=True, help="Print the edition as JSON.")
@click.pass_context
def draft(
    ctx: click.Context,
    report: str | None,
    named: str | None,
    client: str,
    period: str,
    language: str | None,
    as_json: bool,
) -> None:
    """Compose REPORT (R01, R06, R13 ...) from the current data, as a draft."""
    from kvitto.app import edition

    wanted = report or named
    if wanted is None or (report and named and report != named):
        raise click.UsageError("name one report, as in: kvitto draft R13 -c CLIENT -p 2017-12")
    settings = settings_of(ctx)
    house, who = settings.open()
    with progress(settings, as_json) as told:
        made = edition.draft(house, who, client, wanted, period, language, progress=told)
    if as_json:
        print_json(made.model_dump(mode="json"))
        return
    click.echo(f"{made.id}: {made.title}")
    _print_problems(edition.lint(house, who, made.id))
    say(settings, f"Next: kvitto text {made.id}, kvitto approve {made.id}")


@click.command()
@click.option("-c", "--client", help="Only this client.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def editions(ctx: click.Context, client: str | None, as_json: bool) -> None:
    """List the editions and where they stand."""
    from kvitto.app import edition

    house, who = settings_of(ctx).open()
    rows = edition.editions(house, who, client)
    if as_json:
        listed = [
            {
                "id": row.id,
                "client": row.client,
                "report": row.report,
                "period": row.period,
                "number": row.number,
                "title": row.title,
                "language": row.language,
                "state": row.state,
                "warehouse": row.warehouse,
                "updated_by": row.updated_by,
                "updated_at": row.updated_at.isoformat(timespec="seconds"),
            }
            for row in rows
        ]
        print_json({"editions": listed})
        return
    print_table(
        ("Edition", "State", "Title", "By", "At"),
        [
            (row.id, row.state, row.title, row.updated_by, f"{row.updated_at:%Y-%m-%d %H:%M}")
            for row in rows
        ],
    )


@click.command()
@click.argument("edition")
@click.argument("text_id", required=False)
@click.option("--set", "words", metavar="TEXT", help="The new text; {{metric_id}} binds a value.")
@click.option("--file", "path", metavar="FILE", help="Take the new text from a file, - is stdin.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def text(
    ctx: click.Context,
    edition: str,
    text_id: str | None,
    words: str | None,
    path: str | None,
    as_json: bool,
) -> int:
    """Show the texts of EDITION, or change TEXT_ID. What does not resolve is marked.

    Ends with 1 where something in the shown texts does not resolve.
    """
    from kvitto.app import edition as editing

    house, who = settings_of(ctx).open()
    if words is not None or path is not None:
        if text_id is None:
            raise click.UsageError("name the text to change, as in: kvitto text EDITION TEXT_ID")
        source = words if words is not None else _read(str(path))
        shown = editing.edit_text(house, who, edition, text_id, source)
    else:
        shown = editing.get(house, who, edition)
    blocks = [editing.text_of(shown, text_id)] if text_id else list(shown.texts())
    if as_json:
        print_json({"edition": shown.id, "texts": [one.model_dump(mode="json") for one in blocks]})
    else:
        for block in blocks:
            _print_text(block)
    return 1 if any(_unresolved(block) for block in blocks) else 0


@click.command()
@click.argument("edition")
@click.argument("text_id")
@click.argument("phrase")
@click.option("--reason", default="", help="Why it holds; printed in the edition.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def vouch(
    ctx: click.Context, edition: str, text_id: str, phrase: str, reason: str, as_json: bool
) -> None:
    """Stand by name for PHRASE in TEXT_ID of EDITION, where it does not resolve."""
    from kvitto.app import edition as editing

    house, who = settings_of(ctx).open()
    shown = editing.vouch(house, who, edition, text_id, phrase, reason)
    if as_json:
        vouches = [one.model_dump(mode="json") for one in shown.vouches]
        print_json({"edition": shown.id, "vouches": vouches})
    else:
        click.echo(f"{who.name} vouches for '{phrase}' in {shown.id}.")


@click.command()
@click.argument("edition")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def lint(ctx: click.Context, edition: str, as_json: bool) -> int:
    """Show what is missing or wrong in EDITION. Ends with 1 where something blocks."""
    from kvitto.app import edition as editing

    house, who = settings_of(ctx).open()
    problems = editing.lint(house, who, edition)
    if as_json:
        print_json({"edition": edition, "problems": [_problem_row(one) for one in problems]})
    else:
        _print_problems(problems)
        if not problems:
            click.echo("Nothing is missing.")
    return 1 if any(problem.blocks for problem in problems) else 0


@click.command()
@click.argument("edition")
@click.option("--note", default="", help="A word with the approval.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def approve(ctx: click.Context, edition: str, note: str, as_json: bool) -> None:
    """Approve EDITION by name (--as NAME), so that it can be sealed."""
    from kvitto.app import edition as editing

    house, who = settings_of(ctx).open()
    approved = editing.approve(house, who, edition, note)
    if as_json:
        reviews = [one.model_dump(mode="json") for one in approved.reviews]
        print_json({"edition": approved.id, "state": "approved", "reviews": reviews})
    else:
        click.echo(f"{approved.id} is approved by {who.name}.")


@click.command()
@click.argument("edition")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def seal(ctx: click.Context, edition: str, as_json: bool) -> None:
    """Seal EDITION with the lines of all its receipts. It never changes again."""
    from kvitto.app import edition as editing

    settings = settings_of(ctx)
    house, who = settings.open()
    with progress(settings, as_json) as told:
        made = editing.seal(house, who, edition, progress=told)
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        click.echo(f"{made.edition} is sealed by {made.sealed_by}: {made.content_hash[:16]}")


def _read(path: str) -> str:
    from kvitto.errors import WrongUse

    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse.of(f"read {path}", str(error), "Name a text file in UTF-8.") from error


def _unresolved(block: TextBlock) -> bool:
    return any(
        mark.state == "unresolved" for sentence in block.sentences for mark in sentence.marks
    )


def _print_text(block: TextBlock) -> None:
    by = f", by {block.author}" if block.author else ""
    click.secho(f"{block.id}  {block.title}  ({block.origin}{by})", bold=True)
    for sentence in block.sentences:
        click.echo(f"  {sentence.text}")
        for mark in sentence.marks:
            if mark.state == "unresolved":
                phrase = sentence.text[mark.start : mark.end]
                click.secho(f"    ! {mark.what} '{phrase}': {mark.why}", fg="red")
    if block.source and "{{" in block.source:
        click.secho(f"  source: {block.source}", dim=True)
    click.echo()


def _print_problems(problems: Sequence[LintProblem]) -> None:
    for problem in problems:
        kind = "blocks" if problem.blocks else "look at"
        click.secho(f"{kind}: {problem.where}", fg="red" if problem.blocks else "yellow")
        click.echo(f"  {problem.message} {problem.todo}")


def _problem_row(problem: LintProblem) -> dict[str, object]:
    return {
        "code": problem.code,
        "where": problem.where,
        "message": problem.message,
        "todo": problem.todo,
        "blocks": problem.blocks,
    }
