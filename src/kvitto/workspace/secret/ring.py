"""The keyring of the operating system, through the optional package ``keyring``."""

from __future__ import annotations

from typing import Any

from kvitto.errors import MissingExtra, SecretMissing

SERVICE = "kvitto"


def look(name: str) -> str | None:
    """The entry of that name. Raises :class:`SecretMissing`, :class:`MissingExtra`."""
    keyring = _library()
    try:
        found: str | None = keyring.get_password(SERVICE, name)
    except keyring.errors.KeyringError as error:
        raise _closed(name, error, keyring) from None
    return found


def keep(name: str, value: str) -> None:
    """Write the entry of that name. Raises as :func:`look` does."""
    keyring = _library()
    try:
        keyring.set_password(SERVICE, name, value)
    except keyring.errors.KeyringError as error:
        raise _closed(name, error, keyring) from None


def is_there() -> bool:
    """Whether this machine has a keyring that can be asked."""
    try:
        keyring = _library()
        return float(keyring.get_keyring().priority) > 0
    except (MissingExtra, RuntimeError):
        return False


def _library() -> Any:
    try:
        import keyring
        import keyring.errors
    except ModuleNotFoundError as error:
        raise MissingExtra.of(
            "the keyring of the operating system",
            f"the package '{error.name}' is not installed",
            "Install it with: pip install 'kvitto[keyring]'",
        ) from None
    return keyring


def _closed(name: str, error: Exception, keyring: Any) -> Exception:
    if isinstance(error, keyring.errors.NoKeyringError):
        found = "this machine has no keyring (no desktop is running)"
    elif isinstance(error, keyring.errors.KeyringLocked):
        found = "the keyring is locked"
    else:
        found = f"the keyring refuses ({type(error).__name__})"
    return SecretMissing.of(
        f"the credential keyring:{name}",
        found,
        "Unlock it, or keep the credential elsewhere: secret:NAME (encrypted file) or env:NAME.",
    )
