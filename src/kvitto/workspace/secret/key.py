"""The key of a workspace's encrypted file, which is never kept in the workspace.

``KVITTO_KEY`` holds it, or a file of the user's own configuration, or the
keyring. An encrypted file names its key by an id, so that workspaces may be
moved and a wrong key is told from a broken file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import stat
import sys
from dataclasses import dataclass, field
from pathlib import Path

from kvitto.errors import SecretMissing
from kvitto.workspace.secret import ring

VARIABLE = "KVITTO_KEY"
NEXT = "KVITTO_KEY_NEW"
LENGTH = 32
"""Bytes of a key (AES-256)."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key; ``place`` says in words where it is kept. Its bytes are never shown."""

    id: str
    place: str
    content: bytes = field(repr=False)
    path: Path | None = None
    in_ring: bool = False


def require_key(root: Path, key_id: str) -> Key:
    """The key of that id. Raises :class:`SecretMissing` where this machine has it not."""
    told = _told(VARIABLE)
    if told is not None:
        if told.id == key_id:
            return told
        raise _lacking(key_id, f"{VARIABLE} holds another key, {told.id}")
    path = _path(key_id)
    if path is not None and path.is_file():
        return _from_file(path, key_id)
    held = ring.look(_entry(key_id)) if ring.is_there() else None
    if held:
        return Key(key_id, "the keyring", _bytes(held, "the keyring"), in_ring=True)
    raise _lacking(key_id, f"{VARIABLE} is not set and {path or 'a file'} is not there")


def first_key(root: Path) -> Key:
    """The key for a new encrypted file: that of the environment, else a new one."""
    return _told(VARIABLE) or _made(root)


def new_key(root: Path) -> Key:
    """The key to change to. Raises :class:`SecretMissing` where the environment must say it."""
    told = _told(NEXT)
    if told is not None:
        return told
    if os.environ.get(VARIABLE):
        raise SecretMissing.of(
            "a new key",
            f"the present one is in {VARIABLE}, and {NEXT} is not set",
            f"Set {NEXT} to a new key (openssl rand -base64 32), run this again, and then "
            f"let {VARIABLE} be the new one.",
        )
    return _made(root)


def write_key(key: Key) -> None:
    """Put a new key where it says it is. One of the environment is there already."""
    text = base64.urlsafe_b64encode(key.content).decode()
    if key.in_ring:
        ring.keep(_entry(key.id), text)
    elif key.path is not None and not key.path.exists():
        key.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = key.path.with_name(f".{key.path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, key.path)
        # What is sealed with a key that a power cut took back would be lost.
        folder = os.open(key.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _made(root: Path) -> Key:
    content = secrets.token_bytes(LENGTH)
    made = _id(content)
    path = _path(made)
    inside = path is not None and path.resolve().is_relative_to(root.resolve())
    if path is not None and not inside and _can_write(path.parent):
        return Key(made, str(path), content, path=path)
    if ring.is_there():
        return Key(made, "the keyring", content, in_ring=True)
    why = "lies in the workspace itself" if inside else "cannot be written"
    raise SecretMissing.of(
        "a place for the key of the encrypted file",
        f"{path.parent if path else 'a home folder'} {why}, and this machine has no keyring",
        f"Set {VARIABLE} to a key of your own: openssl rand -base64 32",
    )


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _told(variable: str) -> Key | None:
    text = os.environ.get(variable, "").strip()
    if not text:
        return None
    content = _bytes(text, variable)
    return Key(_id(content), variable, content)


def _from_file(path: Path, key_id: str) -> Key:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SecretMissing.of(
            f"the key {key_id}",
            f"others on this machine may read {path}",
            f"Close it: chmod 600 '{path}'. If others were here, then: kvitto source key rotate",
        )
    content = _bytes(path.read_text("utf-8", "replace").strip(), str(path))
    if _id(content) != key_id:
        raise _lacking(key_id, f"{path} holds another key")
    return Key(key_id, str(path), content, path=path)


def _bytes(text: str, place: str) -> bytes:
    plain = text.replace("-", "+").replace("_", "/")
    try:
        content = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        content = b""
    if len(content) != LENGTH:
        raise SecretMissing.of(
            f"a key in {place}",
            f"what is there is not {LENGTH} bytes in base64",
            "Make one with: openssl rand -base64 32",
        )
    return content


def _lacking(key_id: str, found: str) -> Exception:
    return SecretMissing.of(
        f"the key {key_id}, with which the credentials of this workspace are encrypted",
        found,
        f"Bring that key from where the credentials were kept (kvitto source key where), as a "
        f"file or in {VARIABLE}; or remove .kvitto/secrets and enter the credentials anew.",
    )


def _path(key_id: str) -> Path | None:
    try:
        return _configuration() / "kvitto" / "keys" / f"{key_id}.key"
    except RuntimeError:
        # A container's user may have no home at all.
        return None


def _configuration() -> Path:
    """Where programs of this user keep their settings."""
    named = os.environ.get("XDG_CONFIG_HOME")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path.home() / ".config"


def _entry(key_id: str) -> str:
    return f"key/{key_id}"


def _id(content: bytes) -> str:
    return hashlib.sha256(b"kvitto key " + content).hexdigest()[:12]
