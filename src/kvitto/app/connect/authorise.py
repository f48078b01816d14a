"""Signing in with the browser, once for all sources that share the sign-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.app.connect.check import Tested, check_one
from kvitto.app.house import House
from kvitto.app.log import note
from kvitto.app.who import Who, require_team
from kvitto.errors import UnknownName, WrongUse, did_you_mean

if TYPE_CHECKING:
    from kvitto.sources.oauth import OAuthProvider
    from kvitto.sources.oauth.flow import Grant
    from kvitto.workspace.definition import ConnectionDefinition, SourceDefinition

Show = Callable[[str], object]
"""Is given the address that a person has to open."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A sign-in that was renewed: by which connection, if shared, and how its sources fare.

    ``kept`` is the reference under which the token is.
    """

    connection: str | None
    kept: str
    sources: tuple[Tested, ...]

    @property
    def fine(self) -> bool:
        """Whether all its sources can sign in now."""
        return all(one.fine for one in self.sources)

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "connection": self.connection,
            "kept": self.kept,
            "sources": [one.document() for one in self.sources],
        }


def connect(
    house: House,
    who: Who,
    name: str,
    show: Show,
    *,
    port: int | None = None,
    seconds: float | None = None,
) -> Connected:
    """Sign in to a source, or to a connection, with the browser; all that share it are tested.

    Raises :class:`WrongUse` where that is no way to sign in there, and what
    :func:`kvitto.sources.oauth.flow.sign_in` raises.
    """
    source, members = _members(house, name)
    for member in members:
        for client in house.workspace.sources[member].serves:
            require_team(who, "sign in to a source", client)
    definition = house.workspace.sources[source]
    shared = house.workspace.connections.get(definition.connection or "")
    others = [house.workspace.sources[member].kind for member in members]
    provider = provider_of(definition.kind, others)
    grant = grant_for(house, source, definition, shared, provider, show, port, seconds)
    reference, owner = _kept(house, source, definition, shared, provider.keeps, grant)
    shares = owner.startswith("connections/")
    details = {"sources": members, "scopes": grant.scopes, "kept": reference}
    note(house, who, "source.connect", name, details=details)
    after = house.reopened()
    concerned = members if shares else (source,)
    tested = tuple(check_one(after, member, grant.expires_at) for member in concerned)
    return Connected(definition.connection if shares else None, reference, tested)


def provider_of(kind: str, others: list[str] | tuple[str, ...] = ()) -> OAuthProvider:
    """The sign-in of that kind, asking for what ``others`` need that sign in at the same place."""
    from kvitto.sources import CONNECTORS

    provider = CONNECTORS.get(kind).oauth
    if provider is None:
        raise WrongUse.of(
            f"sign in to {kind} with the browser",
            "its credentials are not given that way",
            "Keep them with: kvitto source secret secret:NAME",
        )
    scopes = provider.scopes.split()
    for other in others:
        beside = CONNECTORS.get(other).oauth
        if beside is not None and beside.exchange == provider.exchange:
            scopes += beside.scopes.split()
    return replace(provider, scopes=" ".join(dict.fromkeys(scopes)))


def grant_for(
    house: House,
    name: str,
    definition: SourceDefinition,
    shared: ConnectionDefinition | None,
    provider: OAuthProvider,
    show: Show,
    port: int | None = None,
    seconds: float | None = None,
) -> Grant:
    """What a person's sign-in gives for a source that is defined so."""
    from kvitto.sources import CONNECTORS, Reading
    from kvitto.sources.oauth import place_of
    from kvitto.sources.oauth.flow import SECONDS, sign_in
    from kvitto.sources.pull.opening import opening_of

    connector = CONNECTORS.get(definition.kind)
    reading = Reading(name, definition, house.root, house.runtime, shared, now=house.now)
    opening = opening_of(reading, connector.settings, connector.secrets)
    place = place_of(provider, opening.settings, name)
    return sign_in(opening, place, show, port=port, seconds=SECONDS if seconds is None else seconds)


def _members(house: House, name: str) -> tuple[str, tuple[str, ...]]:
    """A source to sign in for, and all that share its sign-in."""
    sources = house.workspace.sources
    connection = sources[name].connection if name in sources else name
    if name not in sources and name not in house.workspace.connections:
        known = [*sources, *house.workspace.connections]
        raise UnknownName.of(
            f"the source or connection '{name}'", "there is none", did_you_mean(name, known)
        )
    sharing = tuple(
        other
        for other, one in sorted(sources.items())
        if connection is not None and one.connection == connection
    )
    if name in sources:
        return name, sharing or (name,)
    if not sharing:
        raise WrongUse.of(
            f"sign in to the connection '{name}'",
            "no source uses it",
            f"Add one: kvitto source add KIND --connection {name}",
        )
    return sharing[0], sharing


def _kept(
    house: House,
    source: str,
    definition: SourceDefinition,
    shared: ConnectionDefinition | None,
    keeps: str,
    grant: Grant,
) -> tuple[str, str]:
    """Keep the token: under its reference, and whose file that stands in."""
    from kvitto.workspace.secret import keep_secret
    from kvitto.workspace.writing import write_value

    own = keeps in definition.secrets or shared is None
    owner = f"sources/{source}" if own else f"connections/{definition.connection}"
    secrets = definition.secrets if own or shared is None else shared.secrets
    reference = secrets.get(keeps, "")
    # The environment cannot be written: a new token gets a place that can.
    if reference and not reference.startswith("env:"):
        keep_secret(reference, grant.token, house.root)
        return reference, owner
    reference = f"secret:{owner.removeprefix('sources/')}.{keeps}"
    keep_secret(reference, grant.token, house.root)
    path = _file(house.root, owner)
    if secrets:
        write_value(path, ("secrets", keeps), reference)
    else:
        write_value(path, ("secrets",), {keeps: reference})
    return reference, owner


def _file(root: Path, owner: str) -> Path:
    long = root / f"{owner}.yaml"
    return long if long.is_file() else root / f"{owner}.yml"
