"""Which addresses a source may speak to.

A declaration names a server; what that name resolves to is decided by others.
Without ``allow_private`` only addresses of the public internet are spoken to,
so that a declaration cannot be used to look around in the own network.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from kvitto.errors import AddressRefused

_NEVER = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",  # link-local, and the metadata services of most clouds
        "fe80::/10",
        "100.100.100.200/32",  # metadata services outside the link-local range
        "192.0.0.192/32",
        "168.63.129.16/32",
        "fd00:ec2::/32",
    )
)
_NAT64 = ip_network("64:ff9b::/96")
_LOCAL_NAMES = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")

Address = IPv4Address | IPv6Address


def why_refused(address: str, *, allow_private: bool) -> str | None:
    """Why the numeric ``address`` may not be spoken to; ``None`` where it may.

    Link-local addresses and those of metadata services are refused even where
    private ones are allowed: no client's data lives there.
    """
    ip = _meant(ip_address(address.split("%", 1)[0]))
    if any(ip in network for network in _NEVER if network.version == ip.version):
        return "an address of the machine's own surroundings (link-local or metadata)"
    if ip.is_multicast or ip.is_unspecified:
        return "not the address of one server"
    if allow_private or ip.is_global:
        return None
    return "an address of this machine" if ip.is_loopback else "a private address"


def _meant(ip: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def check_address(host: str, address: str, *, allow_private: bool) -> None:
    """Refuse ``address``, to which ``host`` resolved, where it may not be spoken to."""
    why = why_refused(address, allow_private=allow_private)
    if why is not None:
        raise AddressRefused.of(
            f"an address that {host} may have",
            f"{host} is at {address}, {why}",
            "Correct the address, or write allow_private: true in the source's file "
            "where it is a server of your own network.",
        )


def check_url(url: str, *, allow_private: bool) -> None:
    """Refuse a URL that cannot be an allowed one whatever its name resolves to.

    Names are resolved and checked again when the connection is made; through a
    proxy, which resolves them itself, this is the only check.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise AddressRefused.of(
            "an address that begins with https://",
            f"{parts.scheme or 'no scheme'}://{host or '?'}",
            "Write the server's whole address, such as https://api.example.com.",
        )
    if parts.scheme == "http" and not allow_private:
        raise AddressRefused.of(
            "an encrypted address",
            f"http://{host}, over which credentials would be readable by others",
            "Use https://, or allow_private: true for a server of your own network.",
        )
    try:
        check_address(host, str(ip_address(host)), allow_private=allow_private)
    except ValueError:
        local = host == _LOCAL_NAMES[0] or host.endswith(_LOCAL_NAMES[1:])
        if local and not allow_private:
            raise AddressRefused.of(
                "a server on the internet",
                f"{host}, a name of the own network",
                "Correct the address, or write allow_private: true in the source's file.",
            ) from None


def origin(url: str) -> str:
    """Scheme, host and port of ``url``: what credentials belong to."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}:{port}"
