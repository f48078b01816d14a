"""The forms an edition can be written in, and what each cannot show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kvitto.registry import Registry

if TYPE_CHECKING:
    from kvitto.render.material import Material


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that a form cannot show, and what stands there instead."""

    what: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Format:
    """A form: its file extension, media type, limits and writer.

    ``write`` is pure: the same material gives the same bytes.
    ``draws`` says whether it needs the charts drawn, ``apart`` whether it
    works in a process of its own, beside the others.
    """

    name: str
    extension: str
    media_type: str
    write: Callable[[Material], bytes]
    limits: tuple[Limit, ...] = ()
    draws: bool = False
    apart: bool = False


FORMATS: Registry[Format] = Registry(
    kind="format",
    builtin={
        "html": "kvitto.render.formats.html:FORMAT",
        "pdf": "kvitto.render.formats.pdf:FORMAT",
        "xlsx": "kvitto.render.formats.xlsx:FORMAT",
        "json": "kvitto.render.formats.json:FORMAT",
        "csv": "kvitto.render.formats.csv:FORMAT",
        "md": "kvitto.render.formats.md:FORMAT",
    },
)
"""All forms by name."""
