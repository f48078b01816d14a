"""The little of SOQL that the stand-in answers: fields, conditions, order; and CSV of a result."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = dict[str, Any]
Test = Callable[[Row], bool]
_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|>=|<=|!=|[=<>()]|[^\s()=<>!]+)")
_WHOLE = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)"
    r"(?: WHERE (?P<where>.+?))?(?: ORDER BY (?P<order>[\w, ]+?))?\s*",
    re.S,
)


class BadSoql(Exception):
    """A question that the organisation does not understand."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Asked:
    """A question that was understood."""

    object: str
    fields: tuple[str, ...]
    test: Test
    order: tuple[str, ...]

    def over(self, rows: list[Row], *, everything: bool) -> list[Row]:
        """The answer; deleted records only where ``everything`` is asked for."""
        found = [r for r in rows if (everything or not r.get("IsDeleted")) and self.test(r)]
        found.sort(key=lambda row: [str(row.get(name) or "") for name in self.order])
        typed = {"type": self.object, "url": "/services/data"}
        return [{"attributes": typed, **{n: row.get(n) for n in self.fields}} for row in found]


def parse(
    text: str, objects: Mapping[str, Mapping[str, str]], hidden: Collection[tuple[str, str]]
) -> Asked:
    """Understand a question. Raises :class:`BadSoql` as the organisation would."""
    found = _WHOLE.fullmatch(text.strip())
    if found is None:
        raise BadSoql("MALFORMED_QUERY", f"unexpected token: {text[:40]}")
    name = found["object"]
    if name not in objects:
        raise BadSoql("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    fields = tuple(one.strip() for one in found["fields"].split(","))
    for one in fields:
        if one not in objects[name] or (name, one) in hidden:
            raise BadSoql("INVALID_FIELD", f"No such column '{one}' on entity '{name}'.")
    order = tuple(one.strip() for one in (found["order"] or "").split(",") if one.strip())
    tokens = _TOKEN.findall(found["where"] or "")
    test = _either(tokens) if tokens else (lambda _row: True)
    if tokens:
        raise BadSoql("MALFORMED_QUERY", f"unexpected token: {tokens[0]}")
    return Asked(name, fields, test, order)


def _either(tokens: list[str]) -> Test:
    one = _both(tokens)
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        left, right = one, _both(tokens)
        one = _or(left, right)
    return one


def _or(left: Test, right: Test) -> Test:
    return lambda row: left(row) or right(row)


def _and(left: Test, right: Test) -> Test:
    return lambda row: left(row) and right(row)


def _both(tokens: list[str]) -> Test:
    one = _single(tokens)
    while tokens and tokens[0] == "AND":
        tokens.pop(0)
        left, right = one, _single(tokens)
        one = _and(left, right)
    return one


def _single(tokens: list[str]) -> Test:
    if tokens[0] == "(":
        tokens.pop(0)
        inner = _either(tokens)
        tokens.pop(0)
        return inner
    name, sign, raw = tokens.pop(0), tokens.pop(0), tokens.pop(0)
    value = _literal(raw)

    def test(row: Row) -> bool:
        held = _comparable(row.get(name))
        if sign == "=":
            return bool(held == value)
        if held is None:
            return False
        return bool(held >= value if sign == ">=" else held <= value)

    return test


def _literal(raw: str) -> Any:
    if raw.startswith("'"):
        return raw[1:-1]
    if raw in ("true", "false"):
        return raw == "true"
    return datetime.fromisoformat(raw.replace("Z", "+00:00"))


def _comparable(value: Any) -> Any:
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return datetime.fromisoformat(value.replace("+0000", "+00:00"))
    return value


def written_csv(fields: tuple[str, ...], rows: list[Row]) -> str:
    """Records as a bulk job writes them: instants with Z, flags as words, nothing for null."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    lines.writerow(fields)
    for row in rows:
        lines.writerow([_text(row.get(name)) for name in fields])
    return text.getvalue()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).replace("+0000", "Z")
