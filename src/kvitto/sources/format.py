"""How the text of a column is read: as SQL over the whole column.

The same expressions are used to check a column (how many values can be read
this way?) and to convert it, so what was shown is what is done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kvitto.sources.month import worded_sql
from kvitto.warehouse.quoting import quoted, quoted_all

Kind = Literal["text", "integer", "number", "percent", "date", "instant", "bool", "empty"]
Order = Literal[
    "ymd", "dmy", "mdy", "named", "worded", "serial", "seconds", "milliseconds", "compact"
]

NOTHING = (
    *("", "-", "–", "—", "--", " -", "- ", " - ", " --", "..", "...", "NaN", "nan", "None"),
    *("N/A", "n/a", "#N/A", "n.a.", "N/D", "n/d", "n.d.", "NULL", "null", "(null)", "\\N"),
    *("ej tillgänglig", "ei saatavilla", "non disponibile", "não disponível"),
)
"""Cells that say "nothing" whatever the column holds."""

TRUE_WORDS = (
    "true",
    "t",
    "yes",
    "y",
    "1",
    "ja",
    "j",
    "kyllä",
    "sì",
    "si",
    "sí",
    "sim",
    "oui",
    "wahr",
    "sant",
    "tosi",
    "vero",
    "verdadeiro",
    "verdadero",
    "vrai",
    "x",
)
FALSE_WORDS = (
    "false",
    "f",
    "no",
    "n",
    "0",
    "nej",
    "ei",
    "não",
    "nao",
    "non",
    "nein",
    "falsch",
    "falskt",
    "epätosi",
    "falso",
    "faux",
)

_WIDE = re.compile(r"DECIMAL\((?:19|2\d),(\d+)\)")

CURRENCIES = (
    "EUR|USD|SEK|NOK|DKK|ISK|GBP|CHF|PLN|CZK|HUF|RON|BRL|MXN|ARS|CLP|COP|CAD|AUD|NZD|JPY|CNY|INR|ZAR"
    r"|Kr\.?|kr\.?|R\$|Rs\.?|US\$|[$€£¥₹]"
)
"""What stands before or behind an amount. Other letters make it a code, not an amount."""

_TIMES = (
    "",
    " %H:%M",
    " %H:%M:%S",
    " %H:%M:%S.%f",
    " %I:%M %p",
    " %I:%M:%S %p",
    "T%H:%M:%S",
    ", %H:%M",
    ", %H:%M:%S",
    " %H.%M",
)


@dataclass(frozen=True, slots=True)
class ColumnFormat:
    """How a column's text is read.

    ``order`` holds for dates and instants, ``zoned`` where the values carry an
    offset from UTC; ``decimal`` for numbers: ``None`` for plain ones, else the
    decimal mark, everything else between digits being a separator of groups.
    ``named`` dates name their month in English, ``worded`` ones in any language.
    """

    kind: Kind
    order: Order = "ymd"
    separator: str = "-"
    zoned: bool = False
    decimal: Literal[",", "."] | None = None


def number_sql(text: str, form: ColumnFormat, sql_type: str) -> str:
    """The number in the SQL expression ``text``, NULL where it cannot be read.

    A percentage becomes a fraction; amounts in brackets or with a minus behind
    them are negative.
    """
    if form.kind == "percent":
        bare = f"replace({text}, '%', '')"
        value = _clean_number(bare, form.decimal or ".", "DECIMAL(24,8)")
        return (
            f"CAST(CASE WHEN contains({text}, '%') THEN {value} / 100 ELSE {value} END"
            f" AS {sql_type})"
        )
    if form.decimal is None:
        return _cast(text, sql_type)
    return _clean_number(text, form.decimal, sql_type)


def number_check_sql(text: str, decimal: Literal[",", "."]) -> str:
    """Whether the expression reads as a number with that decimal mark and proper groups."""
    group = r"[.\s'’\x{00A0}\x{202F}]" if decimal == "," else r"[,\s'’\x{00A0}\x{202F}]"
    mark = "," if decimal == "," else r"\."
    pattern = (
        rf"[\s(+\-−]*(?:{CURRENCIES})?[\s+\-−]*"
        rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)?(?:{mark}\d*)?"
        rf"[\s)\-−]*(?:%|{CURRENCIES})?[\s)]*"
    )
    return f"regexp_full_match({text}, {quoted(pattern)})"


def instant_sql(text: str, form: ColumnFormat) -> str:
    """The instant or local time in the expression as TIMESTAMP, NULL where it cannot be read.

    With ``zoned`` the result is in UTC; otherwise it is what the clock showed.
    """
    if form.order == "worded":
        return worded_sql(text)
    if form.order == "serial":
        days = f"try_cast({text} AS DECIMAL(18,8))"
        return f"TIMESTAMP '1899-12-30' + to_microseconds(CAST({days} * 86400000000 AS BIGINT))"
    if form.order == "seconds":
        return f"make_timestamp(CAST(try_cast({text} AS DECIMAL(18,3)) * 1000000 AS BIGINT))"
    if form.order == "milliseconds":
        return f"make_timestamp(try_cast({text} AS BIGINT) * 1000)"
    if form.order == "ymd" and form.separator in "-/":
        if form.zoned:
            return f"make_timestamp(epoch_us(try_cast(trim({text}) AS TIMESTAMPTZ)))"
        return f"try_cast(trim({text}) AS TIMESTAMP)"
    return f"try_strptime(trim({text}), {_layouts(form)})"


def day_sql(text: str, form: ColumnFormat) -> str:
    """The day in the expression as DATE, NULL where it cannot be read."""
    if form.order == "ymd" and form.separator in "-/":
        return f"try_cast({text} AS DATE)"
    return f"CAST({instant_sql(text, form)} AS DATE)"


def truth_sql(text: str) -> str:
    """Yes or no in the expression as BOOLEAN, in eight languages; else NULL."""
    word = f"lower(trim({text}))"
    return (
        f"CASE WHEN {word} IN ({quoted_all(TRUE_WORDS)}) THEN true"
        f" WHEN {word} IN ({quoted_all(FALSE_WORDS)}) THEN false END"
    )


def _clean_number(text: str, decimal: str, sql_type: str) -> str:
    kept = f"regexp_replace({text}, '[^0-9.,()\\-−]', '', 'g')"
    group = "." if decimal == "," else ","
    plain = f"replace({kept}, '{group}', '')"
    if decimal == ",":
        plain = f"replace({plain}, ',', '.')"
    digits = f"regexp_replace({plain}, '[()\\-−]', '', 'g')"
    sign = f"CASE WHEN regexp_matches({text}, '[(\\-−]') THEN -1 ELSE 1 END"
    checked = number_check_sql(text, "," if decimal == "," else ".")
    return (
        f"CASE WHEN {checked} THEN"
        f" CAST({sign} * {_cast(digits, 'DECIMAL(24,8)')} AS {sql_type}) END"
    )


def _cast(text: str, sql_type: str) -> str:
    """The text as a decimal.

    Casting text to a decimal of more than 18 digits is a hundred times slower
    in the engine, so that is done only for what does not fit into 18.
    """
    wide = _WIDE.fullmatch(sql_type)
    if wide is None:
        return f"try_cast({text} AS {sql_type})"
    narrow = f"try_cast({text} AS DECIMAL(18,{wide.group(1)}))"
    return f"coalesce(CAST({narrow} AS {sql_type}), try_cast({text} AS {sql_type}))"


def _layouts(form: ColumnFormat) -> str:
    if form.order == "compact":
        days = ["%Y%m%d"]
    elif form.order == "named":
        days = [
            "%d %b %Y",
            "%d %B %Y",
            "%b %d, %Y",
            "%B %d, %Y",
            "%b %d %Y",
            "%B %d %Y",
            "%d-%b-%Y",
            "%d-%B-%Y",
            "%d-%b-%y",
            "%d. %B %Y",
            "%Y-%b-%d",
        ]
    else:
        sep = form.separator
        parts = {"dmy": ("%d", "%m", "%y"), "mdy": ("%m", "%d", "%y"), "ymd": ("%Y", "%m", "%d")}
        short = sep.join(parts[form.order])
        days = [short] if form.order == "ymd" else [short, short.replace("%y", "%Y")]
    return "[" + ", ".join(f"'{day}{time}'" for day in days for time in _TIMES) + "]"
