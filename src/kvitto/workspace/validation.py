"""A document -> a frozen definition, or every problem in it with its line."""

from __future__ import annotations

import re
import types
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kvitto.errors import Problem, did_you_mean, nearest
from kvitto.workspace.document import Document, Keys

Definition = TypeVar("Definition", bound=BaseModel)

SECRETS = ("password", "secret", "token", "api_key")
"""Keys whose content is never shown and must be a reference to the environment."""

_TODO = {
    "int": "Write a whole number.",
    "float": "Write a number with a decimal point.",
    "decimal": "Write a number with a decimal point and no thousands separators.",
    "date": "Write a date as 2017-12-31.",
    "datetime": "Write a moment as 2017-12-31T15:00:00+01:00.",
    "bool": "Write true or false.",
    "string": "Write a text.",
    "tuple": "Write a list: one item per line, each after '- '.",
    "list": "Write a list: one item per line, each after '- '.",
    "dict": "Write a mapping: one 'key: value' per line.",
    "model": "Write a mapping: one 'key: value' per line.",
    "greater": "Write a larger number.",
    "less": "Write a smaller number.",
}


def validate(
    document: Document, kind: type[Definition]
) -> tuple[Definition | None, tuple[Problem, ...]]:
    """The definition, or ``None`` with all that is wrong with it."""
    value = {} if document.value is None else document.value
    try:
        return kind.model_validate(value), ()
    except ValidationError as error:
        return None, problems_of(document, kind, error.errors(include_url=False))


def fields_at(kind: type[BaseModel], keys: Keys) -> tuple[str, ...]:
    """The keys that a definition of that kind knows at this place."""
    names: set[str] = set()
    for model in _models_at(kind, keys):
        names.update(model.model_fields)
    return tuple(sorted(names))


def problems_of(
    document: Document, kind: type[BaseModel], errors: list[ErrorDetails], under: Keys = ()
) -> tuple[Problem, ...]:
    """What the definition's check found, each at its line. ``under`` is where the part stands."""
    found: dict[Keys, Problem] = {}
    for error in sorted(errors, key=_is_other_branch):
        keys: Keys = (*under, *error["loc"])
        place = document.follow(keys) or keys[: len(under) + 1]
        if error["type"] == "missing":
            place = (*place, keys[-1])
        elif _is_other_branch(error) and any(key[: len(place)] == place for key in found):
            continue
        if place not in found:
            found[place] = _problem(document, kind, error, place, under)
    return tuple(sorted(found.values(), key=lambda problem: problem.line or 0))


def _is_other_branch(error: ErrorDetails) -> bool:
    """True for "should be a text" where a text or a mapping may stand."""
    return error["type"] == "string_type" and error["loc"][-1:] == ("str",)


def _problem(
    document: Document, kind: type[BaseModel], error: ErrorDetails, place: Keys, under: Keys
) -> Problem:
    asked = path_text(place) or "the file"
    code = error["type"]
    if code == "missing":
        return document.problem(asked, "it is not given", "Add it.", place)
    if code == "extra_forbidden":
        todo = did_you_mean(str(place[-1]), fields_at(kind, place[len(under) : -1]))
        if error["input"] is None and " " in str(place[-1]):
            todo = "If it belongs to the text before the comma, put that text in quotes."
        return document.problem(asked, "there is no such key", todo, place)
    shown = _shown(error["input"], place)
    if code in ("literal_error", "enum"):
        known = re.findall(r"'([^']*)'", str(error.get("ctx", {}).get("expected", "")))
        near = nearest(str(error["input"]), known)
        hint = f"Did you mean '{near}'? " if near else ""
        todo = f"{hint}Known: {', '.join(known)}."
        return document.problem(asked, f"{shown} is not one of the known words", todo, place)
    if code == "string_pattern_mismatch":
        pattern = str(error.get("ctx", {}).get("pattern", ""))
        return document.problem(asked, f"{shown} has another form", _form(pattern), place)
    family = code.partition("_")[0]
    todo = _TODO.get(family, "Write it in the form that the schema gives.")
    return document.problem(asked, f"{shown}: {_said(error['msg'])}", todo, place)


def path_text(keys: Keys) -> str:
    """The way to a place as a person reads it: ``goals[1].target`` (from 1)."""
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key + 1}]"
        else:
            text += f".{key}" if text else key
    return text


def _shown(value: object, place: Keys) -> str:
    if any(word in str(key).lower() for key in place[-1:] for word in SECRETS):
        return "what is written"
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value)
    return f"'{text[:57]}...'" if len(text) > 60 else f"'{text}'"


def _said(message: str) -> str:
    words = message.replace("Input ", "it ", 1)
    return words[:1].lower() + words[1:]


def _form(pattern: str) -> str:
    if pattern == "^[A-Z]{3}$":
        return "Write a currency code of three capital letters, such as EUR."
    if pattern.startswith("^[a-z0-9]"):
        return "Use small letters, digits, '-' and '_', beginning with a letter or digit."
    return f"It must match {pattern}."


def _models_at(kind: type[BaseModel], keys: Keys) -> list[type[BaseModel]]:
    places: list[Any] = [kind]
    for key in keys:
        places = [below for place in places for below in _below(place, key)]
    return [model for place in places for model in _plain_types(place) if _is_model(model)]


def _below(annotation: Any, key: str | int) -> list[Any]:
    found: list[Any] = []
    for plain in _plain_types(annotation):
        origin, arguments = get_origin(plain), get_args(plain)
        if _is_model(plain) and key in plain.model_fields:
            field = plain.model_fields[key]
            found.append(field.annotation)
        elif origin in (tuple, list) and isinstance(key, int):
            found.append(arguments[0])
        elif origin is dict:
            found.append(arguments[1])
    return found


def _plain_types(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _plain_types(get_args(annotation)[0])
    if origin is Union or origin is types.UnionType:
        return [plain for part in get_args(annotation) for plain in _plain_types(part)]
    return [annotation]


def _is_model(item: Any) -> bool:
    return isinstance(item, type) and issubclass(item, BaseModel)
