"""Raw records -> folded columns, for a million rows in one pass of the engine.

In: a table ``raw`` with the columns of :data:`RAW`. Out: a table ``record``,
one row for each, numbered so that the smaller number is the smaller id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kvitto.audit.entity import folding
from kvitto.audit.entity.folding import fold, skeleton, spaced
from kvitto.audit.entity.vocabulary import abbreviations, legal_forms
from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PLACE = ("phone", "street", "place", "postcode", "ident", "merged_into", "gone")
RAW: dict[str, tuple[str, ...]] = {
    "accounts": ("client_id", "record_id", "name", "domain", "country", *_PLACE),
    "contacts": ("client_id", "record_id", "name", "email", "company", "born", *_PLACE),
}
"""The columns of a raw record, all text but ``gone``: whether it was removed in the source."""

_IDS = "unique_id, client, client_id, record_id, merged_into, coalesce(gone, FALSE) AS gone"

SHARED_ROWS, SHARED_NAMES = 5, 3
"""An address on so many contacts with so many family names is a mailbox that they share."""


def prepare(work: DuckDBPyConnection, table: str) -> None:
    """Make ``record`` from ``raw``; ``raw`` is dropped."""
    work.execute(
        "CREATE TABLE numbered AS SELECT raw.*, c.client,"
        " row_number() OVER (ORDER BY c.client, record_id) AS unique_id FROM raw JOIN ("
        " SELECT client_id, CAST(row_number() OVER (ORDER BY client_id) AS INTEGER) AS client"
        " FROM raw GROUP BY client_id) AS c ON c.client_id = raw.client_id"
    )
    work.execute("DROP TABLE raw")
    if table == "accounts":
        make_company_names(work, "SELECT name FROM numbered")
        work.execute(f"CREATE TABLE record AS {_accounts()}")
    else:
        make_company_names(work, "SELECT company AS name FROM numbered")
        work.execute(f"CREATE TABLE record AS {_contacts()}")
        _forget_shared_mailboxes(work)
    work.execute("DROP TABLE numbered; DROP TABLE company_name")


def make_company_names(work: DuckDBPyConnection, source: str) -> None:
    """``company_name``: each distinct name of ``source`` (a query of ``name``) once, folded.

    ``words`` are the distinguishing words in their order, ``key`` the same
    sorted, ``tight`` without blanks, ``form`` the legal form's code, ``digits``
    the numbers in it. What is a code and no name ("CUS-000017") is left out.
    """
    _make_lookup(work, "legal_form", _codes())
    _make_lookup(work, "abbreviation", abbreviations())
    text = folding.without_joiners(folding.joined_initials(spaced(fold("name"))))
    work.execute(
        f"CREATE OR REPLACE TABLE spoken AS SELECT name, {text} AS spoken FROM ({source})"
        " WHERE name IS NOT NULL AND name NOT LIKE '%@%' GROUP BY name"
    )
    tail, head = folding.legal_tail(), folding.legal_head()
    bare = f"regexp_replace(regexp_replace(spoken, '{head}', ''), '{tail}', '')"
    formed = (
        f"coalesce(nullif(trim(regexp_extract(spoken, '{tail}')), ''),"
        f" nullif(trim(regexp_extract(spoken, '{head}')), ''))"
    )
    work.execute(
        "CREATE OR REPLACE TABLE stripped AS SELECT name, formed,"
        f" string_split({skeleton('bare')}, ' ') AS words, bare FROM (SELECT name,"
        f" coalesce(nullif({bare}, ''), spoken) AS bare, {formed} AS formed FROM spoken)"
        " WHERE regexp_matches(bare, '\\p{L}')"
        " AND NOT regexp_matches(bare, '^\\p{L}* ?[0-9]{4,}$')"
    )
    work.execute(
        "CREATE OR REPLACE TABLE company_name AS WITH written AS ("
        " SELECT name, list(coalesce(a.word, p.word) ORDER BY place) AS words FROM ("
        "  SELECT name, unnest(words) AS word, generate_subscripts(words, 1) AS place"
        f"  FROM stripped WHERE regexp_matches(bare, '{folding.has_abbreviation()}')) AS p"
        " LEFT JOIN abbreviation AS a ON a.short = p.word GROUP BY name),"
        " named AS (SELECT s.name, formed, coalesce(w.words, s.words) AS words,"
        " array_to_string(list_sort(coalesce(w.words, s.words)), ' ') AS key"
        " FROM stripped AS s LEFT JOIN written AS w ON w.name = s.name)"
        " SELECT name, coalesce(f.word, n.formed) AS form, words, key,"
        " array_to_string(words, '') AS tight,"
        " CASE WHEN regexp_matches(key, '[0-9]')"
        " THEN trim(regexp_replace(key, '[^0-9]+', ' ', 'g')) END AS digits"
        " FROM named AS n LEFT JOIN legal_form AS f ON f.short = n.formed"
    )
    for name in ("spoken", "stripped", "legal_form", "abbreviation"):
        work.execute(f"DROP TABLE {name}")


def _make_lookup(work: DuckDBPyConnection, name: str, rows: Sequence[tuple[str, str]]) -> None:
    work.execute(f"CREATE OR REPLACE TABLE {name} (short VARCHAR, word VARCHAR)")
    listed = ", ".join(f"({quoted(short)}, {quoted(word)})" for short, word in rows)
    work.execute(f"INSERT INTO {name} VALUES {listed}")


def _codes() -> list[tuple[str, str]]:
    return list({form: (form, code) for form, code, _ in reversed(legal_forms())}.values())


def _accounts() -> str:
    host = folding.web_host("n.domain")
    second = "\\.(co|com|org|net|gov|ac|edu)?\\.?[^.]+$"
    return (
        f"WITH addressed AS (SELECT n.*, {host} AS site,"
        f" {folding.phone_digits('n.phone')} AS digits FROM numbered AS n)"
        f" SELECT {_IDS}, c.key AS name, c.words, c.tight, c.digits, c.form,"
        f" CASE WHEN NOT {folding.is_free('site')} THEN site END AS host,"
        f" CASE WHEN NOT {folding.is_free('site')}"
        f" THEN regexp_extract(regexp_replace(site, '{second}', ''), '[^.]+$') END AS stem,"
        f" {_placed()},"
        f" {_text('n.country')} AS country"
        " FROM addressed AS n LEFT JOIN company_name AS c ON c.name = n.name"
    )


def _contacts() -> str:
    # One step after the other: an expression that stands twice is reckoned twice.
    return (
        f"WITH bare AS (SELECT *, {folding.bare_mail('email')} AS bare_mail,"
        f" {folding.bare_person('name')} AS bare_name FROM numbered),"
        f" addressed AS (SELECT *, {folding.checked_mail('bare_mail')} AS address,"
        f" {folding.checked_words('bare_name')} AS words,"
        f" {folding.phone_digits('phone')} AS digits FROM bare),"
        f" split AS (SELECT *, {folding.mailbox('address')} AS user,"
        f" {folding.mail_host('address')} AS site,"
        f" CASE WHEN len(words) > 1 THEN {skeleton('words[1]')} END AS given,"
        f" CASE WHEN len(words) = 1 THEN {skeleton('words[1]')} END AS single,"
        f" CASE WHEN len(words) > 1 THEN {skeleton('words[-1]')} END AS family FROM addressed),"
        f" told AS (SELECT *, coalesce({folding.is_role('user')}, FALSE) AS role FROM split)"
        f" SELECT {_IDS}, given, single, family, coalesce(given || ' ' || family, single) AS name,"
        " CASE WHEN NOT role THEN user || '@' || site END AS email,"
        " CASE WHEN NOT role"
        " THEN regexp_replace(user, '[^\\p{L}\\p{N}]', '', 'g') END AS box,"
        f" CASE WHEN NOT {folding.is_free('site')} THEN site END AS host,"
        f" c.key AS company, {_placed()}, {_text('n.born')} AS born"
        " FROM told AS n LEFT JOIN company_name AS c ON c.name = n.company"
    )


def _placed() -> str:
    street = (
        "regexp_replace({0}, ' (street|road|avenue|boulevard|drive|blvd|blv|st|rd|ave|dr)$', '')"
    )
    return (
        f"{folding.checked_phone('n.digits')} AS phone,"
        f" {street.format(_text('n.street'))} AS street,"
        f" {_text('n.place')} AS place,"
        f" nullif(replace({_text('n.postcode')}, ' ', ''), '') AS postcode,"
        f" nullif(regexp_replace(lower(left(n.ident, 40)), '[^a-z0-9]', '', 'g'), '') AS ident"
    )


def _text(column: str) -> str:
    return f"nullif({spaced(fold(column))}, '')"


def _forget_shared_mailboxes(work: DuckDBPyConnection) -> None:
    work.execute(
        "CREATE TABLE shared AS SELECT client, email FROM record WHERE email IS NOT NULL"
        f" GROUP BY ALL HAVING count(*) >= {SHARED_ROWS}"
        f" AND count(DISTINCT family) >= {SHARED_NAMES}"
    )
    work.execute(
        "UPDATE record SET email = NULL, box = NULL FROM shared"
        " WHERE record.client = shared.client AND record.email = shared.email"
    )
    work.execute("DROP TABLE shared")
