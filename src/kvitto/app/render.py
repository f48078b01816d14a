"""Writing an edition in the asked forms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.app.house import House
from kvitto.app.place import open_edition
from kvitto.app.progress import Progress, silent
from kvitto.app.who import Who
from kvitto.errors import RenderFailed, WriteFailed

if TYPE_CHECKING:
    from kvitto.model.brand import Brand
    from kvitto.model.edition import Edition

FORMS = ("html", "pdf", "xlsx", "json")
"""What is written where no forms are named."""


def render(
    house: House,
    who: Who,
    edition_id: str,
    forms: Sequence[str] = FORMS,
    target: Path | None = None,
    *,
    progress: Progress = silent,
) -> tuple[Path, ...]:
    """Files of the edition; below ``.kvitto/out/`` where no ``target`` folder is given.

    A file appears whole or not at all. Raises :class:`UnknownName` for a form
    that there is not and :class:`RenderFailed`.
    """
    from kvitto.render.entrance import render_all

    edition = open_edition(house, who, edition_id).edition
    folder = target if target is not None else house.runtime / "out" / edition.client
    progress(f"Writing {edition.id}", 0, len(forms))
    written = render_all(edition, brand_of(house, edition), list(forms))
    paths: list[Path] = []
    for form, content in written.items():
        paths.append(write_whole(folder / f"{file_stem(edition)}.{form}", content))
        progress(f"Writing {edition.id}", len(paths), len(forms))
    return tuple(paths)


def render_bytes(house: House, who: Who, edition_id: str, form: str) -> bytes:
    """One form of the edition, for a download."""
    from kvitto.render.entrance import render as write

    edition = open_edition(house, who, edition_id).edition
    return write(edition, brand_of(house, edition), form)


def brand_of(house: House, edition: Edition) -> Brand:
    """The edition's brand; our own where the workspace does not define it."""
    from kvitto.model.brand import Brand

    return house.workspace.brands.get(edition.brand) or Brand()


def file_stem(edition: Edition) -> str:
    """A name for files that sorts and can be recognised: ``northgate-R13-2017-12``."""
    stem = f"{edition.client}-{edition.report}-{edition.period.replace('..', '_')}"
    return stem if edition.number == 1 else f"{stem}-{edition.number}"


def write_whole(path: Path, content: bytes) -> Path:
    """Put a file in place in one step. Raises :class:`RenderFailed` (a full disk)."""
    from kvitto.report.disk import write_file

    try:
        return write_file(path, content)
    except WriteFailed as error:
        raise RenderFailed.of(
            f"write {path}",
            error.problems[0].found,
            "Make room or name another folder; a file that was there before is intact.",
        ) from error
