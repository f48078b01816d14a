"""The names that a text may use, and what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names known for one edition.

    ``metrics``: metric id to the ways it is called, in the text's language.
    ``names``: proper names of people, clients, products, reports, files
    ("GTX 500", "R13"): digits in them are not figures; a name without a letter
    is no name. ``segments``: further segments besides those of the facts.
    ``against``: comparison ("previous") to the text of its period.
    ``period``: the label of the report's own period ("2017-12"). ``events``:
    further annotations besides those of the statements.
    """

    metrics: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    against: Mapping[str, str] = field(default_factory=dict)
    period: str = ""
    events: tuple[str, ...] = ()
