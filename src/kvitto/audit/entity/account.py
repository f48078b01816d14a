"""Accounts: how two companies are compared."""

from __future__ import annotations

from kvitto.audit.entity.comparison import (
    Block,
    Comparison,
    Level,
    Model,
    Rarity,
    both,
    likeness,
    same,
    slip,
)
from kvitto.audit.entity.place import PLACE, PLACE_BLOCKS, PLACE_RARITIES

_REST = "rest_likeness(words_l, words_r)"

_NAME = Comparison(
    "name",
    ("name", "words", "tight", "digits", "form"),
    both("name"),
    (
        Level(
            "same company name, another legal form",
            "name_l = name_r AND form_l <> form_r",
            0.02,
            2e-5,
        ),
        Level("same company name", same("name"), 0.62, 1e-5, "name"),
        Level("a number in the name differs", "digits_l IS DISTINCT FROM digits_r", 0.02, 0.05),
        Level(
            "company name but for a slip",
            f"tight_l = tight_r OR (length(tight_l) > 6 AND {slip('tight')})",
            0.08,
            6e-6,
        ),
        Level("company name alike", f"{_REST} >= 0.9", 0.11, 3e-4, alike=likeness("name")),
        Level("one company name contains the other", "rest_empty(words_l, words_r)", 0.08, 8e-4),
        Level(
            "company name somewhat alike",
            f"{likeness('name')} >= 0.9 OR {likeness('tight')} >= 0.9 OR {_REST} >= 0.8",
            0.04,
            0.004,
            alike=likeness("name"),
        ),
        Level("company name differs", "ELSE", 0.05, 0.94),
    ),
)

_HOST = Comparison(
    "host",
    ("host", "stem"),
    both("host"),
    (
        Level("same domain", same("host"), 0.86, 1e-6, "host"),
        Level("same domain under another ending", same("stem"), 0.06, 2e-4),
        Level("another domain", "ELSE", 0.08, 0.999),
    ),
)

_COUNTRY = Comparison(
    "country",
    ("country",),
    f"{both('country')} OR length(country_l) <> 2 OR length(country_r) <> 2",
    (
        Level("same country", same("country"), 0.96, 0.6),
        Level("another country", "ELSE", 0.04, 0.4),
    ),
)

ACCOUNTS = Model(
    "accounts",
    "account",
    "accounts",
    (_NAME, _HOST, _COUNTRY, *PLACE),
    {
        "name": Rarity(1e-7, 8),
        "host": Rarity(1e-7, 4),
        **PLACE_RARITIES,
    },
    (
        Block("name", "name", "the same company name", 4),
        Block("host", "host", "the same domain", 4),
        Block("stem", "CASE WHEN length(stem) > 3 THEN stem END"),
        Block("phone", "phone", "the same telephone number", 4),
        Block("ident", "ident"),
        Block("tight", "left(tight, 7)"),
        Block("beginning", "left(name, 5)"),
        Block("ending", "right(tight, 6)"),
        Block("middle", "substr(tight, 4, 6)"),
        Block("word", "unnest(words)", per_row=3),
        Block("word, place", "unnest(words) || '/' || place"),
        *PLACE_BLOCKS,
    ),
    ("name", "host", "phone"),
    "host || '/' || name",
    {"host": "domain"},
)
