"""HTML: one file that holds its styles, fonts and charts, and asks for nothing.

No script is needed or allowed: the page's own policy forbids every address.
"""

from __future__ import annotations

import base64
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kvitto.model.edition import Brand, ChartBlock, TableBlock, TrendPoint
from kvitto.render.chart.spark import spark_svg
from kvitto.render.format import Format
from kvitto.render.ledger import day_text
from kvitto.render.material import Material, rows_of_tiles, segments, shown
from kvitto.render.theme.font import clean, font_faces

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE = Path(__file__).parent.parent / "page"
"""Folder of the templates and the style sheet."""


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
        faces=Markup(font_faces()),  # noqa: S704  our own files
        style=Markup((PAGE / "style.css").read_text()),  # noqa: S704
        logo=logo_uri(material.brand),
        facts=facts_of(material),
        groups=material.groups,
        marks=material.marks,
        charts=material.wide_charts,
        narrow=material.narrow_charts,
        shown=partial(shown, missing=edition.labels.missing),
        day=partial(day_text, language=edition.language),
        spark=lambda trend: Markup(_spark(trend, material)),  # noqa: S704  escaped there
        **_PLAIN,
    )
    return text.encode()


def facts_of(material: Material) -> tuple[tuple[str, str], ...]:
    """What stands under the title: for whom, by whom, when, how fresh."""
    e, labels = material.edition, material.edition.labels
    by = ", ".join(part for part in (e.manager, e.agency) if part)
    facts = [
        (labels.prepared_for, e.client_name),
        (labels.prepared_by, by),
        (labels.period, e.period_text),
        (labels.data_as_of, e.data_as_of_text),
        (material.words.corrects, e.corrects or ""),
    ]
    return tuple((name, text) for name, text in facts if text)


def logo_uri(brand: Brand) -> str | None:
    """The logo as a data address. As an image, an SVG can neither run nor load anything."""
    if brand.logo is None or brand.logo_kind is None:
        return None
    kind = "image/svg+xml" if brand.logo_kind == "svg" else "image/png"
    data = base64.b64encode(base64.b64decode(brand.logo)).decode()
    return f"data:{kind};base64,{data}"


def safe_link(address: str) -> str | None:
    """The address if it is one that a reader may follow: http, https or mailto."""
    stripped = clean(address).strip()
    return stripped if stripped.lower().startswith(("https://", "http://", "mailto:")) else None


def has_provisional(block: TableBlock) -> bool:
    """Whether a cell of the table is provisional, so that the asterisk is explained."""
    rows = [*block.rows, *([block.total] if block.total else [])]
    return any(c.figure and c.figure.status == "provisional" for row in rows for c in row)


def is_dashed(block: ChartBlock) -> bool:
    """Whether a figure of the chart is provisional, so that dashes are explained."""
    return any(value.status == "provisional" for s in block.series for value in s.values)


def first_words(block: ChartBlock) -> str:
    """What an empty chart says instead of a picture."""
    return next((v.display for s in block.series for v in s.values if v.display), "")


def _spark(trend: tuple[TrendPoint, ...], material: Material) -> str:
    return spark_svg(trend, material.theme)


def _percent(share: float) -> float:
    return round(min(max(share, 0.0), 1.0) * 100, 1)


_PLAIN: dict[str, Any] = {
    "segments": segments,
    "tile_rows": rows_of_tiles,
    "link": safe_link,
    "starred": has_provisional,
    "dashed": is_dashed,
    "first_words": first_words,
    "percent": _percent,
}


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates, with everything escaped whatever a file is called."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(PAGE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )


def _finalize(value: object) -> object:
    return clean(value) if type(value) is str else value


FORMAT = Format(
    name="html", extension="html", media_type="text/html; charset=utf-8", write=write, draws=True
)
