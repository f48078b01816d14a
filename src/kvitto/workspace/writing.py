"""Write a value back into a file that people keep, leaving the rest as it is.

A scalar is exchanged in place: every other byte stays. Larger changes go
through a round trip that keeps comments, quotes and the file's indentation.
Before a file is replaced, its new text is read again and must say exactly what
was asked for; a change that would make the definition invalid is refused and
the file stays untouched.
"""

from __future__ import annotations

import copy
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from kvitto.errors import BadDefinition, KvittoError, Problem, WrongUse
from kvitto.workspace.check import secret_problems
from kvitto.workspace.document import Document, Keys, parse_document, read_document
from kvitto.workspace.folder import kind_of
from kvitto.workspace.validation import path_text, validate

Step = str | int
Change = Callable[[Any], None]


def write_value(path: Path, keys: Sequence[Step], value: object) -> None:
    """Set the value at ``keys``; the last key may be new, those before it not.

    Raises :class:`WrongUse` where the place does not exist and
    :class:`BadDefinition` where the file would no longer hold.
    """
    place = tuple(keys)
    if not place:
        raise _nowhere(path, place, "no key is named")
    document = _document(path)

    def change(content: Any) -> None:
        holder = _holder(content, place, path)
        if isinstance(holder, list) and not _within(holder, place[-1]):
            raise _nowhere(path, place, "the list has no such item")
        holder[place[-1]] = value

    expected = _changed(document, change)
    if _is_scalar(value) and document.at(place) is not None:
        text = _exchanged(document, place, value, expected)
        if text is not None:
            _save(document, text)
            return
    _save(document, _round_trip(document, change, expected))


def append_value(path: Path, keys: Sequence[Step], value: object) -> None:
    """Add an item at the end of the list at ``keys``; an absent list is made.

    Raises as :func:`write_value` does.
    """
    place = tuple(keys)
    document = _document(path)

    def change(content: Any) -> None:
        holder = _holder(content, place, path)
        if isinstance(holder, dict) and holder.get(place[-1]) is None:
            holder[place[-1]] = []
        items = holder[place[-1]]
        if not isinstance(items, list):
            raise _nowhere(path, place, "there is no list")
        items.append(_like(items, value))

    _save(document, _round_trip(document, change, _changed(document, change)))


def remove_value(path: Path, keys: Sequence[Step]) -> None:
    """Take the key or the item at ``keys`` out. Raises as :func:`write_value` does."""
    place = tuple(keys)
    document = _document(path)

    def change(content: Any) -> None:
        holder = _holder(content, place, path)
        if isinstance(holder, dict) and place[-1] in holder:
            del holder[place[-1]]
        elif isinstance(holder, list) and _within(holder, place[-1]):
            del holder[int(place[-1])]
        else:
            raise _nowhere(path, place, "there is nothing")

    _save(document, _round_trip(document, change, _changed(document, change)))


