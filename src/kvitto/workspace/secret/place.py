"""From a reference to the credential, and back.

``env:NAME`` is read from the environment, ``secret:NAME`` is kept in the
workspace's encrypted file, ``keyring:NAME`` in the keyring of the operating
system. No message of this room holds a credential.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from kvitto.errors import KvittoError, SecretMissing
from kvitto.workspace.secret import ring, trial, vault
from kvitto.workspace.secret.key import Key, new_key, require_key, write_key

_REFERENCE = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|(secret|keyring):[A-Za-z0-9][\w./-]*)")


def is_reference(text: str) -> bool:
    """Whether the text names a credential, and is not one."""
    return _REFERENCE.fullmatch(text) is not None


def open_secret(reference: str, root: Path) -> str:
    """The credential that the reference names. Raises :class:`SecretMissing`."""
    tried = trial.look(reference, root)
    if tried is not None:
        return tried
    kind, name = _parts(reference)
    if kind == "env":
        return _from_environment(name, reference, root)
    found = ring.look(name) if kind == "keyring" else vault.read(root).get(name)
    if not found:
        place = "the keyring" if kind == "keyring" else f"{vault.FOLDER}/{vault.FILE}"
        raise SecretMissing.of(
            f"the credential {reference}",
            f"{place} holds none of that name",
            f"Keep it there: kvitto source secret {reference}",
        )
    return found


def keep_secret(reference: str, value: str, root: Path) -> None:
    """Store a credential where the reference says.

    One that a server has renewed while the environment holds the old one is
    kept in the encrypted file, and given instead of that old one from then on:
    until the environment says something new. Raises :class:`SecretMissing`
    where it cannot be stored.
    """
    if trial.replace(reference, value, root):
        return
    kind, name = _parts(reference)
    if kind == "keyring":
        ring.keep(name, value)
    elif kind == "env":
        held = os.environ.get(name, "")
        vault.change(root, {reference: f"{_digest(held)} {value}"})
    else:
        vault.change(root, {name: value})


def drop_secret(reference: str, root: Path) -> None:
    """Forget a credential of the encrypted file; the other places are a person's own."""
    kind, name = _parts(reference)
    if kind == "secret":
        vault.change(root, {name: None})


def where_key(root: Path) -> str:
    """Where the key of the encrypted file is, in words; never the key itself."""
    held = vault.key_id(root)
    if held is None:
        return "There is no encrypted file yet; its key is made with the first credential."
    return f"The key {held} is in {require_key(root, held).place}."


def rotate_key(root: Path) -> str:
    """Encrypt the file with a new key and say, in words, where that is.

    A key in the environment is exchanged for the one in ``KVITTO_KEY_NEW``.
    The old key stays where it was, for copies of the file made before.
    """
    new: list[Key] = []

    def made() -> Key:
        key = new_key(root)
        write_key(key)
        new.append(key)
        return key

    vault.rotate(root, made)
    return f"The key {new[0].id} is in {new[0].place}."


def _from_environment(name: str, reference: str, root: Path) -> str:
    value = os.environ.get(name, "").strip("\r\n")
    if not value:
        how = "set, but empty" if name in os.environ else "not set"
        raise SecretMissing.of(
            f"the credential {reference}",
            f"the variable {name} is {how}",
            f"Set {name} and run again.",
        )
    renewed = _renewed(reference, root)
    instead_of, _, later = renewed.partition(" ")
    return later if later and instead_of == _digest(os.environ[name]) else value


def _renewed(reference: str, root: Path) -> str:
    """What is kept instead of a variable; what the variable says counts where none can tell."""
    try:
        return vault.read(root).get(reference, "") if vault.key_id(root) else ""
    except SecretMissing:
        return ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _parts(reference: str) -> tuple[str, str]:
    kind, _, name = reference.partition(":")
    if is_reference(reference):
        return kind, name
    # What is no reference may be the credential itself: it is not repeated.
    raise _no_reference()


def _no_reference() -> KvittoError:
    return SecretMissing.of(
        "a credential",
        "what stands there names no place where credentials are kept",
        "Write env:NAME, secret:NAME or keyring:NAME.",
    )
