"""The templates of pages and mails, and the one environment that fills them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kvitto.render.theme.font import clean

if TYPE_CHECKING:
    from jinja2 import Environment

PAGE = Path(__file__).parent
"""Folder of the templates and the style sheet."""


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
