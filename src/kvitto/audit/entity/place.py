"""Where and how a company or person is reached: compared in the same way for both."""

from __future__ import annotations

from kvitto.audit.entity.comparison import (
    Block,
    Comparison,
    Level,
    Rarity,
    both,
    likeness,
    same,
    slip,
)

PLACE = (
    Comparison(
        "phone",
        ("phone",),
        both("phone"),
        (
            Level("same telephone number", same("phone"), 0.62, 1e-6, "phone"),
            Level("telephone number but for a slip", slip("phone"), 0.05, 5e-4),
            Level("telephone number differs", "ELSE", 0.33, 0.999),
        ),
    ),
    Comparison(
        "street",
        ("street",),
        both("street"),
        (
            Level("same street", same("street"), 0.62, 1e-4, "street"),
            Level(
                "street alike",
                f"{likeness('street')} >= 0.9",
                0.18,
                0.002,
                alike=likeness("street"),
            ),
            Level("another street", "ELSE", 0.2, 0.998),
        ),
    ),
    Comparison(
        "place",
        ("place",),
        both("place"),
        (
            Level("same place", same("place"), 0.75, 0.05, "place"),
            Level(
                "place alike", f"{likeness('place')} >= 0.88", 0.1, 0.01, alike=likeness("place")
            ),
            Level("another place", "ELSE", 0.15, 0.94),
        ),
    ),
    Comparison(
        "postcode",
        ("postcode",),
        both("postcode"),
        (
            Level("same post code", same("postcode"), 0.82, 0.005, "postcode"),
            Level("post code but for a slip", slip("postcode"), 0.08, 0.01),
            Level("another post code", "ELSE", 0.1, 0.985),
        ),
    ),
    Comparison(
        "ident",
        ("ident",),
        both("ident"),
        (
            Level("same registered number", same("ident"), 0.84, 1e-6, "ident"),
            Level("registered number but for a slip", slip("ident"), 0.09, 2e-5),
            Level("registered number alike", slip("ident", 2), 0.02, 3e-4),
            Level("another registered number", "ELSE", 0.05, 0.999),
        ),
    ),
)

PLACE_RARITIES = {
    "phone": Rarity(1e-7, 4),
    "street": Rarity(1e-5, 2),
    "place": Rarity(1e-3),
    "postcode": Rarity(1e-4),
    "ident": Rarity(1e-7, 4),
}

PLACE_BLOCKS = (
    Block("street", "street"),
    Block("street, place", "left(street, 8) || '/' || place"),
)
