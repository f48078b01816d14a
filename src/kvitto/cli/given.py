"""Settings and credentials as they are given on the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click


def read_pairs(pairs: Sequence[str]) -> dict[str, Any]:
    """``key=value`` texts as nested settings: ``auth.kind=bearer``, ``streams=@streams.yml``."""
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"'{key}' has no value; write KEY=VALUE")
        here = found
        *above, last = key.split(".")
        for name in above:
            below = here.setdefault(name, {})
            if not isinstance(below, dict):
                raise click.BadParameter(f"'{name}' is given twice, in two ways")
            here = below
        here[last] = read_value(text)
    return found


def read_value(text: str) -> Any:
    """A value as YAML writes it; ``@FILE`` reads it from a file. Numbers stay texts."""
    from kvitto.workspace.document import parse_document

    if text.startswith("@"):
        text = _content(text[1:])
    document, problems = parse_document(text, Path("value"), "value")
    return text if problems or document.value is None else document.value


def place_secrets(given: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """``name=place`` texts as references, and as credentials to be kept in the encrypted file.

    A credential itself on the command line is taken, with a warning: other
    people of the machine see it while the command runs, and the shell keeps it.
    """
    from kvitto.workspace.secret import is_reference

    references: dict[str, str] = {}
    secrets: dict[str, str] = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals or not name or not text:
            raise click.BadParameter("write --secret NAME=env:VARIABLE (or =@FILE, or =-)")
        if is_reference(text):
            references[name] = text
        elif text == "-":
            secrets[name] = sys.stdin.read().rstrip("\r\n")
        elif text.startswith("@"):
            secrets[name] = _content(text[1:]).rstrip("\r\n")
        else:
            click.secho(
                f"Warning: the credential {name} stands on the command line, where others can "
                f"read it. Renew it, and give it as --secret {name}=env:VARIABLE or {name}=-",
                fg="yellow",
                err=True,
            )
            secrets[name] = text
    return references, secrets


def _content(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise click.BadParameter(f"{name} cannot be read: {why}") from None
