"""Credentials by reference: the environment holds them, or an encrypted file, or a keyring."""

from __future__ import annotations

import os
from pathlib import Path

from kvitto.errors import SecretMissing


def open_secret(reference: str, root: Path) -> str:
    """The credential that the reference names. Raises :class:`SecretMissing`."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = os.environ.get(name)
        if value:
            return value
        raise SecretMissing.of(
            f"the credential {reference}",
            f"the variable {name} is not set",
            f"Set {name} and run again.",
        )
    raise SecretMissing.of(
        f"the credential {reference}",
        f"'{kind}' is no place for credentials",
        "Write env:NAME, secret:NAME or keyring:NAME.",
    )


def keep_secret(reference: str, value: str, root: Path) -> None:
    """Store a credential that the server has renewed, where the reference can be written."""
