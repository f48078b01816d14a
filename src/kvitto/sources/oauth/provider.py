"""What a vendor's sign-in needs, as data; nothing here speaks to anybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from kvitto.errors import WrongUse

_NONE: Mapping[str, str] = MappingProxyType({})
_FIELD = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)*)\}")


@dataclass(frozen=True, slots=True)
class OAuthProvider:
    """How a person allows us to read, at one vendor (OAuth 2, authorisation code, PKCE).

    ``authorise`` is the page that a person sees, ``exchange`` the address where
    tokens are given, ``scopes`` what we ask
    for, parted by blanks; ``{name}`` in them is that setting of the source, so that
    another data centre or a sandbox is named there. ``extra`` goes along to the
    address. ``keeps`` is the secret that the answer fills, ``app`` are
    the secrets that say which app we are: its id, and what proves it. ``host`` and
    ``port`` are how the vendor wants our callback to be called: any port of
    127.0.0.1, or for those who compare the whole address a name and a fixed
    port. ``needs`` are settings without which a source does not sign in this
    way. ``prolong`` is the grant that makes a short token a long one.
    ``help`` says where a person makes an app and allows the callback.
    """

    name: str
    authorise: str
    exchange: str
    help: str
    scopes: str = ""
    separator: str = " "
    extra: Mapping[str, str] = field(default_factory=lambda: _NONE)
    keeps: str = "refresh_token"
    app: tuple[str, str] = ("client_id", "client_secret")
    host: str = "127.0.0.1"
    port: int = 0
    needs: Mapping[str, str] = field(default_factory=lambda: _NONE)
    prolong: str | None = None

    @property
    def about(self) -> frozenset[str]:
        """The settings that the sign-in depends on: they belong beside a shared credential."""
        texts = (self.authorise, self.exchange, self.scopes)
        read = (name.split(".")[0] for text in texts for name in _FIELD.findall(text))
        return frozenset((*read, *(name.split(".")[0] for name in self.needs)))


@dataclass(frozen=True, slots=True)
class Place:
    """A provider for one source: whole addresses and the scopes to ask for."""

    provider: OAuthProvider
    authorise: str
    exchange: str
    scopes: str


def place_of(provider: OAuthProvider, settings: object, source: str) -> Place:
    """The provider's addresses for a source with these settings.

    Raises :class:`WrongUse` where the source signs in another way, or a
    setting is missing that the addresses are made of.
    """
    for name, wanted in provider.needs.items():
        if _value(settings, name) != wanted:
            raise WrongUse.of(
                f"sign in to {provider.name} for '{source}'",
                f"the source signs in another way ({name} is {_value(settings, name)})",
                f"Write {name}: {wanted} under settings:, or keep its present credential.",
            )

    def filled(text: str) -> str:
        return _FIELD.sub(lambda match: _required(settings, match[1], provider, source), text)

    scopes = filled(provider.scopes) if provider.scopes else ""
    return Place(
        provider,
        filled(provider.authorise),
        filled(provider.exchange),
        provider.separator.join(scopes.split()),
    )


def _required(settings: object, name: str, provider: OAuthProvider, source: str) -> str:
    found = _value(settings, name)
    if found is None:
        raise WrongUse.of(
            f"sign in to {provider.name} for '{source}'",
            f"its settings do not say {name}",
            f"Write {name} under settings: in the file of the source or of its connection.",
        )
    return str(found).rstrip("/")


def _value(settings: Any, name: str) -> Any:
    for part in name.split("."):
        settings = getattr(settings, part, None)
    return settings
