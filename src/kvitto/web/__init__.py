"""The web app: thin pages over the use cases of :mod:`kvitto.app`.

No SQL and no business rule lives here. FastAPI and Jinja2 are imported when
one of the two entrances is called, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import FastAPI

    from kvitto.app.house import House


def create_app(house: House) -> FastAPI:
    """The ASGI application over one workspace."""
    from kvitto.web.application import build

    return build(house)


def serve(house: House, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until interrupted. Raises :class:`WrongUse` where the address is taken."""
    from kvitto.web.application import run

    run(house, host, port)
