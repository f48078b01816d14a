"""Specifications to SVG and PNG, without a browser and without a network."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from kvitto.errors import RenderFailed
from kvitto.render.theme.font import FONTS, clean

if TYPE_CHECKING:
    from kvitto.render.chart.frame import Spec

HEAP_MB = 512
"""What one chart may take before it is refused."""

_ROOT = re.compile(r"<svg[^>]*>")
_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')


@lru_cache(maxsize=1)
def _engine() -> Any:
    """The drawing engine: our fonts only, no file, no address may be read."""
    import vl_convert

    logging.getLogger("vl_convert").setLevel(logging.ERROR)
    vl_convert.register_font_directory(str(FONTS))
    vl_convert.configure(
        base_url=False,
        allowed_base_urls=[],
        missing_fonts="fallback",
        max_v8_heap_size_mb=HEAP_MB,
    )
    return vl_convert


def warm_up() -> None:
    """Starts the engine (half a second), so that the first chart does not wait for it."""
    _engine().warm_up_workers()


def draw_svg(spec: Spec, *, name: str, title: str, text: str) -> str:
    """The chart as SVG with ``role="img"``, a title and a description.

    ``name`` must be unique in the page. Raises :class:`RenderFailed` where the
    engine refuses; a blank picture never leaves here.
    """
    still = {**spec, "config": {**spec["config"], "aria": False}}
    try:
        drawn: str = _engine().vegalite_to_svg(still)
    except (ValueError, RuntimeError, PermissionError) as error:
        raise RenderFailed.of(
            f"draw the chart '{title[:60]}'",
            str(error).strip().splitlines()[0][:200] if str(error).strip() else "it was refused",
            "Look whether the chart has too many points; its table holds the same data.",
        ) from error
    return _named(drawn, name, title, text)


def draw_png(svg: str, *, scale: float = 2.0) -> bytes:
    """A drawn chart as PNG, ``scale`` pixels per unit."""
    try:
        data: bytes = _engine().svg_to_png(svg, scale=scale)
    except (ValueError, RuntimeError) as error:
        raise RenderFailed.of(
            "turn a chart into a picture", str(error)[:200], "Leave the pictures out of the mail."
        ) from error
    return data


def size_of(svg: str) -> tuple[float, float]:
    """Natural width and height in px."""
    found = _SIZE.search(svg)
    return (float(found[1]), float(found[2])) if found else (0.0, 0.0)


def _named(svg: str, name: str, title: str, text: str) -> str:
    width, height = size_of(svg)
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{escape(clean(title))}</title>'
        f'<desc id="{name}-d">{escape(clean(text))}</desc>'
    )
    return _ROOT.sub(lambda _: root, svg, count=1)
