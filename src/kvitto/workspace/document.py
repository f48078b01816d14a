"""One YAML file: its content, and the line on which each part of it stands.

Scalars are kept as they are written; the definition decides what they mean. So
``country: NO`` stays a text, ``period: 2017`` is a period, and a target of
``0.65`` is that decimal and not the nearest binary number.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from kvitto.errors import Problem

Node: TypeAlias = Any
"""A node of ruamel's composer: a duck with ``id``, ``tag``, ``value`` and marks."""

Keys = tuple[str | int, ...]
"""The way to a part of a document: ``("goals", 0, "target")``."""

MOST_BYTES = 2_000_000
"""A definition is written by people; what is larger is not one."""

MOST_NODES = 200_000
"""A limit on what aliases may unfold to."""

_TAGS = ("str", "int", "float", "bool", "null", "timestamp", "map", "seq", "merge", "value")


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read. ``name`` is its path as a person knows it."""

    path: Path
    name: str
    value: object
    lines: Mapping[Keys, int] = field(default_factory=dict)
    tree: Node = None

    def line(self, keys: Keys) -> int:
        """The line of that part, or of the nearest part around it, from 1."""
        return self.lines.get(self.follow(keys), 1)

    def follow(self, keys: Keys) -> Keys:
        """The keys without those that the file does not have."""
        found: Keys = ()
        for key in keys:
            if (*found, key) in self.lines:
                found = (*found, key)
        return found

    def at(self, keys: Keys) -> object:
        """The content at these keys; ``None`` where there is none."""
        here: Any = self.value
        for key in keys:
            try:
                here = here[key]
            except (KeyError, IndexError, TypeError):
                return None
        return here

    def problem(self, asked: str, found: str, todo: str, keys: Keys = ()) -> Problem:
        """A problem at these keys of the file."""
        return Problem(asked, found, todo, self.name, self.line(keys))

    def node(self, keys: Keys) -> Node:
        """The composed node at these keys, for its marks; ``None`` where there is none."""
        here = self.tree
        for key in keys:
            here = _child(here, key)
            if here is None:
                return None
        return here


def read_document(path: Path, name: str | None = None) -> tuple[Document, tuple[Problem, ...]]:
    """Read a file; what cannot be read is a problem and leaves the value empty."""
    shown = name or str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        return Document(path, shown, None), (_unreadable(shown, reason, "Check the file."),)
    if len(data) > MOST_BYTES:
        found = f"it is {len(data):,} bytes long"
        return Document(path, shown, None), (_unreadable(shown, found, "Split it up."),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        found = f"byte {data[error.start]:#04x} is not UTF-8"
        return Document(path, shown, None), (
            _unreadable(shown, found, "Save the file as UTF-8.", line),
        )
    return parse_document(text, path, shown)


def parse_document(text: str, path: Path, name: str) -> tuple[Document, tuple[Problem, ...]]:
    """Read YAML text that is, or would be, the content of ``path``."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        found = " ".join(part for part in (error.context, error.problem) if part)
        todo = "Mend the indentation, quotes or brackets there."
        return Document(path, name, None), (_unreadable(name, found, todo, line),)
    except (YAMLError, ValueError, RecursionError) as error:
        found = str(error).splitlines()[0] if str(error) else "it is nested too deeply"
        return Document(path, name, None), (_unreadable(name, found, "Write plain YAML."),)
    reader = _Reader(name)
    value = None if node is None else reader.read(node, (), ())
    return Document(path, name, value, reader.lines, node), tuple(reader.problems)


def _child(node: Node, key: str | int) -> Node:
    if isinstance(key, int):
        inside = node.id == "sequence" and key < len(node.value)
        return node.value[key] if inside else None
    if node.id != "mapping":
        return None
    return next((item for name, item in node.value if name.value == key), None)


def _unreadable(name: str, found: str, todo: str, line: int | None = None) -> Problem:
    return Problem("read the file", found, todo, name, line)


class _Reader:
    """Turns nodes into plain content, noting lines and problems."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[Keys, int] = {(): 1}
        self.problems: list[Problem] = []
        self.count = 0

    def read(self, node: Node, keys: Keys, above: tuple[int, ...]) -> Any:
        self.count += 1
        if self.count > MOST_NODES or id(node) in above:
            if not any("alias" in problem.found for problem in self.problems):
                self._note(node, "an alias unfolds without end", "Write the part out.")
            return None
        tag = str(node.tag or "")
        if tag.rpartition(":")[2] not in _TAGS or not tag.startswith("tag:yaml.org,2002:"):
            self._note(node, f"the tag '{tag}' has no meaning here", "Remove the tag.")
        inside = (*above, id(node))
        if node.id == "mapping":
            return self._mapping(node, keys, inside)
        if node.id == "sequence":
            items: list[object] = []
            for index, item in enumerate(node.value):
                self.lines[(*keys, index)] = item.start_mark.line + 1
                items.append(self.read(item, (*keys, index), inside))
            return items
        plain = node.style is None or node.style == ""
        return None if plain and tag.endswith(":null") else str(node.value)

    def _mapping(self, node: Node, keys: Keys, above: tuple[int, ...]) -> dict[str, object]:
        found: dict[str, object] = {}
        merged: dict[str, object] = {}
        for key, item in node.value:
            if str(key.tag).endswith(":merge"):
                merged |= self._merged(item, keys, above)
                continue
            name = str(key.value) if key.id == "scalar" else ""
            if not name:
                self._note(key, "a key must be a word", "Write a word before the colon.")
            elif name in found:
                first = self.lines[(*keys, name)]
                todo = f"Remove one; the first is on line {first}."
                self._note(key, f"the key '{name}' is given twice", todo)
            else:
                self.lines[(*keys, name)] = key.start_mark.line + 1
                found[name] = self.read(item, (*keys, name), above)
        return {**merged, **found}

    def _merged(self, node: Node, keys: Keys, above: tuple[int, ...]) -> dict[str, object]:
        if node.id not in ("mapping", "sequence"):
            self._note(node, "'<<' needs a mapping", "Name an anchor of a mapping.")
            return {}
        parts = [node] if node.id == "mapping" else list(reversed(node.value))
        result: dict[str, object] = {}
        for part in parts:
            content = self.read(part, keys, above)
            result |= content if isinstance(content, dict) else {}
        return result

    def _note(self, node: Node, found: str, todo: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(_unreadable(self.name, found, todo, line))
