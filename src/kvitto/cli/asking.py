"""Asking a person at the terminal for what a new source needs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kvitto.app.connect import Asked, Kind


def can_ask() -> bool:
    """Whether a person is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask_kind(kinds: tuple[Kind, ...]) -> str:
    """Which kind of source it shall be."""
    chosen: str = click.prompt(
        "Kind", type=click.Choice([kind.kind for kind in kinds]), show_choices=False, err=True
    )
    return chosen


def ask_client(clients: tuple[str, ...]) -> str:
    """Whose data it is."""
    chosen: str = click.prompt("Client", type=click.Choice(list(clients)), err=True)
    return chosen


def ask_settings(kind: Kind, given: Mapping[str, Any]) -> dict[str, str]:
    """What was not said yet: what is needed, what decides on the sign-in, the rest if wanted."""
    answers: dict[str, str] = {}
    open_ones = [one for one in kind.settings if one.name not in given]
    first = [one for one in open_ones if one.required or one.name in kind.deciding]
    rest = [one for one in open_ones if one not in first]
    answers |= {one.name: _answer(one) for one in first}
    names = ", ".join(one.name for one in rest)
    if rest and click.confirm(f"Change other settings ({names})?", default=False, err=True):
        answers |= {one.name: _answer(one) for one in rest}
    defaults = {one.name: one.default for one in kind.settings}
    return {name: text for name, text in answers.items() if text not in ("", defaults[name])}


def ask_secrets(kind: Kind, given: Mapping[str, Any], browser: bool) -> dict[str, str]:
    """The credentials that were not given yet; nothing of them is shown. Empty ones are skipped."""
    answers = {}
    for one in kind.secrets:
        if one.name in given or (browser and one.name == kind.keeps):
            continue
        click.echo(one.about, err=True)
        skip = "" if one.required else " (Enter for none)"
        typed: str = click.prompt(
            f"{one.name}{skip}",
            hide_input=True,
            default=None if one.required else "",
            show_default=False,
            err=True,
        )
        if typed:
            answers[one.name] = typed
    return answers


def ask_browser(kind: Kind) -> bool:
    """Whether to sign in with the browser."""
    return click.confirm(f"Sign in to {kind.title} with the browser?", default=False, err=True)


def _answer(one: Asked) -> str:
    if one.about:
        click.echo(one.about, err=True)
    typed: str = click.prompt(
        one.name,
        default=None if one.required else one.default,
        type=click.Choice(list(one.choices)) if one.choices else str,
        err=True,
    )
    return typed
