"""Credentials by reference: the environment holds them, or an encrypted file, or a keyring."""

from kvitto.workspace.secret.place import (
    drop_secret,
    is_reference,
    keep_secret,
    open_secret,
    rotate_key,
    where_key,
)
from kvitto.workspace.secret.trial import on_trial

__all__ = [
    "drop_secret",
    "is_reference",
    "keep_secret",
    "on_trial",
    "open_secret",
    "rotate_key",
    "where_key",
]
