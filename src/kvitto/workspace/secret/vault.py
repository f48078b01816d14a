"""The encrypted file of a workspace: all its credentials, under one key.

One JSON document, sealed as a whole with AES-256-GCM, so that neither names
nor lengths show. It is replaced in one step under a lock that dies with its
holder.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kvitto.errors import Busy, SecretMissing, WrongUse
from kvitto.workspace.secret.key import Key, first_key, require_key, write_key

FOLDER = ".kvitto"
FILE = "secrets"
VERSION = 1
_PATIENCE = 10.0
"""Seconds to wait for another writer, who needs some thousandths of one."""
_NONCE = 12


@dataclass(frozen=True, slots=True)
class _Sealed:
    """The file as it lies there: the id of its key, and what only the key opens."""

    key: str
    nonce: bytes
    data: bytes


def key_id(root: Path) -> str | None:
    """The id of the key that opens the file; ``None`` where there is no file."""
    sealed = _load(root)
    return None if sealed is None else sealed.key


def read(root: Path) -> dict[str, str]:
    """All credentials by name. Raises :class:`SecretMissing` where the key is not to be had."""
    sealed = _load(root)
    return {} if sealed is None else _open(sealed, require_key(root, sealed.key))


def change(root: Path, values: Mapping[str, str | None]) -> None:
    """Keep, exchange or (``None``) forget credentials; the others stay as they are."""
    with _lock(root):
        sealed = _load(root)
        if sealed is None and not any(values.values()):
            return
        key = first_key(root) if sealed is None else require_key(root, sealed.key)
        held = {} if sealed is None else _open(sealed, key)
        after = {**held, **{name: value for name, value in values.items() if value is not None}}
        for name in (name for name, value in values.items() if value is None):
            after.pop(name, None)
        if after != held:
            if sealed is None:
                write_key(key)
            _save(root, after, key)


def rotate(root: Path, new: Callable[[], Key]) -> None:
    """Seal the file with another key, which is made when the old one was found to open it."""
    with _lock(root):
        sealed = _load(root)
        if sealed is None:
            raise WrongUse.of(
                "change the key",
                "no credential is kept in the encrypted file",
                "There is nothing to do: the first credential makes a key.",
            )
        held = _open(sealed, require_key(root, sealed.key))
        _save(root, held, new())


def _load(root: Path) -> _Sealed | None:
    path = root / FOLDER / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SecretMissing.of(
            "the credentials of the workspace",
            f"{path} cannot be read ({error.strerror})",
            "Run as the user who owns the workspace.",
        ) from None
    try:
        plain = json.loads(content)
        if plain["version"] != VERSION:
            raise ValueError("another version")
        nonce, data = (base64.b64decode(plain[part], validate=True) for part in ("nonce", "data"))
        return _Sealed(str(plain["key"]), nonce, data)
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise _broken(path) from None


def _open(sealed: _Sealed, key: Key) -> dict[str, str]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        plain = AESGCM(key.content).decrypt(sealed.nonce, sealed.data, _about(sealed.key))
        return {str(name): str(value) for name, value in json.loads(plain).items()}
    except (InvalidTag, ValueError):
        raise _broken(Path(FOLDER) / FILE) from None


def _save(root: Path, values: Mapping[str, str], key: Key) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(_NONCE)
    # Lengths are told in steps only, so that they give nothing away.
    text = json.dumps(dict(values), sort_keys=True).encode()
    text += b" " * (-len(text) % 1024)
    data = AESGCM(key.content).encrypt(nonce, text, _about(key.id))
    plain = {
        "version": VERSION,
        "key": key.id,
        "nonce": base64.b64encode(nonce).decode(),
        "data": base64.b64encode(data).decode(),
    }
    _replace(root / FOLDER / FILE, json.dumps(plain, indent=1).encode() + b"\n")


def _about(key: str) -> bytes:
    return f"kvitto secrets {VERSION} {key}".encode()


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _lock(root: Path) -> Iterator[None]:
    folder = root / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / f"{FILE}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise SecretMissing.of(
            "keep a credential",
            f"{folder} cannot be written ({error.strerror})",
            "Make it writable for this user, or keep the credential in the environment.",
        ) from None
    try:
        _take(handle)
        for left in folder.glob(f".{FILE}.*"):
            # Whoever holds the lock is alone: this is of a run that was killed.
            left.unlink(missing_ok=True)
        yield
    finally:
        os.close(handle)


def _take(handle: int) -> None:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise Busy.of(
                    "keep a credential", "another run is keeping one", "Try again in a moment."
                ) from None
            time.sleep(0.02)
        else:
            return


def _broken(path: Path) -> Exception:
    return SecretMissing.of(
        "the credentials of the workspace",
        f"{path} is damaged, or was written by a newer version",
        "Bring it back from a backup, or remove it and enter the credentials anew.",
    )
