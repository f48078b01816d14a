"""HTML: one file that holds its styles, fonts and charts, and asks for nothing.

No script is needed or allowed: the page's own policy forbids every address.
"""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

from kvitto.model.block import TrendPoint
from kvitto.render.chart.spark import spark_svg
from kvitto.render.fact import facts_of, first_words, has_provisional, is_dashed, safe_link
from kvitto.render.format import Format
from kvitto.render.ledger import day_text
from kvitto.render.material import Material, paragraphs, rows_of_tiles, shown, stretches
from kvitto.render.page import PAGE, environment
from kvitto.render.theme.font import font_faces


def write(material: Material) -> bytes:
    """The page as UTF-8."""
    from markupsafe import Markup

    edition = material.edition
    page = environment().get_template("page.html.j2")
    text = page.render(
        e=edition,
        labels=edition.labels,
        words=material.words,
        brand=material.brand,
        theme=material.theme,
        faces=Markup(font_faces()),  # noqa: S704 - our own files
        style=Markup((PAGE / "style.css").read_text()),  # noqa: S704 - our own file
        logo=logo_uri(material),
        facts=facts_of(material),
        groups=material.groups,
        marks=material.marks,
        charts=material.wide_charts,
        narrow=material.narrow_charts,
        shown=partial(shown, missing=edition.labels.missing),
        day=partial(day_text, language=edition.language),
        spark=lambda trend: Markup(_spark(trend, material)),  # noqa: S704 - escaped there
        **_PLAIN,
    )
    return text.encode()


def logo_uri(material: Material) -> str | None:
    """The logo as a data address. As an image, an SVG can neither run nor load anything."""
    if material.logo is None:
        return None
    kind = "image/svg+xml" if material.brand.logo_kind == "svg" else "image/png"
    return f"data:{kind};base64,{base64.b64encode(material.logo).decode()}"


def _spark(trend: tuple[TrendPoint, ...], material: Material) -> str:
    return spark_svg(trend, material.theme)


def _percent(share: float) -> float:
    return round(min(max(share, 0.0), 1.0) * 100, 1)


_PLAIN: dict[str, Any] = {
    "paragraphs": paragraphs,
    "stretches": stretches,
    "tile_rows": rows_of_tiles,
    "link": safe_link,
    "starred": has_provisional,
    "dashed": is_dashed,
    "first_words": first_words,
    "percent": _percent,
}


FORMAT = Format(
    name="html", extension="html", media_type="text/html; charset=utf-8", write=write, draws=True
)
