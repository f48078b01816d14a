"""Which clients a question may touch.

A scope comes from the signed-in person, the token or the run, never from a
request parameter. A question cannot be built without one, and the compiler
puts it into every table it reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from kvitto.errors import NotInScope


@dataclass(frozen=True, slots=True)
class Scope:
    """The clients that may be seen, and who they were granted to.

    ``granted_to`` names the person, token or run, for the audit log.
    """

    clients: frozenset[str]
    granted_to: str

    def __post_init__(self) -> None:
        if not self.granted_to:
            raise NotInScope.of(
                "a scope", "nobody is named as its holder", "Say for whom the scope is."
            )

    @classmethod
    def of(cls, granted_to: str, *clients: str) -> Scope:
        return cls(frozenset(clients), granted_to)

    def __contains__(self, client: str) -> bool:
        return client in self.clients

    def require(self, client: str) -> str:
        """The client, if the scope holds it.

        Raises :class:`NotInScope` with the same words whether the client does
        not exist or may not be seen, so that nothing is learnt by asking.
        """
        if client not in self.clients:
            raise NotInScope.of(
                f"the client '{client}'",
                f"{self.granted_to} has no such client",
                "Check the name, or ask an owner for access.",
            )
        return client

    def narrow(self, *clients: str) -> Scope:
        """The same holder with only these clients, each of which must be in scope."""
        return Scope(frozenset(self.require(client) for client in clients), self.granted_to)
