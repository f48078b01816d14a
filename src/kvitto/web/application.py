"""The application put together, and served."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.telemetry import TelemetryConfig

from kvitto.app.house import House
from kvitto.errors import WrongUse
from kvitto.web.access import guard_form, signed_in, visitor_of
from kvitto.web.asset import VegaBundle, load_assets
from kvitto.web.failure import Catching, register
from kvitto.web.header import Guarding
from kvitto.web.language import Speaking
from kvitto.web.page import load_pages
from kvitto.web.route import (
    client,
    compare,
    door,
    draft,
    edition,
    finding,
    health,
    label,
    receipt,
    review,
    source,
)
from kvitto.web.site import Keeper, Site
from kvitto.web.throttle import Throttle

_SILENT: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""Off, whatever the environment says: the framework would send on what it sees."""


def build(house: House) -> FastAPI:
    """The ASGI application over one workspace; the house stays open as long as it lives."""
    assets = load_assets()
    vega = VegaBundle(house.runtime / "cache")
    keeper = Keeper(house)
    pages = load_pages(assets, vega, house.workspace.agency.agency)
    app = FastAPI(
        title="Kvitto",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        default_response_class=HTMLResponse,
        dependencies=[Depends(guard_form)],
        telemetry=_SILENT,
    )
    app.state.site = Site(keeper, pages, assets, vega, Throttle())
    app.include_router(door.open_router)
    app.include_router(door.router, dependencies=[Depends(visitor_of)])
    private = APIRouter(dependencies=[Depends(signed_in)])
    for room in (client, edition, draft, receipt, finding, source, review, health, compare, label):
        private.include_router(room.router)
    app.include_router(private)
    register(app)
    app.add_middleware(Catching)
    app.add_middleware(Speaking)
    app.add_middleware(Guarding)
    return app


def run(house: House, host: str, port: int) -> None:
    """Serve until interrupted. Raises :class:`WrongUse` where the address is taken."""
    import socket

    import uvicorn

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise WrongUse.of(
            f"serve on {host}:{port}",
            error.strerror or str(error),
            "Stop what uses the address, or choose another with --port.",
        ) from error
    config = uvicorn.Config(build(house), host=host, port=port, server_header=False)
    uvicorn.Server(config).run(sockets=[listening])
