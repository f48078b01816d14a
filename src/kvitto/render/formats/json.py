"""JSON: the edition itself, canonical, so that its SHA-256 is the edition's content hash."""

from __future__ import annotations

from kvitto.model.receipt import canonical_json
from kvitto.render.format import Format, Limit
from kvitto.render.material import Material


def write(material: Material) -> bytes:
    """The whole document with sorted keys."""
    return canonical_json(material.edition.model_dump(mode="json"))


FORMAT = Format(
    name="json",
    extension="json",
    media_type="application/json",
    write=write,
    limits=(Limit("drawn charts", "their data"),),
)
