"""A client's colours on its own pages."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from kvitto.app.house import House
from kvitto.model.brand import Brand

_TOKENS = ("accent", "accent_soft", "fill", "on_fill")


def brand_of(house: House, name: str) -> Brand:
    """The brand of that name, ours where the workspace has none."""
    return house.workspace.brands.get(name) or Brand()


@lru_cache(maxsize=256)
def style_of(brand: Brand) -> str:
    """The accent of the brand as custom properties; in the dark ours stays, which holds AA there.

    Raises :class:`RenderFailed` for a colour that is not hex.
    """
    from kvitto.render.theme.token import theme_of

    theme = theme_of(brand)
    rules = ";".join(f"--{name.replace('_', '-')}:{getattr(theme, name)}" for name in _TOKENS)
    return f"@media (prefers-color-scheme: light){{.report,.tile,.chart{{{rules}}}}}\n"


def sheet_address(client: str, brand: Brand) -> str:
    """Where the client's style sheet is; it changes with the colours."""
    return f"/clients/{client}/brand.css?{sha256(style_of(brand).encode()).hexdigest()[:12]}"
