"""The files of a new source, made and checked before anything is written."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from kvitto.errors import BadDefinition, Problem, WrongUse

if TYPE_CHECKING:
    from kvitto.workspace.definition import ConnectionDefinition, SourceDefinition

Definition = TypeVar("Definition", bound=BaseModel)
_WHOLE = re.compile(r"-?(0|[1-9]\d*)")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it will be: ``before`` is what it is now, ``None`` where it is new."""

    path: Path
    name: str
    text: str
    before: bytes | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A source that is defined but not written. ``connection`` is the shared sign-in."""

    name: str
    source: SourceDefinition
    connection: ConnectionDefinition | None
    files: tuple[File, ...]


def drafted(root: Path, name: str, values: Mapping[str, Any], change: bool) -> File:
    """The file ``name`` ("sources/crm") with these values.

    Where it exists it is changed, if that is wanted: what ``values`` do not
    speak of stays, comments too. Raises :class:`WrongUse` where it is not.
    """
    from kvitto.workspace.schema import with_schema_line

    path = next(
        (path for path in (root / f"{name}.yml", root / f"{name}.yaml") if path.is_file()),
        root / f"{name}.yml",
    )
    shown = path.relative_to(root).as_posix()
    if not path.exists():
        return File(path, shown, with_schema_line(_dumped(None, values), path.parent.name))
    if not change:
        raise WrongUse.of(
            f"write {shown}",
            "there is such a file already",
            "Name another with --name, or add --yes to change this one.",
        )
    before = path.read_bytes()
    return File(path, shown, _dumped(before.decode("utf-8-sig"), values), before)


def settings_problems(
    file: File, values: Mapping[str, Any], kind: type[BaseModel]
) -> tuple[Problem, ...]:
    """What is wrong in the ``settings:`` of the file, which are ``values`` with what is shared."""
    from kvitto.workspace.document import parse_document
    from kvitto.workspace.validation import problems_of

    try:
        kind.model_validate(dict(values))
    except ValidationError as error:
        document, _ = parse_document(file.text, file.path, file.name)
        return problems_of(document, kind, error.errors(include_url=False), ("settings",))
    return ()


def understood(file: File, kind: type[Definition]) -> tuple[Definition | None, list[Problem]]:
    """What the file will say, with all that is wrong in it."""
    from kvitto.workspace.check import secret_problems
    from kvitto.workspace.document import parse_document
    from kvitto.workspace.validation import validate

    document, problems = parse_document(file.text, file.path, file.name)
    if problems:
        return None, list(problems)
    found, wrong = validate(document, kind)
    return found, [*secret_problems(document), *wrong]


def written(root: Path, files: tuple[File, ...]) -> None:
    """Write the files; where the workspace does not hold with them, all is as it was before.

    Raises :class:`BadDefinition` with all problems.
    """
    from kvitto.workspace.folder import check_workspace
    from kvitto.workspace.writing import replace_text

    done: list[File] = []
    try:
        for file in files:
            file.path.parent.mkdir(exist_ok=True)
            done.append(file)
            replace_text(file.path, file.text)
        problems = check_workspace(root)
        if problems:
            raise BadDefinition(*problems)
    except BaseException:
        for file in done:
            if file.before is None:
                file.path.unlink(missing_ok=True)
            else:
                replace_text(file.path, file.before.decode("utf-8"))
        raise


def _dumped(text: str | None, values: Mapping[str, Any]) -> str:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        content = yaml.map() if text is None else yaml.load(text)
    except YAMLError as error:
        found = str(error).splitlines()[0]
        raise WrongUse.of("change the file", found, "Mend it first: kvitto check") from None
    content = yaml.map() if content is None else content
    _merge(content, values)
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()


def _merge(content: Any, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        below = content.get(key)
        if isinstance(value, Mapping) and isinstance(below, dict):
            _merge(below, value)
        elif below != value:
            content[key] = _plain(value)


def _plain(value: Any) -> Any:
    """Values as a person would write them: whole numbers and yes or no without quotes."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if not isinstance(value, str):
        return value
    if value in ("true", "false"):
        return value == "true"
    return int(value) if _WHOLE.fullmatch(value) and len(value) < 16 else value
