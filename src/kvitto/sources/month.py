"""Dates that name their month, in eight languages: as SQL and as a test of one value."""

from __future__ import annotations

import re

from kvitto.warehouse.quoting import quoted, quoted_all

_WORDS: tuple[str, ...] = (
    "january jan januari tammikuu tammikuuta tammikuun tammi gennaio gen janeiro enero ene januar"
    " jän jänner janvier janv",
    "february feb februari helmikuu helmikuuta helmikuun helmi febbraio febb fevereiro fev febrero"
    " februar février fevrier févr fevr fév",
    "march mar mars maaliskuu maaliskuuta maaliskuun maalis marzo março marco märz mär mrz maerz",
    "april apr huhtikuu huhtikuuta huhtikuun huhti aprile abril abr avril avr",
    "may maj toukokuu toukokuuta toukokuun touko maggio mag maio mai mayo",
    "june jun juni kesäkuu kesäkuuta kesäkuun kesä giugno giu junho junio juin",
    "july jul juli heinäkuu heinäkuuta heinäkuun heinä luglio lug julho julio juillet juil",
    "august aug augusti elokuu elokuuta elokuun elo agosto ago août aout",
    "september sep sept syyskuu syyskuuta syyskuun syys settembre sett set setembro septiembre"
    " setiembre septembre",
    "october oct oktober okt lokakuu lokakuuta lokakuun loka ottobre ott outubro out octubre"
    " octobre",
    "november nov marraskuu marraskuuta marraskuun marras novembre novembro noviembre",
    "december dec joulukuu joulukuuta joulukuun joulu dicembre dic dezembro dez diciembre dezember"
    " décembre decembre déc",
)

MONTHS: dict[str, int] = {
    word: number for number, words in enumerate(_WORDS, start=1) for word in words.split()
}
"""Names, forms of names and abbreviations, without their dot."""

_NAME = r"([a-zà-öø-ÿ]+)"
_DAY = r"(\d{1,2})(?:\.|er|re|º|°|ª|:a|:e|st|nd|rd|th)?"
_OF = r"(?:\s*(?:de|di|do|del|of|den|d')\s+)?"
_CLOCK = r"(?:[\s,]+(?:kl\.?|klo|um|alle|às|a las|à|at)?\s*(\d{1,2}:\d{2}(?::\d{2})?))?"
_DAY_FIRST = (
    rf"(?:[a-zà-öø-ÿ]+\.?,?\s+)?(?:den\s+)?{_DAY}[\s.\-/]*{_OF}{_NAME}\.?[\s.,\-/]*{_OF}"
    rf"(\d{{4}}|\d{{2}}){_CLOCK}"
)
_MONTH_FIRST = rf"{_NAME}\.?\s+{_DAY},?\s+(\d{{4}}){_CLOCK}"
_YEAR_FIRST = rf"(\d{{4}})[\s.,\-/]+{_NAME}\.?[\s.\-/]+{_DAY}{_CLOCK}"
_FORMS = (
    (re.compile(_DAY_FIRST), ("d", "m", "y", "t")),
    (re.compile(_MONTH_FIRST), ("m", "d", "y", "t")),
    (re.compile(_YEAR_FIRST), ("y", "m", "d", "t")),
)


def names_month(value: str) -> bool:
    """Whether the text is a date with the name of a month in it."""
    bare = value.strip().lower()
    for pattern, parts in _FORMS:
        found = pattern.fullmatch(bare)
        if found is not None and found.group(parts.index("m") + 1) in MONTHS:
            return True
    return False


def worded_sql(text: str) -> str:
    """The date (and time, where it has one) in the SQL expression, NULL where it has none."""
    bare = f"lower(trim({text}))"
    return f"coalesce({', '.join(_form_sql(bare, found.pattern, p) for found, p in _FORMS)})"


def _form_sql(bare: str, pattern: str, parts: tuple[str, ...]) -> str:
    found = f"regexp_extract({bare}, {quoted(f'^(?:{pattern})$')}, [{quoted_all(parts)}])"
    numbers = quoted_all(f"{number:02}" for number in MONTHS.values())
    month = f"map([{quoted_all(MONTHS)}], [{numbers}])[p.m]"
    # The struct is made once and bound to a name by a list of one.
    whole = (
        f"(CASE WHEN length(p.y) = 2 THEN (CASE WHEN p.y < '70' THEN '20' ELSE '19' END) ELSE ''"
        f" END || p.y || '-' || {month} || '-' || lpad(p.d, 2, '0')"
        f" || ' ' || CASE WHEN coalesce(p.t, '') = '' THEN '00:00' ELSE p.t END)"
    )
    return f"list_transform([{found}], lambda p: try_cast({whole} AS TIMESTAMP))[1]"
