"""How a client's reports look."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Brand(BaseModel):
    """How a client's reports look. Colours are hex; ``logo`` is SVG or PNG bytes in base64.

    ``accent`` is used for emphasis and charts; text colours are derived so
    that contrast stays at AA or better.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = "kvitto"
    name: str = "Kvitto"
    accent: str = "#1f5eff"
    accent_2: str = "#0f9d8a"
    ink: str = "#14181f"
    paper: str = "#ffffff"
    logo: str | None = None
    logo_kind: Literal["svg", "png"] | None = None
    footer: str = ""
