"""Contacts: how two persons are compared."""

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

_EXCHANGED = "family_l = given_r AND given_l = family_r AND given_l <> family_l"
_INITIAL = "(length(given_l) = 1 OR length(given_r) = 1) AND left(given_l, 1) = left(given_r, 1)"

_ONE_WORD = "single_l IN (family_r, given_r, single_r) OR single_r IN (family_l, given_l)"

_FAMILY = Comparison(
    "family",
    ("family", "given", "single"),
    "coalesce(family_l, single_l) IS NULL OR coalesce(family_r, single_r) IS NULL",
    (
        Level("the only name fits", _ONE_WORD, 0.07, 0.002),
        Level(
            "the only name differs",
            "single_l IS NOT NULL OR single_r IS NOT NULL",
            0.05,
            0.1,
        ),
        Level("given and family name exchanged", _EXCHANGED, 0.02, 1e-6),
        Level("same family name", same("family"), 0.78, 0.002, "family"),
        Level(
            "family name alike",
            f"{likeness('family')} >= 0.9 OR (length(family_l) > 4 AND {slip('family')})",
            0.12,
            0.004,
            alike=likeness("family"),
        ),
        Level(
            "family name somewhat alike",
            f"{likeness('family')} >= 0.8",
            0.03,
            0.012,
            alike=likeness("family"),
        ),
        Level("family name differs", "ELSE", 0.05, 0.982),
    ),
)

_GIVEN = Comparison(
    "given",
    ("given",),
    f"{both('given')} OR coalesce({_EXCHANGED}, FALSE)",
    (
        Level("same given name", same("given"), 0.72, 0.008, "given"),
        Level("the initial fits", _INITIAL, 0.06, 0.012),
        Level(
            "given name alike",
            f"{likeness('given')} >= 0.88 OR starts_with(given_l, given_r)"
            " OR starts_with(given_r, given_l)",
            0.13,
            0.01,
            alike=likeness("given"),
        ),
        Level("given name differs", "ELSE", 0.09, 0.97),
    ),
)

# Mailboxes made of the name say no more than the name: at two hosts they speak neither way.
_NAMED_BOX = (
    "coalesce(email_l <> email_r AND box_l = box_r AND"
    " (contains(box_l, family_l) OR contains(box_l, given_l)), FALSE)"
)

_EMAIL = Comparison(
    "email",
    ("email", "box", "host"),
    f"{both('email')} OR {_NAMED_BOX}",
    (
        Level("same e-mail", same("email"), 0.68, 1e-6, "email"),
        Level(
            "e-mail but for a slip",
            f"left(email_l, 2) = left(email_r, 2) AND {slip('email', 2)}",
            0.08,
            2e-4,
        ),
        Level("same mailbox at another host", "box_l = box_r AND length(box_l) >= 4", 0.09, 0.001),
        Level("same e-mail host", same("host"), 0.05, 0.005),
        Level("e-mail differs", "ELSE", 0.10, 0.99),
    ),
)

_COMPANY = Comparison(
    "company",
    ("company",),
    both("company"),
    (
        Level("same company", same("company"), 0.72, 0.001, "company"),
        Level(
            "company alike",
            f"{likeness('company')} >= 0.93",
            0.08,
            0.002,
            alike=likeness("company"),
        ),
        Level("another company", "ELSE", 0.2, 0.997),
    ),
)

_BORN = Comparison(
    "born",
    ("born",),
    both("born"),
    (
        Level("same day of birth", same("born"), 0.8, 5e-5, "born"),
        Level("day of birth but for a slip", slip("born"), 0.11, 0.004),
        Level("day of birth alike", slip("born", 2), 0.03, 0.02),
        Level("another day of birth", "ELSE", 0.06, 0.976),
    ),
)

# A name of one word may be either.
_FIRST, _LAST = "coalesce(given, single)", "coalesce(family, single)"

CONTACTS = Model(
    "contacts",
    "contact",
    "contacts",
    (_FAMILY, _GIVEN, _EMAIL, _COMPANY, _BORN, *PLACE),
    {
        "family": Rarity(5e-5),
        "given": Rarity(1e-3),
        "email": Rarity(1e-7, 4),
        "company": Rarity(1e-5),
        "born": Rarity(3e-5),
        **PLACE_RARITIES,
    },
    (
        Block("email", "email", "the same e-mail", 4),
        Block("phone", "phone", "the same telephone number", 4),
        Block("ident", "ident"),
        Block("name", "name", "the same name", 4),
        Block("born", "born", per_row=4),
        Block("family, initial", "family || '/' || left(given, 1)"),
        Block("given, company", f"{_FIRST} || '/' || company"),
        Block("family, company", f"{_LAST} || '/' || company"),
        Block("given, host", f"{_FIRST} || '/' || host"),
        Block("family, host", f"{_LAST} || '/' || host"),
        Block("mailbox", "CASE WHEN length(box) >= 6 THEN box END"),
        Block("mailbox, host", "left(box, 1) || '/' || host"),
        Block("beginnings", "left(family, 4) || '/' || left(given, 3)"),
        Block("exchanged", "least(given, family) || '/' || greatest(given, family)"),
        Block("given, post code", f"{_FIRST} || '/' || postcode"),
        Block("family, post code", f"{_LAST} || '/' || postcode"),
        Block("given, place", f"{_FIRST} || '/' || place"),
        Block("family, place", f"{_LAST} || '/' || place"),
        *PLACE_BLOCKS,
    ),
    ("name", "email", "phone", "born"),
    "email || '/' || family || '/' || left(given, 1)",
    {"email": "email", "phone": "phone"},
)
