"""Sealing: whole or not at all, once and for good."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kvitto.errors import SealBroken, UnknownName, Unresolved, WriteFailed, WrongState
from kvitto.model.edition import Edition, State
from kvitto.model.receipt import Receipt
from kvitto.report.approval import approve, return_edition, state_of
from kvitto.report.draft import drafts, read_draft, remove_draft, write_draft
from kvitto.report.place import edition_id, folder_of
from kvitto.report.seal import is_sealed, open_sealed, seal, sealed_lines
from kvitto.report.series import last_number, open_draft, previous_sealed, sealed_editions
from kvitto.report.text import edit_text
from tests.report import made


@pytest.fixture(scope="module")
def approved() -> Edition:
    return approve(made.standard("R13"), "Elin Sandberg", made.NOW)


def close(edition: Edition, root: Path) -> Path:
    seal(edition, made.write_lines, root, by="Elin Sandberg", at=made.NOW)
    return folder_of(root, edition.id)


def test_a_sealed_edition_opens_as_it_was(approved: Edition, tmp_path: Path) -> None:
    folder = close(approved, tmp_path)
    edition, stamp = open_sealed(folder)
    assert edition == approved
    assert stamp.content_hash == approved.content_hash()
    assert stamp.sealed_by == "Elin Sandberg"
    assert edition.reviews[-1].by == "Elin Sandberg"


def test_every_receipt_is_sealed_with_its_lines(approved: Edition, tmp_path: Path) -> None:
    folder = close(approved, tmp_path)
    names = {path.stem for path in (folder / "receipts").iterdir()}
    assert names == set(approved.receipts)
    assert sealed_lines(folder, next(iter(names))).is_file()


def test_what_is_sealed_cannot_be_written(approved: Edition, tmp_path: Path) -> None:
    for path in close(approved, tmp_path).rglob("*"):
        if path.is_file():
            assert not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)


def test_a_draft_is_not_sealed_before_it_is_approved(tmp_path: Path) -> None:
    with pytest.raises(WrongState, match="nobody has approved"):
        close(made.standard("R13"), tmp_path)
    assert sealed_editions(tmp_path) == ()


def test_a_change_after_the_approval_is_not_sealed(approved: Edition, tmp_path: Path) -> None:
    changed = edit_text(approved, "summary", "We met our plan.", "Jonas")
    with pytest.raises(WrongState, match="changed after it was approved"):
        close(changed, tmp_path)


def test_what_does_not_resolve_is_not_sealed(approved: Edition, tmp_path: Path) -> None:
    changed = edit_text(approved, "summary", "We booked 12 million.", "Jonas")
    with pytest.raises(Unresolved, match="12 million"):
        close(changed, tmp_path)


def test_a_returned_edition_is_a_draft_again(approved: Edition) -> None:
    back = return_edition(approved, "Ada", made.NOW, "too long")
    assert state_of(back) is State.draft


def test_sealing_twice_gives_the_same_seal(approved: Edition, tmp_path: Path) -> None:
    first = seal(approved, made.write_lines, tmp_path, by="Elin", at=made.NOW)
    second = seal(approved, made.write_lines, tmp_path, by="Jonas", at=made.NOW)
    assert first == second


def test_another_content_under_the_same_id_is_refused(approved: Edition, tmp_path: Path) -> None:
    close(approved, tmp_path)
    other = approve(edit_text(approved, "summary", "We met our plan.", "J"), "Elin", made.NOW)
    with pytest.raises(WrongState, match="correction"):
        close(other, tmp_path)


@pytest.mark.parametrize("name", ["edition.json", "seal.json", "receipts"])
def test_a_changed_file_breaks_the_seal(approved: Edition, tmp_path: Path, name: str) -> None:
    folder = close(approved, tmp_path)
    path = folder / name
    path = next(path.iterdir()) if path.is_dir() else path
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"a", b"e", 1))
    with pytest.raises(SealBroken):
        open_sealed(folder)


def test_a_missing_and_an_added_file_break_the_seal(approved: Edition, tmp_path: Path) -> None:
    folder = close(approved, tmp_path)
    next((folder / "receipts").iterdir()).unlink()
    (folder / "note.txt").write_text("hello")
    with pytest.raises(SealBroken) as caught:
        open_sealed(folder)
    told = " ".join(problem.found for problem in caught.value.problems)
    assert "is missing" in told
    assert "note.txt does not belong" in told


def test_a_disk_that_fills_leaves_nothing_visible(approved: Edition, tmp_path: Path) -> None:
    written: list[str] = []

    def full(receipt: Receipt, path: Path) -> None:
        if len(written) > 3:
            raise OSError(28, "No space left on device")
        written.append(receipt.code)
        made.write_lines(receipt, path)

    with pytest.raises(WriteFailed, match="No space left"):
        seal(approved, full, tmp_path, by="Elin", at=made.NOW)
    assert sealed_editions(tmp_path) == ()
    assert [p.name for p in (tmp_path / "acme/R13/2017-12").iterdir()] == [".lock"]
    assert close(approved, tmp_path).is_dir()


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = [{root!r}, {src!r}]
from kvitto.model.edition import Edition
from kvitto.report import disk, seal as sealing
from tests.report import made
edition = Edition.model_validate_json(Path({draft!r}).read_bytes())
point, seen = {point!r}, []
def die(name):
    seen.append(name)
    if f"{{name}}:{{seen.count(name)}}" == point:
        os.kill(os.getpid(), signal.SIGKILL)
def lines(receipt, path):
    made.write_lines(receipt, path)
    die("line")
put, sync = sealing.put_folder, disk.sync_folder
def putting(temporary, target):
    die("before")
    put(temporary, target)
    die("after")
sealing.put_folder = putting
def syncing(path):
    if (Path({target!r}) / edition.id).exists():
        die("renamed")
    sync(path)
disk.sync_folder = syncing
sealing.seal(edition, lines, Path({target!r}), by="Elin", at=made.NOW)
"""