def replace_text(path: Path, text: str) -> None:
    """Replace a file's text as a whole: after a crash it is the old or the new one."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _document(path: Path) -> Document:
    document, problems = read_document(path)
    if problems:
        raise BadDefinition(*problems)
    return document


def _save(document: Document, text: str) -> None:
    new, problems = parse_document(text, document.path, document.name)
    found = [*problems, *secret_problems(new)]
    old = list(secret_problems(document))
    kind = kind_of(document.path)
    if kind is not None and not problems:
        found.extend(validate(new, kind)[1])
        old.extend(validate(document, kind)[1])
    known = {(problem.asked, problem.found) for problem in old}
    fresh = [problem for problem in found if (problem.asked, problem.found) not in known]
    if fresh:
        raise BadDefinition(*fresh)
    replace_text(document.path, text)


def _changed(document: Document, change: Change) -> object:
    """What the file shall say after the change, as plain content."""
    content = copy.deepcopy(document.value)
    content = {} if content is None else content
    change(content)
    return _plain(content)


def _exchanged(document: Document, keys: Keys, value: object, expected: object) -> str | None:
    """The text with one scalar exchanged; ``None`` where that cannot be done safely."""
    node = document.node(keys)
    if node is None or node.id != "scalar" or node.style in ("|", ">"):
        return None
    text = document.path.read_bytes().decode("utf-8-sig")
    start, end = node.start_mark.index, node.end_mark.index
    for written in _spellings(value, node.style):
        candidate = text[:start] + written + text[end:]
        new, problems = parse_document(candidate, document.path, document.name)
        if problems or not _same(new.value, expected):
            continue
        resolved = str(new.node(keys).tag)
        quoted = new.node(keys).style in ("'", '"')
        if quoted or not isinstance(value, str) or resolved.endswith(":str"):
            return candidate
    return None


def _spellings(value: object, style: str | None) -> tuple[str, ...]:
    plain = _plain(value)
    if plain is None:
        return ("null",)
    text = str(plain)
    double = json.dumps(text, ensure_ascii=False)
    single = "'" + text.replace("'", "''") + "'"
    if not isinstance(value, str):
        return (text, double)
    if style == "'" and "\n" not in text:
        return (single, double)
    return (double,) if style == '"' else (text, double)


def _round_trip(document: Document, change: Change, expected: object) -> str:
    from ruamel.yaml import YAML

    text = document.path.read_bytes().decode("utf-8-sig")
    yaml = YAML(typ="rt", pure=True)
    yaml.preserve_quotes = True
    yaml.width = 1_000_000
    yaml.allow_unicode = True
    sequence, offset = _indentation(text)
    yaml.indent(mapping=2, sequence=sequence, offset=offset)
    content = yaml.load(text)
    content = yaml.map() if content is None else content
    change(content)
    stream = io.StringIO()
    yaml.dump(_writable(content), stream)
    new, problems = parse_document(stream.getvalue(), document.path, document.name)
    if problems or not _same(new.value, expected):
        raise WrongUse.of(
            f"change {document.name}",
            "the changed file would not say what was asked for",
            "Change the file by hand.",
        )
    return stream.getvalue()


def _indentation(text: str) -> tuple[int, int]:
    """How far the file indents the items of a list below its key."""
    found = re.search(r"^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\n(?: *#[^\n]*\n)*( *)- ", text, re.M)
    offset = 2 if found is None else max(0, len(found[2]) - len(found[1]))
    return offset + 2, offset


def _writable(content: Any) -> Any:
    """Exchange, in place, what YAML has no word for; the rest keeps its comments."""
    if isinstance(content, dict):
        for key, item in content.items():
            content[key] = _writable(item)
        return content
    if isinstance(content, list):
        for index, item in enumerate(content):
            content[index] = _writable(item)
        return content
    if isinstance(content, tuple):
        return [_writable(item) for item in content]
    if isinstance(content, Decimal):
        near = float(content)
        return (
            int(content)
            if content == int(content)
            else (near if Decimal(repr(near)) == content else str(content))
        )
    return content.isoformat() if isinstance(content, datetime) else content


def _like(items: list[Any], value: object) -> object:
    """A new item in the style of its neighbours: ``{...}`` beside ``{...}``."""
    style = getattr(items[-1], "fa", None) if items else None
    if not isinstance(value, dict) or style is None or not style.flow_style():
        return value
    from ruamel.yaml.comments import CommentedMap

    item = CommentedMap(value)
    item.fa.set_flow_style()
    return item


def _holder(content: Any, keys: Keys, path: Path) -> Any:
    here = content
    for position, key in enumerate(keys[:-1]):
        inside = isinstance(here, dict) and key in here
        if not inside and not (isinstance(here, list) and _within(here, key)):
            raise _nowhere(path, keys[: position + 1], "there is nothing")
        here = here[key]
    if not isinstance(here, dict | list):
        raise _nowhere(path, keys[:-1], "it has no parts")
    return here


def _within(items: list[Any], key: Step) -> bool:
    return isinstance(key, int) and 0 <= key < len(items)


def _nowhere(path: Path, keys: Keys, found: str) -> KvittoError:
    return WrongUse(
        Problem(
            f"change {path_text(keys) or 'the file'}", found, "Name a key of the file.", str(path)
        )
    )


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | Decimal | date)


def _plain(value: object) -> object:
    """The content as it is read back: scalars as texts."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        return format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    return None if value is None else str(value)


def _same(one: object, other: object) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if one == other:
        return True
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        return False
