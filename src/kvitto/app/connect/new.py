"""What a person says of a source to be added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class NewSource:
    """What a person said of a source to be added.

    ``settings`` are the connector's own, as texts, lists and mappings.
    ``references`` say where a credential is, ``secrets`` are credentials
    themselves, to be kept in the encrypted file. ``clients`` tells the rows of
    several clients apart. ``connection`` names a sign-in to share; one that is
    not there yet is made. ``change`` allows to change a file that exists.
    """

    kind: str
    name: str | None = None
    client: str | None = None
    clients: Mapping[str, Any] | None = None
    connection: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    path: str = ""
    since: str = ""
    allow_private: bool = False
    change: bool = False
