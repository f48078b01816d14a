"""Our style sheets, scripts and fonts, and the chart library.

Everything is served from addresses that hold a digest of the content, so a
browser may keep it for a year. The chart library comes out of the installed
``vl_convert`` package when a page first asks for it; a copy is kept beside the
workspace's run-time data, because making it takes a second.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kvitto.model.brand import Brand

KEPT = "public, max-age=31536000, immutable"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, the same zipped where that helps, and its media type."""

    content: bytes
    zipped: bytes | None
    kind: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files of our own under one digest."""

    digest: str
    named: dict[str, Asset]

    def address(self, name: str) -> str:
        """The path under which a page names the file. Raises ``KeyError`` if there is none."""
        _ = self.named[name]
        return f"/assets/{self.digest}/{name}"


def load_assets() -> Assets:
    """Read the package's static folder and the fonts of the reports into memory."""
    named: dict[str, Asset] = {}
    seal = hashlib.sha256()
    for name, content in sorted(_contents().items()):
        seal.update(name.encode() + b"\0" + content)
        named[name] = _asset(name, content)
    return Assets(seal.hexdigest()[:16], named)


def _contents() -> dict[str, bytes]:
    from kvitto.render.theme.font import FONTS, WEIGHTS

    found = {
        item.name: item.read_bytes()
        for item in files("kvitto.web").joinpath("static").iterdir()
        if Path(item.name).suffix in _TYPES
    }
    for _weight, name in WEIGHTS:
        font = f"Inter-{name}.woff2"
        found[font] = (FONTS / font).read_bytes()
    found["token.css"] = _tokens().encode()
    return found


def _tokens() -> str:
    """The colours of the reports as custom properties, light and dark, both AA by their making."""
    from kvitto.model.brand import Brand

    dark = Brand(accent="#7aa5ff", accent_2="#43c6b2", ink="#e6eaf1", paper="#171b22")
    return (
        f":root{{{_properties(Brand())}}}\n"
        f"@media (prefers-color-scheme: dark){{:root{{{_properties(dark)}}}}}\n"
    )


def _properties(brand: Brand) -> str:
    from kvitto.render.theme.colour import GRAPHIC, readable
    from kvitto.render.theme.token import theme_of

    theme = theme_of(brand)
    edge = readable(theme.line, [theme.paper, theme.surface], GRAPHIC)
    return f"{theme.css()};--edge:{edge}"


def _asset(name: str, content: bytes) -> Asset:
    kind = _TYPES[Path(name).suffix]
    zipped = None if name.endswith(".woff2") else gzip.compress(content, 9, mtime=0)
    return Asset(content, zipped, kind)


class VegaBundle:
    """Vega, Vega-Lite and the embedder as one ES module, made once.

    ``folder`` keeps the file between runs; a folder that cannot be written to
    costs the time of making it again.
    """

    name = "vega.js"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._made: Asset | None = None
        self.release = version("vl-convert-python")

    @property
    def address(self) -> str:
        return f"/assets/vega-{self.release}/{self.name}"

    def asset(self) -> Asset:
        """The module, from memory, from the disk, or made now."""
        with self._lock:
            if self._made is None:
                self._made = _asset(self.name, self._read_or_make())
            return self._made

    def _read_or_make(self) -> bytes:
        kept = self._folder / f"vega-{self.release}.js"
        try:
            return kept.read_bytes()
        except OSError:
            content = _make_bundle()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = kept.with_suffix(".new")
            fresh.write_bytes(content)
            fresh.replace(kept)
        except OSError:
            return content
        return content


def _make_bundle() -> bytes:
    import vl_convert

    # Its bundler reports each pass as an error.
    logging.getLogger("swc_ecma_transforms_optimization").setLevel(logging.CRITICAL)
    bundle: str = vl_convert.javascript_bundle()
    return bundle.encode()
