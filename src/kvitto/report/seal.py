"""Sealing: the edition, its receipts' line items and their hashes, written once and for good."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from kvitto.errors import Problem, SealBroken, UnknownName, WrongState
from kvitto.model.edition import Edition, Seal
from kvitto.model.receipt import Receipt, canonical_json
from kvitto.report.approval import require_approved, require_resolved
from kvitto.report.disk import failed, hash_of, locked, make_folder, put_folder, remove_folder
from kvitto.report.place import folder_of

LineWriter = Callable[[Receipt, Path], object]
"""Writes the line items of a receipt as Parquet to the path."""

Progress = Callable[[str, int, int], None]

EDITION, SEAL, RECEIPTS = "edition.json", "seal.json", "receipts"


def silent(step: str, done: int, total: int) -> None:
    """Tells nobody."""


def seal(
    edition: Edition,
    write_lines: LineWriter,
    root: Path,
    *,
    by: str,
    at: datetime,
    previous: Edition | None = None,
    progress: Progress = silent,
) -> Seal:
    """Seal an approved edition below ``root``, the folder of editions.

    Asked again after a crash it finishes, or finds its own seal and gives that
    back. Raises :class:`Unresolved` with all that blocks, :class:`WrongState`
    where it is not approved or another content is sealed under this id, and
    :class:`WriteFailed` where the disk gives up; nothing is visible then.
    """
    require_resolved(edition, previous)
    require_approved(edition)
    target = folder_of(root, edition.id)
    with locked(target.parent / ".lock"):
        if target.exists():
            return _same(edition, target)
        for left in target.parent.glob(f".{target.name}.*.tmp"):
            remove_folder(left)
        temporary = target.parent / f".{target.name}.{token_hex(4)}.tmp"
        try:
            made = _fill(edition, write_lines, temporary, by, at, progress)
            put_folder(temporary, target)
        except BaseException as error:
            remove_folder(temporary)
            if isinstance(error, OSError):
                raise failed(target, error) from error
            raise
    return made


def open_sealed(folder: Path) -> tuple[Edition, Seal]:
    """A sealed edition after everything in it was verified.

    Raises :class:`SealBroken` with all that does not match, and
    :class:`UnknownName` where nothing is sealed.
    """
    edition, stamp = _read(folder)
    problems = list(_broken(folder, edition, stamp))
    if problems:
        raise SealBroken(*problems)
    return edition, stamp


def sealed_lines(folder: Path, code: str) -> Path:
    """The line items of a receipt of a sealed edition."""
    path = folder / RECEIPTS / f"{code}.parquet"
    if not path.is_file():
        raise UnknownName.of(
            f"the receipt {code}", "this edition does not hold it", "Check the code."
        )
    return path


def _fill(
    edition: Edition,
    write_lines: LineWriter,
    folder: Path,
    by: str,
    at: datetime,
    progress: Progress,
) -> Seal:
    make_folder(folder / RECEIPTS)
    files: dict[str, str] = {}
    total = len(edition.receipts)
    for done, (code, receipt) in enumerate(sorted(edition.receipts.items())):
        progress("receipts", done, total)
        path = folder / RECEIPTS / f"{code}.parquet"
        write_lines(receipt, path)
        files[f"{RECEIPTS}/{path.name}"] = hash_of(path)
    progress("receipts", total, total)
    content = canonical_json(edition.model_dump(mode="json"))
    (folder / EDITION).write_bytes(content)
    files[EDITION] = hash_of(folder / EDITION)
    stamp = Seal(
        edition=edition.id,
        content_hash=edition.content_hash(),
        sealed_by=by,
        sealed_at=at.isoformat(),
        files=files,
    )
    (folder / SEAL).write_bytes(canonical_json(stamp.model_dump(mode="json")))
    return stamp


def _same(edition: Edition, target: Path) -> Seal:
    """The seal that is there already, if it is of this very content."""
    kept, stamp = open_sealed(target)
    if kept.reviewed_hash() != edition.reviewed_hash():
        raise WrongState.of(
            f"seal {edition.id}",
            f"another content was sealed under this id by {stamp.sealed_by}",
            "Draft a correction: it gets the next number and names the edition it corrects.",
        )
    return stamp


def _read(folder: Path) -> tuple[Edition, Seal]:
    try:
        edition = Edition.model_validate_json((folder / EDITION).read_bytes())
        return edition, Seal.model_validate_json((folder / SEAL).read_bytes())
    except FileNotFoundError as error:
        if folder.is_dir():
            raise SealBroken(_problem(folder, "a file of the seal is missing")) from error
        raise UnknownName.of(
            f"the sealed edition {folder.name}", "nothing is sealed there", "Check the id."
        ) from error
    except ValueError as error:
        raise SealBroken(_problem(folder, "its document cannot be read")) from error


def _broken(folder: Path, edition: Edition, stamp: Seal) -> list[Problem]:
    problems: list[Problem] = []
    if edition.content_hash() != stamp.content_hash or edition.id != stamp.edition:
        problems.append(_problem(folder, "the edition does not match its hash"))
    for name, digest in sorted(stamp.files.items()):
        path = folder / name
        if not path.is_file():
            problems.append(_problem(folder, f"{name} is missing"))
        elif hash_of(path) != digest:
            problems.append(_problem(folder, f"{name} was changed"))
    problems += [
        _problem(folder, f"the lines of {code} are not sealed")
        for code in sorted(edition.receipts)
        if f"{RECEIPTS}/{code}.parquet" not in stamp.files
    ]
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    extra = there - set(stamp.files) - {SEAL}
    problems += [_problem(folder, f"{name} does not belong to it") for name in sorted(extra)]
    return problems


def _problem(folder: Path, found: str) -> Problem:
    name = "/".join(folder.parts[-4:])
    todo = "Take the edition from a backup; it is neither shown nor sent as it is."
    return Problem(f"open the sealed edition {name}", found, todo, str(folder))


def is_sealed(root: Path, name: str) -> bool:
    """Whether an edition of that id is sealed."""
    return os.path.exists(folder_of(root, name) / SEAL)
