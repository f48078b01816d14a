"""Python that ends with 97 where it asks for a name or connects beyond this machine.

For machines that give no network namespace: ``python watched.py -m kvitto ...``
or ``python watched.py -c CODE``.
"""

from __future__ import annotations

import os
import runpy
import sys
from ipaddress import ip_address


def watch(event: str, details: tuple[object, ...]) -> None:
    """The interpreter's audit hook; a library cannot switch it off again."""
    if event == "socket.getaddrinfo" and not _is_here(details[0]):
        _end(f"asked for the address of {details[0]}")
    if event == "socket.connect":
        address = details[1]
        if isinstance(address, tuple) and not _is_here(address[0]):
            _end(f"connected to {address[0]}")


def _is_here(host: object) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _end(why: str) -> None:
    # An exception could be caught by whoever tried.
    os.write(2, f"The network was used: {why}\n".encode())
    os._exit(97)


if __name__ == "__main__":
    sys.addaudithook(watch)
    how, what, *rest = sys.argv[1:]
    sys.argv = [what, *rest]
    if how == "-c":
        exec(what)
    else:
        runpy.run_module(what, run_name="__main__", alter_sys=True)
