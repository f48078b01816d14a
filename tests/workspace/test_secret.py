"""Credentials by reference: where they are kept, and that nothing shows them."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kvitto.errors import KvittoError, SecretMissing
from kvitto.workspace.secret import (
    drop_secret,
    keep_secret,
    on_trial,
    open_secret,
    rotate_key,
    where_key,
)

KEY = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
OTHER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
NAME = "secret:crm.token"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's configuration, beside the workspace."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for variable in ("KVITTO_KEY", "KVITTO_KEY_NEW"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path / "config"


@pytest.fixture
def root(home: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


def key_file(home: Path) -> Path:
    (found,) = (home / "kvitto" / "keys").glob("*.key")
    return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_kept_is_found_again(root: Path) -> None:
    keep_secret(NAME, "tok-1", root)
    keep_secret("secret:connections/ads.token", '{"type": "key",\n"x": "å"}', root)
    assert open_secret(NAME, root) == "tok-1"
    assert open_secret("secret:connections/ads.token", root) == '{"type": "key",\n"x": "å"}'


def test_the_file_and_its_key_are_for_their_owner_alone(root: Path, home: Path) -> None:
    keep_secret(NAME, "tok-1", root)
    assert mode(root / ".kvitto" / "secrets") == 0o600
    assert mode(key_file(home)) == 0o600
    assert mode(key_file(home).parent) == 0o700


def test_neither_credential_nor_its_name_can_be_read_in_the_file(root: Path) -> None:
    keep_secret(NAME, "tok-very-secret", root)
    content = (root / ".kvitto" / "secrets").read_bytes()
    assert b"tok-very-secret" not in content
    assert b"crm" not in content


def test_the_key_is_never_in_the_workspace(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(root / "config"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with pytest.raises(SecretMissing, match="KVITTO_KEY"):
        keep_secret(NAME, "tok-1", root)
    assert list(root.rglob("*.key")) == []


def test_a_key_of_the_environment_comes_first(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KVITTO_KEY", KEY)
    keep_secret(NAME, "tok-1", root)
    assert not home.exists()
    assert open_secret(NAME, root) == "tok-1"


def test_another_key_says_what_to_do(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KVITTO_KEY", KEY)
    keep_secret(NAME, "tok-1", root)
    monkeypatch.setenv("KVITTO_KEY", OTHER)
    with pytest.raises(SecretMissing) as caught:
        open_secret(NAME, root)
    assert caught.value.code == "KV307"
    assert "another key" in str(caught.value)
    assert KEY not in str(caught.value)
    assert OTHER not in str(caught.value)
    with pytest.raises(SecretMissing):
        keep_secret(NAME, "tok-2", root)


def test_a_workspace_that_came_without_its_key_says_so(root: Path, home: Path) -> None:
    keep_secret(NAME, "tok-1", root)
    key_file(home).unlink()
    with pytest.raises(SecretMissing, match="Bring that key"):
        open_secret(NAME, root)


def test_a_moved_workspace_finds_its_key(root: Path) -> None:
    keep_secret(NAME, "tok-1", root)
    moved = root.rename(root.with_name("moved"))
    assert open_secret(NAME, moved) == "tok-1"


def test_a_key_that_others_may_read_is_refused(root: Path, home: Path) -> None:
    keep_secret(NAME, "tok-1", root)
    key_file(home).chmod(0o644)
    with pytest.raises(SecretMissing, match="chmod 600"):
        open_secret(NAME, root)


@pytest.mark.parametrize("wrong", ["hunter2", "AAAA", "!" * 44])
def test_a_password_is_no_key(root: Path, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("KVITTO_KEY", wrong)
    with pytest.raises(SecretMissing, match="openssl rand") as caught:
        keep_secret(NAME, "tok-1", root)
    assert wrong not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\xff", b'{"version": 2}'])
def test_a_damaged_file_is_told_and_left_alone(root: Path, content: bytes) -> None:
    keep_secret(NAME, "tok-1", root)
    (root / ".kvitto" / "secrets").write_bytes(content)
    with pytest.raises(SecretMissing, match="damaged"):
        open_secret(NAME, root)
    with pytest.raises(SecretMissing, match="damaged"):
        keep_secret(NAME, "tok-2", root)
    assert (root / ".kvitto" / "secrets").read_bytes() == content


def test_a_changed_byte_is_noticed(root: Path) -> None:
    keep_secret(NAME, "tok-1", root)
    path = root / ".kvitto" / "secrets"
    text = path.read_text()
    at = text.index('"data": "') + 40
    path.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    with pytest.raises(SecretMissing, match="damaged"):
        open_secret(NAME, root)


def test_many_writers_lose_nothing(root: Path) -> None:
    def keep(number: int) -> None:
        keep_secret(f"secret:s{number}", f"value {number}", root)

    writers = [threading.Thread(target=keep, args=(number,)) for number in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [open_secret(f"secret:s{n}", root) for n in range(12)] == [
        f"value {n}" for n in range(12)
    ]
    assert sorted(path.name for path in (root / ".kvitto").iterdir()) == ["secrets", "secrets.lock"]


def test_a_new_key_opens_what_the_old_one_closed(root: Path, home: Path) -> None:
    keep_secret(NAME, "tok-1", root)
    before = key_file(home)
    told = rotate_key(root)
    assert before.stem not in told
    assert before.exists()
    assert open_secret(NAME, root) == "tok-1"
    assert before.stem not in (root / ".kvitto" / "secrets").read_text()
    assert where_key(root) == told


def test_a_key_of_the_environment_is_exchanged_for_the_next_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KVITTO_KEY", KEY)
    keep_secret(NAME, "tok-1", root)
    with pytest.raises(SecretMissing, match="KVITTO_KEY_NEW"):
        rotate_key(root)
    monkeypatch.setenv("KVITTO_KEY_NEW", OTHER)
    rotate_key(root)
    monkeypatch.setenv("KVITTO_KEY", OTHER)
    assert open_secret(NAME, root) == "tok-1"


def test_a_forgotten_credential_is_gone(root: Path) -> None:
    keep_secret(NAME, "tok-1", root)
    drop_secret(NAME, root)
    with pytest.raises(SecretMissing, match="none of that name"):
        open_secret(NAME, root)


def test_a_writer_that_is_killed_leaves_what_was_there_or_what_is_new(
    root: Path, home: Path
) -> None:
    keep_secret(NAME, "0", root)
    program = (
        "import sys, pathlib\n"
        "from kvitto.workspace.secret import keep_secret\n"
        "for number in range(1, 10_000):\n"
        "    keep_secret(sys.argv[1], str(number), pathlib.Path(sys.argv[2]))\n"
        "    print(number, flush=True)\n"
    )
    command = [sys.executable, "-c", program, NAME, str(root)]
    for lines in (1, 3, 8):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(lines):
                writer.stdout.readline()
            writer.kill()
        assert int(open_secret(NAME, root)) >= lines
    keep_secret(NAME, "after", root)
    assert sorted(path.name for path in (root / ".kvitto").iterdir()) == ["secrets", "secrets.lock"]


def test_a_workspace_that_cannot_be_written_says_so(root: Path) -> None:
    (root / ".kvitto").write_text("a file where the folder should be")
    with pytest.raises(SecretMissing, match="cannot be written"):
        keep_secret(NAME, "tok-1", root)


@pytest.mark.parametrize(("value", "found"), [(None, "not set"), ("", "empty")])
def test_a_variable_that_says_nothing_is_missing(
    root: Path, monkeypatch: pytest.MonkeyPatch, value: str | None, found: str
) -> None:
    monkeypatch.delenv("CRM_TOKEN", raising=False)
    if value is not None:
        monkeypatch.setenv("CRM_TOKEN", value)
    with pytest.raises(SecretMissing, match=found):
        open_secret("env:CRM_TOKEN", root)


def test_a_renewed_token_replaces_the_one_of_the_environment_until_that_changes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_TOKEN", "first")
    keep_secret("env:CRM_TOKEN", "renewed by the server", root)
    assert open_secret("env:CRM_TOKEN", root) == "renewed by the server"
    monkeypatch.setenv("CRM_TOKEN", "typed anew")
    assert open_secret("env:CRM_TOKEN", root) == "typed anew"


def test_what_is_on_trial_is_written_nowhere(root: Path) -> None:
    with on_trial({NAME: "tok-1"}, root) as tried:
        assert open_secret(NAME, root) == "tok-1"
        keep_secret(NAME, "tok-2", root)
    assert tried == {NAME: "tok-2"}
    assert not (root / ".kvitto").exists()
    with pytest.raises(SecretMissing):
        open_secret(NAME, root)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KVITTO_KEY", KEY)
        yield root


SECRETS = st.text(st.characters(exclude_categories=()), min_size=8)
"""Any text, halves of characters too, long enough not to stand in a message by chance."""


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(secret=SECRETS)
def test_any_text_is_kept_and_never_shown(kept: Path, secret: str) -> None:
    os.environ["KVITTO_KEY"] = KEY
    keep_secret(NAME, secret, kept)
    assert open_secret(NAME, kept) == secret
    content = (kept / ".kvitto" / "secrets").read_text()
    assert secret not in content
    os.environ["KVITTO_KEY"] = OTHER
    for reference in (NAME, secret, f"env: {secret}", f"keyring:{secret}\n"):
        with pytest.raises(KvittoError) as caught:
            open_secret(reference, kept)
        assert secret not in str(caught.value)
        assert secret not in repr(caught.value)
