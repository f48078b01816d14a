"""Sources, the published data, and what is wrong in it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, print_table, progress, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kvitto.app.map import Described
    from kvitto.model.finding import Finding


@click.command()
@click.argument("source", nargs=-1)
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="Read again from DAY.")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="Up to DAY, included.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def sync(
    ctx: click.Context,
    source: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    as_json: bool,
) -> int:
    """Read the sources (or only SOURCE...), audit, and publish the next version.

    Only what is new is read; --from and --to read a range of days once more.
    A source that fails is marked and the others go on; then it ends with 1.
    """
    from kvitto.app.sync import sync as run

    settings = settings_of(ctx)
    house, who = settings.open()
    with progress(settings, as_json) as told:
        result = run(house, who, source, progress=told, again=_again(first, last, house.today))
    if as_json:
        print_json(result.document())
        return 0 if result.fine else 1
    new = "published" if result.is_new else "nothing has changed, still"
    click.echo(f"Data {result.version}: {new}, {result.rows} rows")
    for state in result.sources:
        to = f", complete to {state.complete_to}" if state.complete_to else ""
        click.echo(f"  {state.name}: {state.rows} rows{to}")
    if result.unchanged:
        click.echo(f"  nothing new in {', '.join(result.unchanged)}")
    for name, error in result.failed:
        click.secho(f"  {name}: failed", fg="red")
        for problem in error.problems:
            click.echo(f"    {problem}")
    _print_count(result.findings)
    return 0 if result.fine else 1


def _again(first: datetime | None, last: datetime | None, today: date) -> tuple[date, date] | None:
    """The range to be read again; raises a usage error where it makes no sense."""
    if first is None and last is None:
        return None
    if first is None:
        raise click.UsageError("--to needs --from: say from which day to read again.")
    end = today if last is None else last.date()
    if end < first.date():
        raise click.UsageError(f"--from {first:%Y-%m-%d} lies after --to {end}.")
    return first.date(), end


@click.command("map")
@click.argument("source", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def map_source(ctx: click.Context, source: str | None, as_json: bool) -> int:
    """Show what was understood of SOURCE (or of all), what was guessed, what is unknown.

    Ends with 1 where a question waits for an answer.
    """
    from kvitto.app.map import describe

    house, who = settings_of(ctx).open()
    names = [source] if source else sorted(house.workspace.sources)
    described = [describe(house, who, name) for name in names]
    if as_json:
        print_json({"sources": [one.document() for one in described]})
    else:
        for one in described:
            _print_map(one)
    return 1 if any(one.questions for one in described) else 0


@click.command()
@click.option("-c", "--client", help="Only this client.")
@click.option("--fix", is_flag=True, help="Propose what could be done; changes nothing.")
@click.option("--write", "out", type=click.Path(path_type=Path), help="Write the proposal there.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def audit(
    ctx: click.Context, client: str | None, fix: bool, out: Path | None, as_json: bool
) -> int:
    """Show what the audit found in the published data. Ends with 1 where it found trouble."""
    from kvitto.app.audit import findings

    if fix or out is not None:
        return _propose(ctx, client, out, as_json)
    house, who = settings_of(ctx).open()
    found = findings(house, who, client)
    trouble = any(finding.severity.value != "notice" for finding in found)
    if as_json:
        print_json({"findings": [finding.model_dump(mode="json") for finding in found]})
        return 1 if trouble else 0
    rows = [
        (
            finding.severity.value,
            finding.client,
            _place(finding),
            str(finding.rows),
            finding.message,
            finding.resolution.value,
            finding.todo,
        )
        for finding in found
    ]
    if rows:
        print_table(("", "Client", "Where", "Rows", "Found", "Done", "To do"), rows, (3,))
    else:
        click.echo("Nothing was found.")
    return 1 if trouble else 0


def _propose(ctx: click.Context, client: str | None, out: Path | None, as_json: bool) -> int:
    """Tell, or write to a file of its own, what could be done; 1 where there is something."""
    from kvitto.app.proposal import as_patch, propose

    house, who = settings_of(ctx).open()
    pieces = propose(house, who, client)
    if out is not None and out.exists():
        raise click.UsageError(f"{out} exists already. Name a new file.")
    if out is not None:
        out.write_text(as_patch(pieces, house.today), encoding="utf-8")
    if as_json:
        print_json({"proposals": [one.document() for one in pieces]})
    elif out is not None:
        click.echo(f"{len(pieces)} proposals are written to {out}; nothing else was changed.")
    elif pieces:
        click.echo(as_patch(pieces, house.today))
    else:
        click.echo("Nothing to propose.")
    return 1 if pieces else 0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def versions(ctx: click.Context, as_json: bool) -> None:
    """List the published versions of the data; the current one is marked."""
    from kvitto.app.version import list_versions

    house, who = settings_of(ctx).open()
    listed = list_versions(house, who)
    if as_json:
        print_json({"versions": [one.document() for one in listed]})
        return
    rows = [
        ("*" if one.current else "", one.id, one.created_at, str(one.rows), ", ".join(one.sources))
        for one in listed
    ]
    print_table(("", "Version", "Made", "Rows", "Sources"), rows, (3,))


@click.command()
@click.argument("version", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def rollback(ctx: click.Context, version: str | None, as_json: bool) -> None:
    """Make VERSION (or the one before the current) the current one again."""
    from kvitto.app.version import rollback as run

    settings = settings_of(ctx)
    house, who = settings.open()
    now = run(house, who, version)
    if as_json:
        print_json({"current": now.id})
        return
    click.echo(f"Data {now.id} is current again.")
    say(settings, "The next sync reads the sources anew and publishes a new version.")


def _place(finding: Finding) -> str:
    column = f".{finding.column}" if finding.column else ""
    return f"{finding.table}{column}" if finding.table else finding.source


def _print_count(findings: Sequence[Finding]) -> None:
    if findings:
        rows = sum(finding.rows for finding in findings)
        click.echo(f"{len(findings)} findings about {rows} rows; see: kvitto audit")


def _print_map(described: Described) -> None:
    click.secho(f"{described.source} ({described.kind})", bold=True)
    for file in described.files:
        click.echo(f"  {file.name}")
        rows = [(row.column, row.how, row.target, row.sample, row.why) for row in file.columns]
        print_table(("    Column", "", "Becomes", "For instance", "Why"), _indented(rows))
        for decision in file.decisions:
            click.echo(f"    {decision}")
    for question in described.questions:
        click.secho(f"  ? {question}", fg="yellow")
    click.echo()


def _indented(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    return [[f"    {row[0]}", *row[1:]] for row in rows]
