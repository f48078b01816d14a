"""Drafts on disk: one JSON document each, replaced at once."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from kvitto.errors import UnknownName, WriteFailed
from kvitto.model.edition import Edition
from kvitto.model.receipt import canonical_json
from kvitto.report.disk import write_file
from kvitto.report.place import folder_of

FILE = "draft.json"


def write_draft(root: Path, edition: Edition) -> Path:
    """Keep a draft or an approved edition. Raises :class:`WriteFailed`, the old one intact."""
    path = folder_of(root, edition.id) / FILE
    return write_file(path, canonical_json(edition.model_dump(mode="json")))


def read_draft(root: Path, name: str) -> Edition:
    """The draft of that id. Raises :class:`UnknownName` where there is none."""
    path = folder_of(root, name) / FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnknownName.of(
            f"the draft '{name}'", "there is none", "Draft it first: kvitto draft."
        ) from error
    return parse_edition(content, path)


def remove_draft(root: Path, name: str) -> None:
    """Forget a draft; fine if there is none."""
    (folder_of(root, name) / FILE).unlink(missing_ok=True)


def drafts(root: Path, client: str = "*", report: str = "*") -> tuple[str, ...]:
    """The ids of all drafts, sorted."""
    found = root.glob(f"{client}/{report}/*/*/{FILE}")
    return tuple(sorted("/".join(path.relative_to(root).parts[:4]) for path in found))


def parse_edition(content: bytes, path: Path) -> Edition:
    """The edition that these bytes hold. Raises :class:`WriteFailed` where they hold none."""
    try:
        return Edition.model_validate_json(content)
    except ValidationError as error:
        raise WriteFailed.of(
            f"read {path.name}",
            f"it does not hold an edition ({error.error_count()} problems)",
            "Draft it again, or take it from a backup.",
            file=str(path),
        ) from error
