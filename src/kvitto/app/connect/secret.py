"""Keeping a credential, and the key of the encrypted file."""

from __future__ import annotations

from kvitto.app.house import House
from kvitto.app.log import note
from kvitto.app.who import Who, require_owner
from kvitto.errors import WrongUse


def keep(house: House, who: Who, reference: str, value: str) -> None:
    """Keep a credential where the reference says. Raises :class:`WrongUse`, ``SecretMissing``."""
    from kvitto.workspace.secret import is_reference, keep_secret

    require_owner(who, "keep a credential")
    if not is_reference(reference) or reference.startswith("env:"):
        raise WrongUse.of(
            "keep a credential",
            "that is no place in which one can be kept",
            "Write secret:NAME (encrypted file) or keyring:NAME.",
        )
    if not value:
        raise WrongUse.of(f"keep {reference}", "it is empty", "Give it on standard input.")
    keep_secret(reference, value, house.root)
    note(house, who, "secret.keep", reference)


def key_place(house: House, who: Who) -> str:
    """Where the key of the encrypted file is, in words."""
    from kvitto.workspace.secret import where_key

    require_owner(who, "see where the key is")
    return where_key(house.root)


def new_key(house: House, who: Who) -> str:
    """Encrypt the credentials with a new key; where that is, in words."""
    from kvitto.workspace.secret import rotate_key

    require_owner(who, "change the key")
    place = rotate_key(house.root)
    note(house, who, "secret.rotate", "key")
    return place
