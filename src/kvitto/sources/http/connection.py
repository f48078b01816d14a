"""Connections that look at the address they are about to speak to.

The name is resolved once, every address it gives is checked, and the
connection goes to a checked address: a name that answers differently the
second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import socket
from typing import ClassVar

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection

from kvitto.sources.http.address import check_address


def _connect(connection: HTTPConnection, *, allow_private: bool) -> socket.socket:
    """A socket to one of the checked addresses of the connection's host."""
    host, port = connection._dns_host, connection.port
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, allowed_gai_family(), socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(host, connection, socket.gaierror(str(error))) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        check_address(connection.host, address, allow_private=allow_private)
    failure: Exception = OSError("the name has no address")
    for address in addresses:
        try:
            return create_connection(
                (address, port),
                connection.timeout,
                source_address=connection.source_address,
                socket_options=connection.socket_options,
            )
        except TimeoutError:
            failure = ConnectTimeoutError(connection, f"connecting to {host} timed out")
        except OSError as error:
            failure = NewConnectionError(connection, str(error))
    raise failure


class PublicConnection(HTTPConnection):
    """A plain connection; the proxy that the environment names is not checked."""

    allow_private: ClassVar[bool] = False

    def _new_conn(self) -> socket.socket:
        if self.proxy is not None:
            return super()._new_conn()
        return _connect(self, allow_private=self.allow_private)


class PublicTLSConnection(HTTPSConnection):
    """An encrypted connection; the certificate is checked against the name, not the address."""

    allow_private: ClassVar[bool] = False

    def _new_conn(self) -> socket.socket:
        if self.proxy is not None:
            return super()._new_conn()
        return _connect(self, allow_private=self.allow_private)


class PrivateConnection(PublicConnection):
    """A plain connection that may go into the own network."""

    allow_private = True


class PrivateTLSConnection(PublicTLSConnection):
    """An encrypted connection that may go into the own network."""

    allow_private = True


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = PublicConnection


class _PublicTLSPool(HTTPSConnectionPool):
    ConnectionCls = PublicTLSConnection


class _PrivatePool(HTTPConnectionPool):
    ConnectionCls = PrivateConnection


class _PrivateTLSPool(HTTPSConnectionPool):
    ConnectionCls = PrivateTLSConnection


def pool_classes(*, allow_private: bool) -> dict[str, type[HTTPConnectionPool]]:
    """The pools, by scheme, that make checked connections."""
    if allow_private:
        return {"http": _PrivatePool, "https": _PrivateTLSPool}
    return {"http": _PublicPool, "https": _PublicTLSPool}
