"""SQL that brings text to a form in which equal things are equal.

Each function takes an SQL expression and gives one; a million rows are folded
in the engine, in one pass. Text is cut at :data:`LONGEST` characters first.
"""

from __future__ import annotations

from kvitto.audit.entity.vocabulary import (
    abbreviations,
    free_mail_hosts,
    legal_forms,
    role_mailboxes,
)
from kvitto.warehouse.quoting import quoted

LONGEST = 160
"""Characters of a value that are looked at: what tells two apart stands before that."""

PHONE_DIGITS = 9
"""The last digits of a telephone number: without country and trunk prefix."""

_PLAIN = (("ß", "ss"), ("æ", "ae"), ("œ", "oe"), ("þ", "th"))
_FROM, _TO = "øđłıŀð", "odlild"
_TITLES = (
    "dr|mr|mrs|ms|miss|mx|sir|prof|professor|ing|dott|dottssa|avv|arch|geom|rag|sig|sigra|sra|sr"
    "|herr|frau|fru|fr|hr|dipl|mag|mme|mlle|dra|eng|rev"
)
_SUFFIXES = "jr|sr|ii|iii|iv|phd|md|mba|esq|msc|bsc|cpa"
_JOINERS = "and|och|ja|e|y|und|et|og|en|ed|i|ve|ir|si|es|es|the|und"


def fold(text: str) -> str:
    """Lower case, no accents, no letters that an accent stripper leaves."""
    plain = f"lower(strip_accents(left({text}, {LONGEST})))"
    for letter, written in _PLAIN:
        plain = f"replace({plain}, '{letter}', '{written}')"
    return f"translate({plain}, '{_FROM}', '{_TO}')"


def skeleton(text: str) -> str:
    """Folded text with the written-out umlauts of German and Danish taken for plain vowels."""
    return f"replace(replace(replace(replace({text}, 'ae', 'a'), 'oe', 'o'), 'ue', 'u'), 'aa', 'a')"


def blank_to_null(text: str) -> str:
    """The text without blanks around it; null where nothing is left."""
    return f"nullif(trim({text}), '')"


def spaced(text: str) -> str:
    """Words of letters and digits with one blank between them, for folded text.

    Dots in abbreviations are closed up ("s.p.a." is "spa"), apostrophes vanish.
    """
    closed = f"regexp_replace({text}, '[''’`´]', '', 'g')"
    dotted = "([\\p{L}\\p{N}]{2,})\\.([\\p{L}]{2,})"
    closed = f"regexp_replace({closed}, '{dotted}', '\\1 \\2', 'g')"
    closed = f"regexp_replace({closed}, '\\.([^\\p{{L}}\\p{{N}}]|$)', ' ', 'g')"
    closed = f"replace({closed}, '.', '')"
    return f"trim(regexp_replace({closed}, '[^\\p{{L}}\\p{{M}}\\p{{N}}]+', ' ', 'g'))"


def joined_initials(text: str) -> str:
    """Single letters that follow each other become one word: "s r l" is "srl"."""
    one = "([\\p{L}])"
    three = f"regexp_replace({text}, '(^| ){one} {one} {one}( |$)', '\\1\\2\\3\\4\\5', 'g')"
    return f"regexp_replace({three}, '(^| ){one} {one}( |$)', '\\1\\2\\3\\4', 'g')"


def without_joiners(text: str) -> str:
    """Without "and" in its languages between words, and articles."""
    once = f"regexp_replace({text}, '(\\S) (?:{_JOINERS}) ', '\\1 ', 'g')"
    return f"regexp_replace({once}, '^the (\\S)', '\\1')"


def legal_tail() -> str:
    """The pattern of the legal forms at the end of a spaced name, with their blank before."""
    return f"( (?:{_alternatives('end')}))+$"


def legal_head() -> str:
    """The pattern of the legal forms at the beginning of a spaced name."""
    return f"^(?:(?:{_alternatives('front')}) )+"


def _alternatives(place: str) -> str:
    forms = {form for form, _, where in legal_forms() if where in (place, "both")}
    return "|".join(sorted(forms, key=lambda form: (-len(form), form)))


def has_abbreviation() -> str:
    """The pattern of folded text in which a short word stands."""
    return f"(^| )({'|'.join(short for short, _ in abbreviations())})( |$)"


