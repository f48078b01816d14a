"""Labels: which wait for a decision, what one would change, and deciding."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from kvitto.cli.option import settings_of
from kvitto.cli.screen import print_json, print_table, say

if TYPE_CHECKING:
    from kvitto.app.label import Kind, WaitingLabel
    from kvitto.app.label_preview import Preview


@click.command()
@click.option("-c", "--client", help="Only this client.")
@click.option("--all", "everything", is_flag=True, help="Also labels that resemble nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def labels(ctx: click.Context, client: str | None, everything: bool, as_json: bool) -> int:
    """Show the labels that wait for a decision, with what each may mean.

    Ends with 1 where any waits.
    """
    from kvitto.app.label import waiting_labels

    settings = settings_of(ctx)
    house, who = settings.open()
    found = waiting_labels(house, who, client, everything=everything)
    waits = any(one.reason != "new" for one in found)
    if as_json:
        print_json({"labels": [asdict(one) for one in found]})
        return 1 if waits else 0
    if not found:
        click.echo("No label waits for a decision.")
        return 0
    print_table(
        ("Client", "Concept", "Label", "Rows", "", "May be", "Why"), [_row(o) for o in found], (3,)
    )
    first = next((one for one in found if one.suggestions), None)
    if first is not None:
        given = f"{first.client} {first.concept} '{first.label}'"
        means = str(first.suggestions[0]["canonical"])
        say(settings, f"\nSee what it would change: kvitto label preview {given} '{means}'")
        say(settings, f"Decide: kvitto label set {given} '{means}' --by NAME")
    return 1 if waits else 0


def _row(one: WaitingLabel) -> tuple[str, ...]:
    best = one.suggestions[0] if one.suggestions else None
    canonical = "" if best is None else f"{best['canonical']}"
    why = "" if best is None else f"{best['why']}"
    return one.client, one.concept, one.label, str(one.rows), one.reason, canonical, why


@click.group()
def label() -> None:
    """Decide what a label means, see first what that changes, or take it back."""


def _kind(pattern: bool, folded: bool) -> Kind:
    if pattern and folded:
        raise click.UsageError("Give --pattern or --folded, not both.")
    return "pattern" if pattern else "folded" if folded else "exact"


@label.command("set")
@click.argument("client")
@click.argument("concept")
@click.argument("raw")
@click.argument("canonical")
@click.option("--by", metavar="NAME", help="Who decides it [--as, $USER].")
@click.option("--pattern", is_flag=True, help="RAW is a regular expression for the whole label.")
@click.option("--folded", is_flag=True, help="Whatever the case, accents, signs and spaces.")
@click.option("--replace", is_flag=True, help="End an older rule on the same label.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def set_label(
    ctx: click.Context,
    client: str,
    concept: str,
    raw: str,
    canonical: str,
    by: str | None,
    pattern: bool,
    folded: bool,
    replace: bool,
    as_json: bool,
) -> None:
    """Say that RAW means CANONICAL, for CLIENT: a rule in rules/CLIENT.yml.

    CONCEPT is source, channel, stage, outcome, loss_reason, country, industry,
    conversion_event, ..., or a column such as leads.status.
    """
    from dataclasses import replace as changed

    from kvitto.app.label import decide_label

    settings = settings_of(ctx)
    house, who = settings.open()
    who = who if by is None else changed(who, name=by)
    kind = _kind(pattern, folded)
    done = decide_label(house, who, client, concept, raw, canonical, kind=kind, replace=replace)
    if as_json:
        print_json({**asdict(done), "valid_from": done.valid_from.isoformat()})
        return
    click.echo(f"{done.file}: {concept} '{raw}' means '{canonical}' ({kind}, {done.by})")
    say(settings, "It holds from the next sync on: kvitto sync")


@label.command("drop")
@click.argument("client")
@click.argument("concept")
@click.argument("raw")
@click.option("--by", metavar="NAME", help="Who decides it [--as, $USER].")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def drop(
    ctx: click.Context, client: str, concept: str, raw: str, by: str | None, as_json: bool
) -> None:
    """End the rule of CLIENT on RAW today. It stays in the file, to explain older figures."""
    from dataclasses import replace as changed

    from kvitto.app.label import drop_label

    settings = settings_of(ctx)
    house, who = settings.open()
    ended = drop_label(house, who if by is None else changed(who, name=by), client, concept, raw)
    if as_json:
        print_json({"client": client, "concept": concept, "label": raw, "ended": ended})
    else:
        click.echo(f"Ended today: {ended} rule on '{raw}'. The next sync shows the label as it is.")


@label.command("preview")
@click.argument("client")
@click.argument("concept")
@click.argument("raw")
@click.argument("canonical")
@click.option("-p", "--period", default="this year", show_default=True, help="Which figures.")
@click.option("-m", "--metric", "metrics", multiple=True, help="Only this metric; repeatable.")
@click.option("--pattern", is_flag=True, help="RAW is a regular expression for the whole label.")
@click.option("--folded", is_flag=True, help="Whatever the case, accents, signs and spaces.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def preview(
    ctx: click.Context,
    client: str,
    concept: str,
    raw: str,
    canonical: str,
    period: str,
    metrics: tuple[str, ...],
    pattern: bool,
    folded: bool,
    as_json: bool,
) -> None:
    """Show which figures would change if RAW meant CANONICAL. Nothing is written."""
    from kvitto.app.ask import period_for
    from kvitto.app.label_preview import preview_label

    house, who = settings_of(ctx).open()
    found = preview_label(
        house,
        who,
        client,
        concept,
        raw,
        canonical,
        period_for(house, client, period),
        kind=_kind(pattern, folded),
        metrics=metrics,
    )
    if as_json:
        print_json(found.document())
        return
    _print_preview(found)


def _print_preview(found: Preview) -> None:
    named = ", ".join(f"'{one}'" for one in found.labels[:8]) or "no label"
    click.echo(f"{named} in {found.rows} rows would be called '{found.canonical}'")
    if not found.effects:
        click.echo(f"No figure of {found.period} changes.")
        return
    rows = [
        (
            one.metric,
            f"{one.dimension} = {one.member or '-'}" if one.dimension else "",
            one.before,
            one.after,
        )
        for one in found.effects
    ]
    print_table(("Metric", "Of", "Before", "After"), rows, (2, 3))
    whole = "" if found.totals_change else "; no total changes"
    click.echo(f"{len(found.effects)} figures of {found.period} change{whole}.")
