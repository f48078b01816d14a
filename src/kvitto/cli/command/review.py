"""Records that may be one: the queue, and what a person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json

if TYPE_CHECKING:
    from kvitto.app.review import Candidate


@click.group(invoke_without_command=True)
@click.option("-c", "--client", help="Only this client.")
@click.option("--table", help="Only this table, such as accounts.")
@click.option("--state", type=click.Choice(("ask", "merged", "apart")), default="ask")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def review(
    ctx: click.Context, client: str | None, table: str | None, state: str, limit: int, as_json: bool
) -> int | None:
    """Show pairs of records that may be one, and decide. Ends with 1 where some wait."""
    if ctx.invoked_subcommand is not None:
        return None
    from kvitto.app.review import candidates

    house, who = settings_of(ctx).open()
    found = candidates(house, who, client, table=table, state=state, limit=limit)
    if as_json:
        print_json({"candidates": [one.document() for one in found]})
    elif not found:
        click.echo("Nothing waits for a decision." if state == "ask" else "There are none.")
    else:
        for one in found:
            _print(one)
    return 1 if found and state == "ask" else 0


@review.command("merge")
@click.argument("client")
@click.argument("table")
@click.argument("keep")
@click.argument("others", nargs=-1, required=True)
@click.option("--why", default="", help="What shows that they are one.")
@click.pass_context
def merge(
    ctx: click.Context, client: str, table: str, keep: str, others: tuple[str, ...], why: str
) -> None:
    """Let the record KEEP of TABLE stand for OTHERS. The next sync carries it out."""
    from kvitto.app.review import merge as run

    house, who = settings_of(ctx).open()
    run(house, who, client, table, keep, others, why)
    click.echo(f"{table}: {', '.join(others)} counted as {keep} from the next sync on.")


@review.command("apart")
@click.argument("client")
@click.argument("table")
@click.argument("ids", nargs=-1, required=True)
@click.option("--why", default="", help="What tells them apart.")
@click.pass_context
def apart(ctx: click.Context, client: str, table: str, ids: tuple[str, ...], why: str) -> None:
    """Keep the records IDS of TABLE apart, however alike they look."""
    from kvitto.app.review import keep_apart

    house, who = settings_of(ctx).open()
    keep_apart(house, who, client, table, ids, why)
    click.echo(f"{table}: {', '.join(ids)} are kept apart.")


@review.command("undo")
@click.argument("client")
@click.argument("table")
@click.argument("record")
@click.pass_context
def undo(ctx: click.Context, client: str, table: str, record: str) -> int:
    """Take back what was decided about RECORD. Ends with 1 where nothing was."""
    from kvitto.app.review import take_back

    house, who = settings_of(ctx).open()
    count = take_back(house, who, client, table, record)
    click.echo(f"{count} decisions were taken back." if count else "Nothing was decided about it.")
    return 0 if count else 1


def _print(one: Candidate) -> None:
    click.secho(f"{one.client}  {one.table}  {one.score:.0%}  {one.state}", bold=True)
    names = list(dict.fromkeys((*one.one, *one.other)))
    rows = [("id", one.one_id, one.other_id)]
    rows += [(name, one.one.get(name) or "", one.other.get(name) or "") for name in names]
    rows.append(("named by", f"{one.refers[0]} rows", f"{one.refers[1]} rows"))
    width = max(len(row[1]) for row in rows)
    for name, mine, theirs in rows:
        click.echo(f"  {name.replace('_', ' '):14} {mine:{width}}  {theirs}")
    for reason in one.reasons:
        click.echo(f"  {reason.weight:+5.1f}  {reason.said}")
    click.echo()
