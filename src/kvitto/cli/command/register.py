"""The registers of the data: its health, systems, access, fields, and hand-made checks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, print_table

if TYPE_CHECKING:
    from kvitto.app.data_health import Score
    from kvitto.app.recheck import Rate


@click.command()
@click.option("-c", "--client", help="Only this client.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def health(ctx: click.Context, client: str | None, as_json: bool) -> None:
    """Show how healthy the data is, by source, and what each score is made of."""
    from kvitto.app.data_health import data_health

    house, who = settings_of(ctx).open()
    found = data_health(house, who, client)
    if as_json:
        print_json({"health": [one.document() for one in found]})
        return
    for one in found:
        day = "never audited" if one.day is None else f"audited on {one.day}"
        click.secho(f"{one.client}: {_number(one.whole)} of 100, {day}", bold=True)
        rows = [
            (
                score.name or "all sources",
                _number(score),
                *(_share(p.part, p.whole) for p in score.parts),
            )
            for score in (one.whole, *one.sources)
        ]
        parts = [f"{part.name} ({part.weight})" for part in one.whole.parts]
        print_table(("", "Score", *parts), rows, tuple(range(1, 2 + len(parts))))
        if len(one.course) > 1:
            shown = [(day, score) for day, score in one.course if score is not None][-8:]
            click.echo("Course: " + ", ".join(f"{day} {score:.1f}" for day, score in shown))
        click.echo()


@click.command()
@click.option("-c", "--client", required=True, help="The client's id.")
@click.option("--access", "with_access", is_flag=True, help="List who can open what.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def systems(ctx: click.Context, client: str, with_access: bool, as_json: bool) -> int:
    """Show which systems hold the client's data, and what is amiss. Ends with 1 where it is."""
    from dataclasses import asdict

    from kvitto.app.register import access, inventory

    house, who = settings_of(ctx).open()
    found = inventory(house, who, client)
    people = access(house, who, client) if with_access else ()
    if as_json:
        shown = {"access": [asdict(one) for one in people]} if with_access else {}
        print_json({**found.document(), **shown})
        return 1 if found.findings else 0
    if not found.is_listed:
        click.echo(f"No systems are listed. Write them to systems/{client}.yml.")
    rows = [
        (
            one.name,
            one.kind,
            one.owner or "nobody",
            one.updated,
            ", ".join(one.sources) or "not connected",
            _day(one.audited),
            f"{one.signed_off_by} {_day(one.signed_off_on)}" if one.signed_off_by else "no",
            str(one.people),
        )
        for one in found.systems
    ]
    if rows:
        heads = ("System", "Kind", "Owner", "Updated", "Source", "Audited", "Signed off", "People")
        print_table(heads, rows, (7,))
    if with_access and people:
        print_table(
            (
                "System",
                "Person",
                "Role",
                "Last used",
                "Trained",
                "Reviewed",
                "Supervisor",
                "Overdue",
            ),
            [
                (
                    one.system,
                    f"{one.person} (program)" if one.is_service else one.person,
                    one.role,
                    "unknown" if one.last_used is None else str(one.last_used),
                    "" if one.is_service else _day(one.trained),
                    _day(one.reviewed),
                    one.supervisor or "nobody",
                    ", ".join(one.overdue),
                )
                for one in people
            ],
        )
    for finding in found.findings:
        click.echo(f"  {finding.message}. {finding.todo}")
    return 1 if found.findings else 0


@click.command()
@click.option("-c", "--client", required=True, help="The client's id.")
@click.option("--table", help="Only this table, such as accounts.")
@click.option("--advice", type=click.Choice(("keep", "complete", "drop")), help="Only these.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def fields(
    ctx: click.Context, client: str, table: str | None, advice: str | None, as_json: bool
) -> None:
    """Show how full each field is, what it serves, and whether to keep it."""
    from kvitto.app.register import fields as worth

    house, who = settings_of(ctx).open()
    found = [one for one in worth(house, who, client, table) if advice in (None, one.advice)]
    if as_json:
        print_json({"fields": [one.document() for one in found]})
        return
    rows = [(f"{one.table}.{one.column}", one.advice, one.reason) for one in found]
    print_table(("Field", "Advice", "Why"), rows)


@click.group()
def recheck() -> None:
    """Hold a random sample against the truth: draw it, answer it, see what came of it."""


@recheck.command("draw")
@click.option("-c", "--client", required=True, help="The client's id.")
@click.option("--table", required=True, help="Such as contacts.")
@click.option("--n", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another draws others.")
@click.option("--field", "columns", multiple=True, help="Fields to check; else the usual ones.")
@click.option("--by-source", is_flag=True, help="Each source gets its part of the sample.")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help=".csv or .xlsx")
@click.pass_context
def recheck_draw(
    ctx: click.Context,
    client: str,
    table: str,
    n: int,
    seed: int,
    columns: tuple[str, ...],
    by_source: bool,
    out: Path,
) -> None:
    """Draw a sample and write a file to fill in."""
    from kvitto.app.recheck import draw

    house, who = settings_of(ctx).open()
    found = draw(house, who, client, table, n, seed, out, columns=columns, by_source=by_source)
    click.echo(f"{found.name}: {len(found.lines)} values to check in {out}")
    click.echo("Fill in is_correct with yes or no, then: kvitto recheck answer")


@recheck.command("answer")
@click.option("-c", "--client", required=True, help="The client's id.")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def recheck_answer(ctx: click.Context, client: str, file: Path) -> None:
    """Read what was filled in, in your name. Figures follow with the next sync."""
    from kvitto.app.recheck import answer

    house, who = settings_of(ctx).open()
    found = answer(house, who, client, file)
    click.echo(f"{found.name}: {len(found.lines) - found.open} answered, {found.open} open")


@recheck.command("say")
@click.option("-c", "--client", required=True, help="The client's id.")
@click.argument("sample")
@click.argument("record")
@click.argument("field")
@click.argument("verdict", type=click.Choice(("yes", "no")))
@click.pass_context
def recheck_say(
    ctx: click.Context, client: str, sample: str, record: str, field: str, verdict: str
) -> None:
    """Answer one value: is FIELD of RECORD right?"""
    from kvitto.app.recheck import answer_one

    house, who = settings_of(ctx).open()
    found = answer_one(house, who, client, sample, record, field, verdict == "yes")
    click.echo(f"{found.name}: {len(found.lines) - found.open} answered, {found.open} open")


@recheck.command("result")
@click.option("-c", "--client", required=True, help="The client's id.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def recheck_result(ctx: click.Context, client: str, as_json: bool) -> None:
    """Show the share of wrong values, with its 95 % interval."""
    from kvitto.app.recheck import rates

    house, who = settings_of(ctx).open()
    found = rates(house, who, client)
    if as_json:
        print_json({"rates": [one.document() for one in found]})
        return
    if not found:
        click.echo("Nothing was answered yet.")
        return
    rows = [
        (
            f"{one.table}.{one.field}" if one.field else one.table,
            str(one.checked),
            str(one.wrong),
            _rate(one),
        )
        for one in found
    ]
    print_table(("Checked", "Values", "Wrong", "Error rate"), rows, (1, 2))


def _rate(one: Rate) -> str:
    if one.rate is None or one.low is None or one.high is None:
        return "too few to tell"
    return f"{one.rate:.1%} ({one.low:.1%} to {one.high:.1%})"


def _number(score: Score) -> str:
    return "no data" if score.score is None else f"{score.score:.1f}"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}" if whole else "no data"


def _day(day: object) -> str:
    return "never" if day is None else str(day)
