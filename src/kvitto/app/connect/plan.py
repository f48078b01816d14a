"""From what a person said to a definition that holds, or everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kvitto.app.connect.draft import Draft, File, drafted, settings_problems, understood
from kvitto.app.connect.new import NewSource
from kvitto.app.house import House, require_known
from kvitto.app.who import Who
from kvitto.errors import BadDefinition, Problem, WrongUse, did_you_mean
from kvitto.workspace.definition import ConnectionDefinition, SourceDefinition

if TYPE_CHECKING:
    from kvitto.sources.connector import Connector

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_HELP = "docs/how-to/credentials.md"


@dataclass(frozen=True, slots=True)
class Plan:
    """A source to be added. ``references`` say where its new credentials are."""

    draft: Draft
    references: Mapping[str, str]


def planned(house: House, who: Who, new: NewSource, *, browser: bool) -> Plan:
    """What will be written. Raises :class:`BadDefinition` with all that is missing or wrong."""
    from kvitto.sources import CONNECTORS

    connector = CONNECTORS.get(new.kind)
    name = _named(house, new)
    shared = house.workspace.connections.get(new.connection or "")
    if shared is not None and shared.kind != new.kind and not _same_sign_in(shared, connector):
        raise WrongUse.of(
            f"share the connection '{new.connection}'",
            f"it is one of {shared.kind}",
            "Name another, which will be made, or leave --connection out.",
        )
    references = _references(new, name, shared, connector, browser)
    common, own = _parted(new, shared, connector, references)
    whose = _whose(house, who, new, name)
    files: list[File] = []
    problems: list[Problem] = []
    connection = shared
    if new.connection and shared is None:
        file = drafted(house.root, f"connections/{new.connection}", common, new.change)
        connection, wrong = understood(file, ConnectionDefinition)
        files.append(file)
        problems += wrong
    file = drafted(house.root, f"sources/{name}", {"kind": new.kind, **whose, **own}, new.change)
    source, wrong = understood(file, SourceDefinition)
    files.append(file)
    problems += wrong
    if source is not None:
        problems += _lacking(house, file, source, connection, connector, browser)
    if problems or source is None:
        raise BadDefinition(*problems)
    return Plan(Draft(name, source, connection, tuple(files)), references)


def _named(house: House, new: NewSource) -> str:
    for given in (new.name, new.connection):
        if given is not None and not _NAME.fullmatch(given):
            raise WrongUse.of(
                f"the name '{given}'",
                "it is no name of a file here",
                "Use small letters, digits, '-' and '_', such as crm or google-ads.",
            )
    if new.name is not None:
        before = house.workspace.sources.get(new.name)
        if before is not None and before.kind != new.kind:
            raise WrongUse.of(
                f"add the source '{new.name}'",
                f"there is one of the kind {before.kind}",
                "Name another with --name.",
            )
        return new.name
    taken = house.workspace.sources
    names = (new.kind, *(f"{new.kind}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _same_sign_in(shared: ConnectionDefinition, connector: Connector) -> bool:
    """Whether both kinds sign in at the same place, as those of Google do."""
    from kvitto.sources import CONNECTORS

    other = CONNECTORS.get(shared.kind).oauth
    ours = connector.oauth
    return other is not None and ours is not None and other.authorise == ours.authorise


def _references(
    new: NewSource,
    name: str,
    shared: ConnectionDefinition | None,
    connector: Connector,
    browser: bool,
) -> dict[str, str]:
    """Where each credential is: said, or in the encrypted file under a name of its own."""
    known = [one.name for one in connector.secrets]
    for given in (*new.references, *new.secrets):
        require_known(given, dict.fromkeys(known), f"credential of {new.kind}")
    owner = f"connections/{new.connection}" if new.connection and shared is None else name
    made = {secret: f"secret:{owner}.{secret}" for secret in new.secrets}
    if browser and connector.oauth is not None:
        keeps = connector.oauth.keeps
        held = (new.references.get(keeps) or "").startswith(("secret:", "keyring:"))
        made[keeps] = new.references[keeps] if held else f"secret:{owner}.{keeps}"
    return {**new.references, **made}


def _parted(
    new: NewSource,
    shared: ConnectionDefinition | None,
    connector: Connector,
    references: Mapping[str, str],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What goes into a new connection's file, and what into the source's own."""
    makes = bool(new.connection) and shared is None
    about = connector.oauth.about if connector.oauth is not None and makes else frozenset()
    common = {"kind": new.kind} | _filled(
        settings={key: value for key, value in new.settings.items() if key in about},
        secrets=dict(references),
        allow_private=new.allow_private,
    )
    own = _filled(
        path=new.path,
        connection=new.connection,
        settings={key: value for key, value in new.settings.items() if key not in about},
        secrets={} if makes else dict(references),
        since=new.since,
        allow_private=new.allow_private and not makes,
    )
    return common, own


def _filled(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value}


def _whose(house: House, who: Who, new: NewSource, name: str) -> dict[str, Any]:
    """The client, or the rule that tells several apart."""
    known = house.workspace.clients
    if new.clients is not None:
        return {"clients": dict(new.clients)}
    if new.client is not None:
        require_known(new.client, known, "client")
        return {"client": new.client}
    if new.change and name in house.workspace.sources:
        return {}
    mine = [client for client in sorted(known) if client in who.scope]
    if len(mine) == 1:
        return {"client": mine[0]}
    if not mine:
        raise WrongUse.of(
            f"add a source of the kind {new.kind}",
            "there is no client whose data it could be",
            "Make one first: a file in clients/, see docs/tutorial.md.",
        )
    raise WrongUse.of(
        f"whose data the source of the kind {new.kind} is",
        f"there are {len(mine)} clients: {', '.join(mine[:8])}",
        f"Name one: --client {mine[0]}. Where one sign-in serves several, say how their rows are "
        'told apart: --clients \'{column: account_id, map: {"123": '
        f"{mine[0]}" + "}}'" + f" ({_HELP}).",
    )


def _lacking(
    house: House,
    written: File,
    source: SourceDefinition,
    connection: ConnectionDefinition | None,
    connector: Connector,
    browser: bool,
) -> Iterator[Problem]:
    """What the connector needs and nobody said; clients that are not there."""
    file = written.name
    for client in source.serves:
        if client not in house.workspace.clients:
            todo = did_you_mean(client, sorted(house.workspace.clients))
            yield Problem(f"the client '{client}'", "there is none", todo, file)
    shared = {} if connection is None else connection.settings
    values = {**shared, **source.settings}
    yield from settings_problems(written, values, connector.settings)
    if connector.kind == "file" and not source.path:
        todo = "Add --path with a file, a folder or a glob."
        yield Problem("the path of the files", "there is none", todo, file)
    held = {*source.secrets, *(() if connection is None else connection.secrets)}
    for secret in connector.secrets:
        if secret.name not in held and not secret.optional:
            yield Problem(
                f"the credential '{secret.name}' ({secret.prompt})",
                "nothing says where it is",
                f"Add --secret {secret.name}=env:NAME. {secret.help}",
                file,
            )
    if browser and connector.oauth is None:
        yield Problem(
            f"sign in to {connector.title} with the browser",
            "its credentials are not given that way",
            "Leave --browser out.",
            file,
        )
