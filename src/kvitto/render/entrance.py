"""The doors of this room: an edition and a brand in, bytes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kvitto.model.block import ChartBlock
    from kvitto.model.brand import Brand
    from kvitto.model.edition import Edition
    from kvitto.render.mail import Mail


def render(edition: Edition, brand: Brand, form: str) -> bytes:
    """The edition in one form: html, pdf, xlsx, json, csv or md.

    The same edition and brand give the same bytes. Raises
    :class:`kvitto.errors.UnknownName` for a form that nobody wrote and
    :class:`kvitto.errors.RenderFailed` where it cannot be written.
    """
    return render_all(edition, brand, [form])[form]


def render_all(edition: Edition, brand: Brand, forms: Sequence[str]) -> dict[str, bytes]:
    """The edition in several forms; what they share (the charts) is drawn once.

    The chart engine starts while the forms without charts are written, and
    forms that work in a process of their own run beside the others.
    """
    from concurrent.futures import ThreadPoolExecutor

    from kvitto.render.format import FORMATS
    from kvitto.render.material import Material

    wanted = [FORMATS.get(form) for form in dict.fromkeys(forms)]
    material = Material(edition, brand)
    drawing = [item for item in wanted if item.draws]
    with ThreadPoolExecutor(max_workers=1) as beside:
        ready = beside.submit(_start_engine) if drawing and material.charts else None
        made = {item.name: item.write(material) for item in wanted if not item.draws}
        if ready is not None:
            ready.result()
        if drawing:
            material.draw()
        apart = {item.name: beside.submit(item.write, material) for item in drawing if item.apart}
        made |= {item.name: item.write(material) for item in drawing if not item.apart}
        made |= {name: work.result() for name, work in apart.items()}
    return {item.name: made[item.name] for item in wanted}


def _start_engine() -> None:
    from kvitto.render.chart.draw import warm_up

    warm_up()


def render_mail(edition: Edition, brand: Brand, *, link: str | None = None) -> Mail:
    """The edition as a mail: key figures, summary, next steps, two charts, a link.

    The HTML stays below the size at which mail programs clip.
    """
    from kvitto.render.mail import write_mail
    from kvitto.render.material import Material

    return write_mail(Material(edition, brand), link)


def render_chart_svg(block: ChartBlock, language: str, brand: Brand | None = None) -> str:
    """One chart as SVG with ``role="img"``, title and description."""
    from kvitto.render.chart.draw import draw_svg

    spec = vega_spec(block, language, brand)
    return draw_svg(spec, name="chart", title=block.title, text=block.alt)


def vega_spec(
    block: ChartBlock, language: str, brand: Brand | None = None, *, width: int = 780
) -> dict[str, Any]:
    """The Vega-Lite specification of a chart, for showing it interactively."""
    from kvitto.render.chart.spec import vega_spec as make

    return make(block, language, brand, width=width)
