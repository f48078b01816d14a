"""From a definition to what a connector needs to open its connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kvitto.errors import BadDefinition, SecretMissing
from kvitto.sources.connector import Reading, SecretField, Settings
from kvitto.sources.stream import Opening
from kvitto.workspace.definition import LimitsDefinition
from kvitto.workspace.part import validate_part
from kvitto.workspace.secret import keep_secret, open_secret


def opening_of(
    reading: Reading, settings: type[Settings], secrets: Sequence[SecretField]
) -> Opening:
    """The opening of a source: its connection's settings and secrets beneath its own.

    Raises :class:`BadDefinition` with all problems of the settings, naming
    file and line.
    """
    definition, connection = reading.definition, reading.connection
    shared = connection.settings if connection is not None else {}
    known = _known(reading, settings, {**shared, **definition.settings})
    references = {**(connection.secrets if connection is not None else {}), **definition.secrets}
    asked = {field.name: field for field in secrets}

    def secret(name: str) -> str:
        reference = references.get(name)
        if reference is None:
            field = asked.get(name)
            raise SecretMissing.of(
                f"the credential '{name}' of the source '{reading.name}'",
                "nothing under secrets: names it",
                f"Write secrets: {name}: env:NAME. {field.help if field else ''}".strip(),
                file=f"sources/{reading.name}.yml",
            )
        return open_secret(reference, reading.root)

    def keep(name: str, value: str) -> None:
        reference = references.get(name)
        if reference is not None:
            keep_secret(reference, value, reading.root)

    limits = definition.limits or (connection.limits if connection is not None else None)
    return Opening(
        source=reading.name,
        settings=known,
        secret=secret,
        keep_secret=keep,
        limits=limits or LimitsDefinition(),
        since=definition.since,
        timezone=definition.timezone,
        allow_private=definition.allow_private
        or (connection is not None and connection.allow_private),
        now=reading.now,
    )


def _known(reading: Reading, kind: type[Settings], values: Mapping[str, Any]) -> Settings:
    file = f"sources/{reading.name}.yml"
    found, problems = validate_part(reading.root, file, ("settings",), values, kind)
    if found is None:
        raise BadDefinition(*problems)
    return found
