"""JSON Schema of the definitions, so that editors complete and check them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from kvitto.errors import UnknownName, did_you_mean
from kvitto.model.brand import Brand
from kvitto.workspace.decision import DecisionsDefinition
from kvitto.workspace.definition import (
    Agency,
    ClientDefinition,
    ConnectionDefinition,
    MetricFile,
    RulesDefinition,
    SourceDefinition,
)
from kvitto.workspace.meaning import MeaningFile
from kvitto.workspace.system import SystemsDefinition
from kvitto.workspace.writing import replace_text

SCHEMA_KINDS: dict[str, type[BaseModel]] = {
    "kvitto": Agency,
    "client": ClientDefinition,
    "source": SourceDefinition,
    "connection": ConnectionDefinition,
    "metrics": MetricFile,
    "meaning": MeaningFile,
    "brand": Brand,
    "rules": RulesDefinition,
    "decisions": DecisionsDefinition,
    "systems": SystemsDefinition,
}
"""Kinds of file that have a schema here."""

SCHEMA_FOLDER = ".schemas"

_OF_FOLDER = {
    "clients": "client",
    "sources": "source",
    "connections": "connection",
    "metrics": "metrics",
    "meanings": "meaning",
    "brands": "brand",
    "rules": "rules",
    "decisions": "decisions",
    "systems": "systems",
    "templates": "template",
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MARK = "# yaml-language-server: $schema="


def schema_for(kind: str) -> dict[str, Any]:
    """The JSON Schema of one kind of file.

    A text may also be written as a bare number (``period: 2017``), as the
    reader allows. Raises :class:`UnknownName`.
    """
    if kind not in SCHEMA_KINDS:
        raise UnknownName.of(
            f"the schema '{kind}'", "there is none", did_you_mean(kind, list(SCHEMA_KINDS))
        )
    schema = SCHEMA_KINDS[kind].model_json_schema()
    widened: dict[str, Any] = _widened(schema)
    return {"$schema": _DIALECT, **widened}


def write_schemas(root: Path, extra: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    """Write ``.schemas/<kind>.json`` for all kinds, and those of other rooms in ``extra``."""
    folder = root / SCHEMA_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    schemas = {kind: schema_for(kind) for kind in SCHEMA_KINDS} | dict(extra or {})
    for kind, schema in schemas.items():
        text = json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        path = folder / f"{kind}.json"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            replace_text(path, text)


def with_schema_line(text: str, folder: str) -> str:
    """The YAML text with the line that tells editors its schema; ``folder`` is where it lies.

    A text that has such a line, or whose folder has no schema, is given back as it is.
    """
    if _MARK in text:
        return text
    if folder in ("", "."):
        return f"{_MARK}{SCHEMA_FOLDER}/kvitto.json\n{text}"
    kind = _OF_FOLDER.get(folder)
    if kind is None or kind not in SCHEMA_KINDS:
        return text
    return f"{_MARK}../{SCHEMA_FOLDER}/{kind}.json\n{text}"


def _widened(part: Any) -> Any:
    if isinstance(part, list):
        return [_widened(item) for item in part]
    if not isinstance(part, dict):
        return part
    result = {key: _widened(item) for key, item in part.items()}
    closed = {"pattern", "enum", "const", "format"} & result.keys()
    if result.get("type") == "string" and not closed:
        result["type"] = ["string", "number"]
    return result
