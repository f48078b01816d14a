"""All clients of the demo agency."""

from __future__ import annotations

from kvitto.app.agency.client import Client
from kvitto.app.agency.clients import brazilian, british, finnish, italian, swedish

CLIENTS: tuple[Client, ...] = (
    swedish.CLIENT,
    finnish.CLIENT,
    italian.CLIENT,
    brazilian.CLIENT,
    british.CLIENT,
)
