"""The design tokens: colours, type sizes and distances that all outputs share.

Text colours are derived, so that contrast on every ground used is AA or
better whatever the brand's colours are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kvitto.render.theme.colour import GRAPHIC, contrast, mix, read, readable, series

if TYPE_CHECKING:
    from kvitto.model.brand import Brand

FAMILY = "Inter"
"""The type of every output; shipped in ``fonts/``."""

FALLBACK: tuple[str, ...] = (
    "Noto Sans CJK JP",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
    "Noto Emoji",
)
"""Where Inter has no letter: tried in this order."""


@dataclass(frozen=True, slots=True)
class Theme:
    """The tokens of one brand.

    ``paper`` and ``surface`` are grounds; ``ink``, ``muted``, ``accent``,
    ``good``, ``bad`` and ``caution`` hold 4.5 against both. ``fill`` (bars,
    rules) holds 3. ``accent_soft`` and ``caution_soft`` are grounds for
    remarks, on which ``ink`` holds 4.5. ``on_fill`` is text upon ``fill``.
    """

    paper: str
    surface: str
    ink: str
    muted: str
    line: str
    track: str
    accent: str
    accent_soft: str
    fill: str
    on_fill: str
    good: str
    bad: str
    caution: str
    caution_soft: str
    series: tuple[str, ...]

    def css(self) -> str:
        """The tokens as custom properties."""
        names = [name for name in self.__slots__ if name != "series"]
        lines = [f"--{name.replace('_', '-')}:{getattr(self, name)}" for name in names]
        return ";".join(lines)

    def plain(self) -> dict[str, object]:
        """The tokens by name, for templates that read JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def theme_of(brand: Brand) -> Theme:
    """The theme of a brand. Raises :class:`RenderFailed` for a colour that is not hex."""
    return _theme(brand.accent, brand.accent_2, brand.ink, brand.paper)


@lru_cache(maxsize=128)
def _theme(accent: str, accent_2: str, ink: str, paper: str) -> Theme:
    first, second = read(accent, "accent"), read(accent_2, "accent_2")
    ground = read(paper, "paper")
    words = readable(read(ink, "ink"), [ground], 7.0)
    surface = mix(words, ground, 0.035)
    soft = mix(first, ground, 0.09)
    warm = mix("#e0a100", ground, 0.14)
    grounds = [ground, surface, soft, warm]
    words = readable(words, grounds, 7.0)
    fill = readable(first, [ground, surface], GRAPHIC)
    return Theme(
        paper=ground,
        surface=surface,
        ink=words,
        muted=readable(mix(words, ground, 0.66), grounds),
        line=mix(words, ground, 0.14),
        track=mix(words, ground, 0.10),
        accent=readable(first, grounds),
        accent_soft=soft,
        fill=fill,
        on_fill=max(("#ffffff", "#000000"), key=lambda shade: contrast(shade, fill)),
        good=readable("#0b7a5b", grounds),
        bad=readable("#b42318", grounds),
        caution=readable("#8a5a00", grounds),
        caution_soft=warm,
        series=series((first, second), ground),
    )
