"""An edition and a brand to bytes: HTML, PDF, XLSX, JSON, CSV, Markdown, mail."""

from kvitto.render.entrance import render, render_all, render_chart_svg, render_mail, vega_spec

__all__ = ["render", "render_all", "render_chart_svg", "render_mail", "vega_spec"]