@pytest.mark.parametrize("point", ["line:1", "line:40", "before:1", "renamed:1", "after:1"])
def test_a_kill_at_any_point_leaves_all_or_nothing(
    approved: Edition, tmp_path: Path, point: str
) -> None:
    draft = write_draft(tmp_path / "drafts", approved)
    root = Path(__file__).parents[2]
    target = tmp_path / "editions"
    script = KILLED.format(
        root=str(root), src=str(root / "src"), draft=str(draft), point=point, target=str(target)
    )
    ended = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert ended.returncode == -signal.SIGKILL
    for name in sealed_editions(target):
        open_sealed(folder_of(target, name))
    folder = close(approved, target)
    assert open_sealed(folder)[0] == approved
    assert not [p for p in folder.parent.iterdir() if p.name.endswith(".tmp")]


def test_drafts_are_kept_and_found(approved: Edition, tmp_path: Path) -> None:
    write_draft(tmp_path, approved)
    assert read_draft(tmp_path, approved.id) == approved
    assert drafts(tmp_path, "acme") == (approved.id,)
    assert open_draft(tmp_path, "acme", "R13", made.DECEMBER) == approved.id
    remove_draft(tmp_path, approved.id)
    assert open_draft(tmp_path, "acme", "R13", made.DECEMBER) is None


def test_a_draft_is_replaced_whole(approved: Edition, tmp_path: Path) -> None:
    write_draft(tmp_path, approved)
    changed = edit_text(approved, "summary", "We met our plan.", "Jonas")
    path = write_draft(tmp_path, changed)
    assert read_draft(tmp_path, approved.id) == changed
    assert os.listdir(path.parent) == [path.name]


def test_a_half_written_draft_is_told(approved: Edition, tmp_path: Path) -> None:
    path = write_draft(tmp_path, approved)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(WriteFailed, match="does not hold an edition"):
        read_draft(tmp_path, approved.id)


@pytest.mark.parametrize("name", ["../../etc/passwd/1", "a/b/c", "a/../c/1", "a/b/c/x", "/a/b/1"])
def test_an_id_cannot_leave_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownName):
        folder_of(tmp_path, name)


def test_a_span_of_days_is_a_good_id() -> None:
    label = "2017-01-01..2017-02-15"
    assert edition_id("acme", "R13", label, 1) == f"acme/R13/{label}/1"


def test_the_previous_edition_is_the_one_of_the_period_before(
    approved: Edition, tmp_path: Path
) -> None:
    assert previous_sealed(tmp_path, "acme", "R13", made.JANUARY) is None
    close(approved, tmp_path)
    found = previous_sealed(tmp_path, "acme", "R13", made.JANUARY)
    assert found is not None
    assert found.id == approved.id
    assert previous_sealed(tmp_path, "acme", "R13", made.DECEMBER) is None
    assert previous_sealed(tmp_path, "acme", "R13", made.DECEMBER, 2) == found
    assert previous_sealed(tmp_path, "acme", "R01", made.JANUARY) is None
    assert previous_sealed(tmp_path, "other", "R13", made.JANUARY) is None
    assert last_number(tmp_path, "acme", "R13", made.DECEMBER) == 1
    assert is_sealed(tmp_path, approved.id)


def test_a_folder_that_was_never_sealed_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownName):
        open_sealed(tmp_path / "acme/R13/2017-12/1")
