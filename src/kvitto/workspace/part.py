"""A part of a file that somebody else defines: a connector's settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kvitto.errors import Problem
from kvitto.workspace.document import Document, Keys, read_document
from kvitto.workspace.validation import problems_of

Definition = TypeVar("Definition", bound=BaseModel)


def validate_part(
    root: Path, file: str, keys: Keys, values: Mapping[str, Any], kind: type[Definition]
) -> tuple[Definition | None, tuple[Problem, ...]]:
    """The part as ``kind``, or ``None`` with all that is wrong, with lines of the file.

    ``file`` is relative to the workspace, ``keys`` where the part stands in it;
    ``values`` may hold more than the file does.
    """
    try:
        return kind.model_validate(dict(values)), ()
    except ValidationError as error:
        path = root / file
        document = read_document(path, file)[0] if path.is_file() else Document(path, file, {})
        return None, problems_of(document, kind, error.errors(include_url=False), keys)
