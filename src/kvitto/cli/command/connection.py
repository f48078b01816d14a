"""Adding a source, testing its sign-in, keeping its credentials."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from kvitto.cli.asking import (
    ask_browser,
    ask_client,
    ask_kind,
    ask_secrets,
    ask_settings,
    can_ask,
)
from kvitto.cli.given import place_secrets, read_pairs, read_value
from kvitto.cli.option import Settings, settings_of
from kvitto.cli.screen import print_json, print_table, progress, say

if TYPE_CHECKING:
    from kvitto.app.connect import Added, NewSource, Tested
    from kvitto.app.house import House
    from kvitto.app.who import Who


@click.group()
def source() -> None:
    """Add a source, test its connection, keep its credentials."""


@source.command("add")
@click.argument("kind", required=False)
@click.option("-c", "--client", metavar="CLIENT", help="Whose data it is.")
@click.option("--clients", metavar="YAML", help="How the rows of several clients are told apart.")
@click.option("--name", metavar="NAME", help="What the source is called (its file) [the kind].")
@click.option("--connection", metavar="NAME", help="A sign-in to share with other sources.")
@click.option("--path", metavar="PATH", help="For files: a file, a folder or a glob.")
@click.option("--since", metavar="DAY", help="The first day to read.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting; @FILE reads.")
@click.option(
    "--secret", "secrets", multiple=True, metavar="NAME=PLACE", help="env:X, @FILE, - (stdin)."
)
@click.option("--browser", is_flag=True, help="Sign in with the browser.")
@click.option("--no-open", is_flag=True, help="Print the address, open no browser.")
@click.option("--port", type=int, help="Port of this machine for the browser's answer.")
@click.option("--wait", "seconds", type=float, metavar="SECONDS", help="How long [300].")
@click.option("--allow-private", is_flag=True, help="It may be a server of the own network.")
@click.option("--untested", is_flag=True, help="Write it without testing the connection.")
@click.option("--yes", is_flag=True, help="Change a file that exists; ask nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def add(ctx: click.Context, /, kind: str | None, as_json: bool, **said: Any) -> None:
    """Add a source of KIND: ask, test the connection, write its file. Without KIND: list them.

    Credentials are typed in hidden, or named with --secret; they are kept in an
    encrypted file and never stand in the source's own.
    """
    from kvitto.app.connect import add as added
    from kvitto.app.connect import kinds

    settings = settings_of(ctx)
    asking = can_ask() and not said["yes"] and not as_json
    if kind is None:
        _print_kinds(as_json)
        if not asking:
            return
        kind = ask_kind(kinds())
    house, who = settings.open()
    new = _said(kind, said)
    browser = said["browser"]
    if asking:
        new, browser = _asked(house, who, new, browser)
    show = _shower(settings, said["no_open"]) if browser else None
    say(settings, "" if said["untested"] else "Testing the connection")
    found = added(
        house,
        who,
        new,
        untested=said["untested"],
        show=show,
        port=said["port"],
        seconds=said["seconds"],
    )
    if as_json:
        print_json(found.document())
    else:
        _print_added(settings, found)


@source.command("test")
@click.argument("names", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def test(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> int:
    """Sign in to all sources, or the named ones: as whom, what can be read, when it ends.

    Ends with 1 where any fails; the others are tested all the same.
    """
    from kvitto.app.connect import check_sources

    settings = settings_of(ctx)
    house, who = settings.open()
    with progress(settings, as_json) as tell:
        tested = check_sources(house, who, names, tell)
    if as_json:
        print_json({"sources": [one.document() for one in tested]})
    else:
        for one in tested:
            _print_tested(one)
    return 0 if all(one.fine for one in tested) else 1


@source.command("connect")
@click.argument("name")
@click.option("--no-open", is_flag=True, help="Print the address, open no browser.")
@click.option("--port", type=int, help="Port of this machine for the browser's answer.")
@click.option("--wait", "seconds", type=float, metavar="SECONDS", help="How long [300].")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def connect(
    ctx: click.Context,
    name: str,
    no_open: bool,
    port: int | None,
    seconds: float | None,
    as_json: bool,
) -> int:
    """Sign in with the browser to a source or a connection, NAME; again where it has ended.

    A connection that several sources share is mended for all of them at once.
    Ends with 1 where one of them still cannot be read.
    """
    from kvitto.app.connect import connect as connected

    settings = settings_of(ctx)
    house, who = settings.open()
    show = _shower(settings, no_open)
    found = connected(house, who, name, show, port=port, seconds=seconds)
    if as_json:
        print_json(found.document())
    else:
        shared = f" (connection {found.connection})" if found.connection else ""
        click.echo(f"Signed in{shared}; the token is kept as {found.kept}.")
        for one in found.sources:
            _print_tested(one)
    return 0 if found.fine else 1


@source.command("secret")
@click.argument("reference")
@click.pass_context
def secret(ctx: click.Context, reference: str) -> None:
    """Keep a credential at REFERENCE (secret:NAME, keyring:NAME): typed hidden, or from stdin."""
    from kvitto.app.connect import keep

    house, who = settings_of(ctx).open()
    asking = can_ask()
    value = (
        click.prompt(reference, hide_input=True, err=True)
        if asking
        else sys.stdin.read().rstrip("\r\n")
    )
    keep(house, who, reference, value)
    click.echo(f"Kept. Write {reference} where it is needed.")


@source.group("key")
def key() -> None:
    """The key of the encrypted file: where it is, and changing it."""


@key.command("where")
@click.pass_context
def where(ctx: click.Context) -> None:
    """Say where the key is, never what it is."""
    from kvitto.app.connect import key_place

    house, who = settings_of(ctx).open()
    click.echo(key_place(house, who))


@key.command("rotate")
@click.pass_context
def rotate(ctx: click.Context) -> None:
    """Encrypt all credentials anew with a new key (in KVITTO_KEY_NEW, or made now)."""
    from kvitto.app.connect import new_key

    house, who = settings_of(ctx).open()
    click.echo(new_key(house, who))


def _said(kind: str, said: dict[str, Any]) -> NewSource:
    """What the command line says."""
    from kvitto.app.connect import NewSource

    references, secrets = place_secrets(said["secrets"])
    settings = read_pairs(said["pairs"])
    return NewSource(
        kind,
        name=said["name"],
        client=said["client"],
        clients=None if said["clients"] is None else _rule(said["clients"]),
        connection=said["connection"],
        settings=settings,
        references=references,
        secrets=secrets,
        path=said["path"] or "",
        since=said["since"] or "",
        allow_private=said["allow_private"],
        change=said["yes"],
    )


def _rule(text: str) -> dict[str, Any]:
    found = read_value(text)
    if not isinstance(found, dict):
        raise click.BadParameter("write --clients '{column: account_id, map: {\"123\": acme}}'")
    return found


def _asked(house: House, who: Who, new: NewSource, browser: bool) -> tuple[NewSource, bool]:
    """What a person adds to it."""
    from kvitto.app.connect import kind_named

    kind = kind_named(new.kind)
    clients = tuple(sorted(set(house.workspace.clients) & who.scope.clients))
    if new.client is None and new.clients is None and len(clients) > 1:
        new = replace(new, client=ask_client(clients))
    exists = new.name in house.workspace.sources
    if exists and click.confirm(f"The source {new.name} exists. Change it?", err=True):
        new = replace(new, change=True)
    shared = house.workspace.connections.get(new.connection or "")
    given = {**({} if shared is None else shared.settings), **new.settings}
    answers = ask_settings(kind, given | ({"path": new.path} if new.path else {}))
    path = answers.pop("path", new.path) if new.kind == "file" else new.path
    typed = {name: read_value(text) for name, text in answers.items()}
    new = replace(new, path=path, settings={**new.settings, **typed})
    if shared is not None:
        return new, browser
    browser = browser or (kind.browser and ask_browser(kind))
    held = {**new.references, **new.secrets}
    secrets = ask_secrets(kind, held, browser)
    return replace(new, secrets={**new.secrets, **secrets}), browser


def _shower(settings: Settings, no_open: bool) -> Callable[[str], None]:
    """Tells a person the address, and opens it where this machine has a screen."""

    def show(address: str) -> None:
        click.echo("Sign in with a browser on this machine at:", err=True)
        click.echo(address, err=True)
        if not no_open and _has_screen():
            import webbrowser

            webbrowser.open(address)

    return show


def _has_screen() -> bool:
    """A browser in the terminal would take it over, so only one with windows is opened."""
    import os

    screens = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in ("darwin", "win32") or any(os.environ.get(one) for one in screens)


def _print_kinds(as_json: bool) -> None:
    from kvitto.app.connect import kinds

    found = kinds()
    if as_json:
        print_json({"kinds": [kind.document() for kind in found]})
        return
    rows = [(kind.kind, kind.title, _first_words(kind.reads)) for kind in found]
    print_table(("Kind", "Title", "Reads"), rows)
    click.echo("Add one with: kvitto source add KIND")


def _first_words(text: str) -> str:
    return text if len(text) <= 100 else text[:100].rsplit(" ", 1)[0].rstrip(",;") + " ..."


def _print_added(settings: Settings, added: Added) -> None:
    if added.tested is not None:
        _print_tested(added.tested)
    for file in added.files:
        click.echo(f"Wrote {file}")
    for name, reference in added.references.items():
        click.echo(f"  {name}: {reference}")
    say(settings, f"Read it: kvitto sync {added.name}")


def _print_tested(one: Tested) -> None:
    if not one.fine:
        click.secho(f"{one.name}: failed ({one.code})", fg="red")
        for problem in one.problems:
            click.echo(f"  {problem.asked}: {problem.found}.")
            click.echo(f"  {problem.todo}")
        return
    place = ", ".join(text for text in (one.timezone, one.currency) if text)
    click.secho(f"{one.name}: {one.label}" + (f" ({place})" if place else ""), fg="green")
    if one.reads:
        click.echo(f"  reads {', '.join(one.reads)}")
    for stream, why in one.refused:
        click.echo(f"  cannot read {stream}: {why}")
    if one.expires_at and not one.warnings:
        click.echo(f"  the sign-in holds until {one.expires_at[:10]} ({one.days_left} days)")
    for warning in one.warnings:
        click.secho(f"  {warning}", fg="yellow")
