"""The keyring of the operating system: a backend in memory stands for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kvitto.errors import MissingExtra, SecretMissing
from kvitto.workspace.secret import keep_secret, open_secret, where_key

pytest.importorskip("keyring")

import keyring
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring
from keyring.errors import KeyringLocked


class Ring(KeyringBackend):
    """Entries in memory; locked where a test says so."""

    priority = 9.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as it is published
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked")
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise KeyringLocked(f"locked, not storing {password}")
        self.entries[(service, username)] = password


@pytest.fixture
def ring() -> Iterator[Ring]:
    before = keyring.get_keyring()
    made = Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of a user whose settings cannot be written."""
    monkeypatch.delenv("KVITTO_KEY", raising=False)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "file"))
    return tmp_path


def test_what_is_kept_there_is_found_again(ring: Ring, tmp_path: Path) -> None:
    keep_secret("keyring:crm", "tok-1", tmp_path)
    assert ring.entries == {("kvitto", "crm"): "tok-1"}
    assert open_secret("keyring:crm", tmp_path) == "tok-1"


def test_what_is_not_there_says_how_to_put_it_there(ring: Ring, tmp_path: Path) -> None:
    with pytest.raises(SecretMissing, match="kvitto source secret keyring:crm"):
        open_secret("keyring:crm", tmp_path)


def test_a_locked_keyring_says_so_and_shows_nothing(ring: Ring, tmp_path: Path) -> None:
    ring.locked = True
    with pytest.raises(SecretMissing, match="locked") as caught:
        keep_secret("keyring:crm", "tok-1", tmp_path)
    assert "tok-1" not in str(caught.value)


def test_a_machine_without_a_keyring_says_so(tmp_path: Path) -> None:
    before = keyring.get_keyring()
    nothing: KeyringBackend = Keyring()  # type: ignore[no-untyped-call]  # as it is published
    keyring.set_keyring(nothing)
    try:
        with pytest.raises(SecretMissing, match="no keyring"):
            open_secret("keyring:crm", tmp_path)
    finally:
        keyring.set_keyring(before)


def test_a_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(MissingExtra, match=r"kvitto\[keyring\]"):
        open_secret("keyring:crm", tmp_path)


def test_the_key_goes_there_where_no_file_can_be_written(ring: Ring, nowhere: Path) -> None:
    keep_secret("secret:crm", "tok-1", nowhere)
    assert len(ring.entries) == 1
    assert open_secret("secret:crm", nowhere) == "tok-1"
    assert "the keyring" in where_key(nowhere)
