"""Who asks: the person, the role, and the clients they may see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kvitto.errors import NotAllowed, WrongUse
from kvitto.model.scope import Scope

UNNAMED = "command line"
"""Who acts where neither ``--by`` nor ``$USER`` names a person; may not stand for anything."""


class Role(StrEnum):
    """``owner`` may do everything for all clients; ``manager`` everything for the
    clients in scope; ``client`` may read sealed editions of their own."""

    owner = "owner"
    manager = "manager"
    client = "client"


@dataclass(frozen=True, slots=True)
class Who:
    """A person (or a run in their name). Every use case is given one."""

    name: str
    role: Role
    scope: Scope

    @property
    def is_team(self) -> bool:
        """One of us, not a client."""
        return self.role is not Role.client


def require_team(who: Who, wish: str, client: str | None = None) -> None:
    """Raises :class:`NotAllowed` for a client's sign-in, :class:`NotInScope` for
    a client that the person may not see."""
    if client is not None:
        who.scope.require(client)
    if not who.is_team:
        raise NotAllowed.of(
            wish, f"{who.name} signed in as a client", "Ask your contact at the agency."
        )


def require_owner(who: Who, wish: str) -> None:
    """Raises :class:`NotAllowed` for anybody but an owner."""
    if who.role is not Role.owner:
        raise NotAllowed.of(wish, f"{who.name} is {who.role.value}", "Ask an owner to do it.")


def require_named(who: Who, wish: str) -> None:
    """Raises :class:`WrongUse` where no person is named: a decision needs a name."""
    if who.name == UNNAMED:
        raise WrongUse.of(wish, "nobody is named who does it", "Add your name: --by NAME")
