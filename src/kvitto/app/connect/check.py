"""Signing in to sources to see whether it works, and as whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from kvitto.app.connect.known import (
    SignIn,
    days_left,
    ending,
    in_utc,
    read_sign_in,
    renewal,
    write_sign_in,
)
from kvitto.app.health import read_health, trouble_of, write_health
from kvitto.app.house import House, require_known
from kvitto.app.progress import Progress, silent
from kvitto.app.who import Who, require_team
from kvitto.errors import KvittoError, Problem, SecretMissing, SourceRefused, WrongState

if TYPE_CHECKING:
    from kvitto.sources.stream import Account

_OF_SIGN_IN = (SourceRefused.code, SecretMissing.code)


@dataclass(frozen=True, slots=True)
class Tested:
    """How signing in to a source went: as whom, or why not.

    ``reads`` can be read there, ``refused`` cannot, with the reasons.
    ``expires_at`` (ISO, UTC) is when the credential ends, ``days_left`` the
    whole days until then. ``warnings`` are sentences for a person.
    """

    name: str
    kind: str
    label: str = ""
    timezone: str | None = None
    currency: str | None = None
    reads: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    expires_at: str | None = None
    days_left: int | None = None
    warnings: tuple[str, ...] = ()
    code: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether it worked."""
        return not self.problems

    def document(self) -> dict[str, object]:
        """As data."""
        return {
            "source": self.name,
            "kind": self.kind,
            "fine": self.fine,
            "label": self.label,
            "timezone": self.timezone,
            "currency": self.currency,
            "reads": list(self.reads),
            "refused": dict(self.refused),
            "expires_at": self.expires_at,
            "days_left": self.days_left,
            "warnings": list(self.warnings),
            "code": self.code,
            "problems": [str(problem) for problem in self.problems],
        }


def check_sources(
    house: House, who: Who, names: Sequence[str] = (), progress: Progress = silent
) -> tuple[Tested, ...]:
    """Sign in to each source (all in scope, or the named ones); one that fails stops no other.

    What is learned is remembered: when the sign-in ends, and whether it works.
    """
    require_team(who, "test the sources")
    known = house.workspace.sources
    for name in names:
        require_known(name, known, "source")
        for client in known[name].serves:
            require_team(who, "test a source", client)
    mine = [name for name, one in sorted(known.items()) if set(one.serves) <= who.scope.clients]
    chosen = tuple(dict.fromkeys(names)) or tuple(mine)
    if not chosen:
        raise WrongState.of(
            "test the sources", "there is none yet", "Add one: kvitto source add KIND"
        )
    found = []
    for done, name in enumerate(chosen):
        progress(f"Signing in to {name}", done, len(chosen))
        found.append(check_one(house, name))
    return tuple(found)


def check_one(house: House, name: str, expires_at: datetime | None = None) -> Tested:
    """Sign in to one source; ``expires_at`` is when its credential ends, as told elsewhere."""
    from kvitto.sources import check_source

    definition = house.workspace.sources[name]
    connection = house.workspace.connections.get(definition.connection or "")
    try:
        account = check_source(name, definition, house.root, connection, house.now)
    except KvittoError as error:
        return _failed(house, name, definition.kind, error)
    return remember(house, name, definition.kind, account, expires_at)


def remember(
    house: House, name: str, kind: str, account: Account, expires_at: datetime | None = None
) -> Tested:
    """Write down that the sign-in works, and what is to be said about it."""
    before = read_sign_in(house, name)
    end = account.expires_at or expires_at
    told = None if end is None else in_utc(end).isoformat(timespec="seconds")
    now = house.now()
    write_sign_in(house, name, SignIn(account.label, now.isoformat(timespec="seconds"), told))
    _well(house, name)
    warnings = []
    ends = ending(told, now)
    if ends:
        warnings.append(f"{ends}. {renewal(house, name)}")
    if before is not None and before.label and before.label != account.label:
        warnings.append(
            f"It was '{before.label}' before and is '{account.label}' now: "
            "is that the account whose data you want?"
        )
    return Tested(
        name,
        kind,
        account.label,
        account.timezone,
        account.currency,
        account.reads,
        _sorted(account.refused),
        told,
        days_left(told, now),
        tuple(warnings),
    )


def _sorted(refused: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(refused.items()))


def _failed(house: House, name: str, kind: str, error: KvittoError) -> Tested:
    health = read_health(house, name)
    if error.code in _OF_SIGN_IN:
        now = house.now().isoformat(timespec="seconds")
        write_health(house, name, replace(health, tried_at=now, trouble=trouble_of(error)))
    return Tested(name, kind, code=error.code, problems=error.problems)


def _well(house: House, name: str) -> None:
    """A sign-in that works again is no trouble any more; other trouble stays."""
    health = read_health(house, name)
    kept = tuple(one for one in health.trouble if one.code not in _OF_SIGN_IN)
    if kept != health.trouble:
        write_health(house, name, replace(health, trouble=kept))