def mail(text: str) -> str:
    """An address in lower case, or null where it is none."""
    return checked_mail(bare_mail(text))


def bare_mail(text: str) -> str:
    """What may be an address, in lower case: the first step of :func:`mail`."""
    return f"regexp_replace(lower(trim(left({text}, 320))), '^(mailto:|<)|>$', '', 'g')"


def checked_mail(bare: str) -> str:
    """The second step of :func:`mail`: null where it is none."""
    return f"CASE WHEN regexp_matches({bare}, '^[^@\\s]+@[^@\\s]+\\.[^@\\s.]+$') THEN {bare} END"


def mailbox(address: str) -> str:
    """What stands before the @ of :func:`mail`, without a plus tag and, at Google, without dots."""
    user = f"regexp_replace(split_part({address}, '@', 1), '(.)\\+.*$', '\\1')"
    google = f"split_part({address}, '@', 2) IN ('gmail.com', 'googlemail.com')"
    return f"CASE WHEN {google} THEN replace({user}, '.', '') ELSE {user} END"


def mail_host(address: str) -> str:
    """What stands after the @ of :func:`mail`."""
    host = f"split_part({address}, '@', 2)"
    return f"CASE WHEN {host} = 'googlemail.com' THEN 'gmail.com' ELSE {host} END"


def is_role(box: str) -> str:
    """Whether a mailbox is one that several people read."""
    listed = ", ".join(quoted(name) for name in role_mailboxes())
    return f"regexp_replace({box}, '[^a-z]', '', 'g') IN ({listed})"


def is_free(host: str) -> str:
    """Whether anybody may have an address at the host."""
    listed = ", ".join(quoted(name) for name in free_mail_hosts())
    return f"{host} IN ({listed})"


def web_host(text: str) -> str:
    """The host of an address of the web, without scheme, www, port and path."""
    plain = f"lower(trim(left({text}, 320)))"
    bare = f"regexp_replace({plain}, '^([a-z]+://)?([^/@]*@)?(www[0-9]?\\.)?', '')"
    host = f"regexp_replace({bare}, '[/:?#].*$', '')"
    return f"CASE WHEN regexp_matches({host}, '^[^\\s.]+(\\.[^\\s.]+)+$') THEN {host} END"


def phone(text: str) -> str:
    """The last digits of a telephone number; null where they are too few or all the same."""
    return checked_phone(phone_digits(text))


def phone_digits(text: str) -> str:
    """The digits alone: the first step of :func:`phone`."""
    return f"regexp_replace(left({text}, 60), '[^0-9]', '', 'g')"


def checked_phone(digits: str) -> str:
    """The second step of :func:`phone`."""
    last = f"right({digits}, {PHONE_DIGITS})"
    fits = f"length({digits}) BETWEEN 7 AND 16"
    varied = (
        f"length(replace({last}, left({last}, 1), '')) >= 2 AND NOT contains({last}, '12345678')"
    )
    return f"CASE WHEN {fits} AND {varied} THEN {last} END"


def person_words(text: str) -> str:
    """The words of a person's name, given name first, as an SQL list; titles are left out."""
    return checked_words(bare_person(text))


def bare_person(text: str) -> str:
    """The name with the given name first, without titles; null for an address.

    The first step of :func:`person_words`.
    """
    turned = (
        f"CASE WHEN contains({text}, ',') AND regexp_matches({text}, '^[^,]+,[^,]+$')"
        f" THEN split_part({text}, ',', 2) || ' ' || split_part({text}, ',', 1) ELSE {text} END"
    )
    words = spaced(fold(turned))
    bare = f"regexp_replace({words}, '^((?:{_TITLES}) )+(\\S)', '\\2')"
    bare = f"regexp_replace({bare}, '(\\S)( (?:{_SUFFIXES}))+$', '\\1')"
    return f"CASE WHEN NOT contains({text}, '@') THEN {bare} END"


def checked_words(bare: str) -> str:
    """The second step of :func:`person_words`: null where it is a number or a letter."""
    named = f"length({bare}) > 1 AND NOT regexp_matches({bare}, '[0-9]{{3}}')"
    return f"CASE WHEN {named} THEN string_split({bare}, ' ') END"
