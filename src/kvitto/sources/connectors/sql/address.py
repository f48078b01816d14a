"""Where a database is: its URL taken apart, its host's addresses looked at before it is called."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from kvitto.errors import AddressRefused, BadSource, SourceUnreachable, nearest

Dialect = Literal["postgres", "mysql", "sqlite", "duckdb"]

_SCHEMES: Mapping[str, Dialect] = MappingProxyType(
    {
        "postgresql": "postgres",
        "postgres": "postgres",
        "mysql": "mysql",
        "mariadb": "mysql",
        "sqlite": "sqlite",
        "duckdb": "duckdb",
    }
)
_PORTS: Mapping[Dialect, int] = MappingProxyType({"postgres": 5432, "mysql": 3306})
_OPTIONS = frozenset({"sslmode", "sslrootcert"})
_OPEN_MODES = frozenset({"disable", "allow", "prefer"})


@dataclass(frozen=True, slots=True)
class Target:
    """A database: of a server (``host``), or in a file (``path``)."""

    dialect: Dialect
    host: str = ""
    port: int = 0
    user: str = ""
    database: str = ""
    path: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def label(self) -> str:
        """What a person recognises it by."""
        return self.path or f"{self.database} at {self.host}"


def target_of(url: str) -> Target:
    """The URL taken apart. Raises :class:`ValueError` with a sentence."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("the address cannot be read") from None
    dialect = _SCHEMES.get(parts.scheme.partition("+")[0])
    if dialect is None:
        raise ValueError("an address begins with postgresql://, mysql://, sqlite:/// or duckdb:///")
    if parts.password is not None:
        raise ValueError("take the password out of the address and name it under secrets: password")
    path = unquote(parts.path)
    if dialect in ("sqlite", "duckdb"):
        if parts.netloc or len(path) < 2:
            raise ValueError(f"a file is written {dialect}:///path, relative to the workspace")
        return Target(dialect, path=path[1:])
    if not parts.hostname or len(path) < 2:
        raise ValueError("an address names host and database, as in postgresql://user@host/name")
    options = dict(parse_qsl(parts.query))
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise ValueError(
            f"'{unknown[0]}' cannot be set in the address; known: sslmode, sslrootcert"
        )
    return Target(
        dialect,
        parts.hostname,
        port or _PORTS[dialect],
        unquote(parts.username or ""),
        path[1:],
        options=MappingProxyType(options),
    )


def reachable_at(target: Target, *, allow_private: bool) -> str:
    """The numeric address to call, after all that the name resolves to were looked at.

    It is called by number, so that the name cannot mean another one a moment later.
    """
    from kvitto.sources.http.address import check_address

    _check_encrypted(target, allow_private=allow_private)
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnreachable.of(
            f"the database at {target.host}",
            f"nobody knows that name ({getattr(error, 'strerror', None) or error})",
            "Correct the host in url:, or look at the network.",
        ) from None
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        check_address(target.host, address, allow_private=allow_private)
    return addresses[0]


def _check_encrypted(target: Target, *, allow_private: bool) -> None:
    mode = target.options.get("sslmode")
    if mode in _OPEN_MODES and not allow_private:
        raise AddressRefused.of(
            f"an encrypted connection to {target.host}",
            f"sslmode={mode}, over which the data would be readable by others",
            "Leave sslmode out, or write allow_private: true for a server of your own network.",
        )


def file_at(target: Target, root: Path) -> Path:
    """The database's file. Raises :class:`BadSource` where there is none."""
    path = root / target.path
    if path.is_file():
        return path
    near = None
    if path.parent.is_dir():
        near = nearest(path.name, [one.name for one in path.parent.iterdir()])
    raise BadSource.of(
        f"the database {target.path}",
        "there is no such file",
        f"Did you mean '{near}'?" if near else "Correct url:; it is relative to the workspace.",
    )
