"""The kinds of sources, and what each asks a person for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from kvitto.sources.connector import Connector

_PATH = "file, folder or glob, counted from the workspace"


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to be said of a source. ``choices`` are all that may be said, where that is so.

    ``hidden`` things are credentials: never shown while they are typed, nor after.
    """

    name: str
    about: str
    required: bool = True
    default: str = ""
    choices: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source. ``browser`` tells whether a person can sign in there.

    ``keeps`` is the credential that such a sign-in fills.
    """

    kind: str
    title: str
    reads: str
    settings: tuple[Asked, ...] = ()
    secrets: tuple[Asked, ...] = ()
    browser: bool = False
    keeps: str = ""
    deciding: frozenset[str] = frozenset()

    def document(self) -> dict[str, object]:
        """As data."""
        return {"kind": self.kind, "title": self.title, "reads": self.reads}


def kinds() -> tuple[Kind, ...]:
    """All kinds of sources, sorted."""
    from kvitto.sources import CONNECTORS

    return tuple(_kind(connector) for _, connector in CONNECTORS)


def kind_named(kind: str) -> Kind:
    """The kind of that name. Raises :class:`UnknownName`."""
    from kvitto.sources import CONNECTORS

    return _kind(CONNECTORS.get(kind))


def _kind(connector: Connector) -> Kind:
    asked = tuple(_asked(name, one) for name, one in connector.settings.model_fields.items())
    if connector.kind == "file":
        asked = (Asked("path", _PATH),)
    secrets = tuple(
        Asked(one.name, f"{one.prompt}. {one.help}", not one.optional, hidden=True)
        for one in connector.secrets
    )
    oauth = connector.oauth
    if oauth is None:
        return Kind(connector.kind, connector.title, connector.reads, asked, secrets)
    needs = frozenset(name.split(".")[0] for name in oauth.needs)
    return Kind(
        connector.kind, connector.title, connector.reads, asked, secrets, True, oauth.keeps, needs
    )


def _asked(name: str, field: FieldInfo) -> Asked:
    default = "" if field.is_required() else _shown(field.get_default(call_default_factory=True))
    return Asked(
        name, field.description or "", field.is_required(), default, _choices(field.annotation)
    )


def _shown(value: Any) -> str:
    plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if plain else str(value).lower() if isinstance(value, bool) else ""


def _choices(annotation: Any) -> tuple[str, ...]:
    if get_origin(annotation) is Literal:
        return tuple(str(one) for one in get_args(annotation))
    return ()
