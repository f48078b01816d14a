"""Records that somebody made to try things out, what hangs on them, and the team's own.

A test is told by its name, its address, a rule's pattern or the source's own
mark. What refers to a test (a deal of a test account) goes the same way: for
review with the records of sales, left out wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from kvitto.audit.probe import ROW, Look, Probe, Setting, row_column
from kvitto.audit.record import POSTS, Records, alike
from kvitto.audit.scan import is_of
from kvitto.audit.word import test_words
from kvitto.model.finding import Resolution, Severity
from kvitto.model.table import CanonicalTable
from kvitto.warehouse.quoting import quoted

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SALES = ("accounts", "contacts", "leads", "deals")
"""Tables whose records may be tests; what refers to one of them hangs on it."""

_NAMES = {"accounts": "name", "contacts": "full_name"}
_MAILS = ("contacts", "leads")
_TESTS = "_tests"
"""The temporary table of all tests that were found, by table and key."""

_DISPOSABLE = r"mailinator|yopmail|guerrillamail|trashmail|10minutemail|sharklasers"
DOMAIN = rf"(.*[.])?(test[.][a-z]{{2,}}|({_DISPOSABLE})[.][a-z]+|[^.]+[.](test|invalid))"
"""Domains at which nobody is a customer."""


def probe(table: CanonicalTable, setting: Setting) -> Iterator[Probe | Look]:
    """The records of sales, and what refers to them."""
    hung = tuple(
        (column.name, column.references)
        for column in table.declared
        if column.references in SALES
        and column.name not in ("merged_into_id", "converted_deal_id")
        and column.references != table.name
    )
    if table.name not in SALES and not hung:
        return
    if table.has("is_test"):
        yield _marked_by_source(table)
    groups = alike(setting.records, setting.clients, "tests")
    yield Look(table.name, _Tests(table, hung, tuple(groups)))
    if table.name in _MAILS:
        yield Look(table.name, _Own(table, setting))


def _marked_by_source(table: CanonicalTable) -> Probe:
    subject = table.name.replace("_", " ")
    return Probe(
        code="marked_test",
        severity=Severity.notice,
        table=table.name,
        column="is_test",
        condition=f"{row_column('is_test')} = TRUE",
        what="are marked as tests in the source and count nowhere",
        todo="Nothing, if the mark is right.",
        subject=subject,
    )


@dataclass(frozen=True, slots=True)
class _Tests:
    """Looks for tests of one table, and for what hangs on tests found before."""

    table: CanonicalTable
    hung: tuple[tuple[str, str], ...]
    groups: tuple[tuple[Records, tuple[str, ...]], ...]

    def __call__(self, connection: DuckDBPyConnection) -> Iterator[Probe]:
        connection.execute(
            f"CREATE TEMP TABLE IF NOT EXISTS {_TESTS}"
            " (client_id VARCHAR, table_name VARCHAR, key VARCHAR)"
        )
        connection.execute(f"DELETE FROM {_TESTS} WHERE table_name = ?", [self.table.name])
        for number, (records, clients) in enumerate(self.groups):
            yield from self._of_group(connection, number, records, clients)

    def _of_group(
        self,
        connection: DuckDBPyConnection,
        number: int,
        records: Records,
        clients: Sequence[str],
    ) -> Iterator[Probe]:
        do = records.tests.do
        own = _own_condition(self.table, records)
        left_out = do == "exclude"
        if own is not None and left_out:
            own = f"({own} OR {row_column('is_test')})"
        of = is_of(clients)
        name = f"_trial_{self.table.name}_{number}"
        if own is not None and self._mark(connection, f"{name}_own", f"{of} AND {own}"):
            yield self._probe(f"{name}_own", do, "look like tests", clients)
        if do == "keep" or (self.table.name not in SALES and not left_out):
            return
        for column, target in self.hung:
            found = f"(SELECT client_id, key FROM {_TESTS} WHERE table_name = '{target}')"
            if not _any(connection, found):
                continue
            hangs = f"({ROW}.client_id, {row_column(column)}) IN {found}"
            marks = f"{name}_{column}"
            if self._mark(connection, marks, f"{of} AND {hangs}"):
                yield self._probe(marks, do, f"belong to {target} that are tests", clients)

    def _mark(self, connection: DuckDBPyConnection, marks: str, condition: str) -> bool:
        """Note the rows that are not noted yet; true if there are any."""
        key = row_column(self.table.key[0])
        known = ""
        if self.table.name in SALES:
            known = (
                f" AND ({ROW}.client_id, {key}) NOT IN"
                f" (SELECT (client_id, key) FROM {_TESTS} WHERE table_name = '{self.table.name}')"
            )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {marks} AS SELECT {ROW}.rowid AS row,"
            f' NULL::VARCHAR AS kept FROM "{self.table.name}" AS {ROW}'
            f" WHERE {ROW}._excluded IS NULL AND {condition}{known}"
        )
        if self.table.name in SALES:
            connection.execute(
                f"INSERT INTO {_TESTS} SELECT {ROW}.client_id, '{self.table.name}', {key}"
                f' FROM "{self.table.name}" AS {ROW} JOIN {marks} AS m ON m.row = {ROW}.rowid'
            )
        return _any(connection, marks)

    def _probe(self, marks: str, do: str, what: str, clients: Sequence[str]) -> Probe:
        done = {
            "review": "wait for review",
            "exclude": "are left out of all figures",
            "keep": "are kept as they are",
        }[do]
        return Probe(
            code="test_record",
            severity=Severity.warning,
            table=self.table.name,
            column=None,
            condition=f"{ROW}.rowid IN (SELECT row FROM {marks})",
            what=f"{what} and {done}",
            todo="Delete them in the source, or write 'tests: {do: exclude}' in rules/.",
            subject=self.table.name.replace("_", " "),
            clients=tuple(clients),
            resolution=Resolution(do),
            rule=f"tests: {do}",
            excluded="test",
            decides="account manager" if do == "review" else "analyst",
            marks=marks,
        )


@dataclass(frozen=True, slots=True)
class _Own:
    """Looks for people of the team or the client among its customers."""

    table: CanonicalTable
    setting: Setting

    def __call__(self, connection: DuckDBPyConnection) -> Iterator[Probe]:
        rows = connection.execute(
            "SELECT DISTINCT client_id, lower(split_part(trim(email), '@', 2)) FROM users"
            " WHERE email LIKE '%_@_%' AND _excluded IS NULL"
        ).fetchall()
        told = {(str(client), str(domain)) for client, domain in rows}
        told |= {(client, own) for client, one in self.setting.records.items() for own in one.own}
        pairs = sorted(pair for pair in told if "." in pair[1] and pair[1] not in POSTS)
        if not pairs:
            return
        listed = ", ".join(f"({quoted(one)}, {quoted(own)})" for one, own in pairs)
        domain = f"lower(split_part(trim({row_column('email')}), '@', 2))"
        yield Probe(
            code="internal_record",
            severity=Severity.notice,
            table=self.table.name,
            column="email",
            condition=f"({ROW}.client_id, {domain}) IN ({listed})",
            what="have an address of the client's own or of its team",
            todo="To leave them out, name the domain in rules/ under 'tests: domains:'.",
            subject=self.table.name,
        )


def _any(connection: DuckDBPyConnection, relation: str) -> bool:
    return connection.execute(f"SELECT 1 FROM {relation} AS x LIMIT 1").fetchone() is not None


def _own_condition(table: CanonicalTable, records: Records) -> str | None:
    """What tells a test by itself; ``None`` for tables that have nothing to tell it by."""
    rule, parts = records.tests, []
    name = _NAMES.get(table.name)
    if name is not None:
        place = f"lower({row_column(name)})"
        words = rf"trim(regexp_replace({place}, '[^\pL\pN]+', ' ', 'g'))"
        short = f"strlen({row_column(name)}) < 80"
        said = f"regexp_full_match({words}, {quoted(_said())})"
        shouted = f"regexp_matches({place}, {quoted(_shouted())})"
        may_be = f"{short} AND regexp_matches({place}, {quoted(_hinted())})"
        parts.append(f"CASE WHEN {may_be} THEN {said} OR {shouted} ELSE FALSE END")
        parts += [_like(place, pattern) for pattern in rule.names]
    if table.name in _MAILS:
        place = f"trim(lower({row_column('email')}))"
        address = f"regexp_full_match({place}, {quoted(_address())})"
        may_be = f"regexp_matches({place}, {quoted(_hinted())})"
        parts.append(f"CASE WHEN {may_be} THEN {address} ELSE FALSE END")
        parts += [_like(place, pattern) for pattern in rule.emails]
        parts += [_at(f"split_part({place}, '@', 2)", domain) for domain in rule.domains]
    if table.name == "accounts":
        host = (
            f"regexp_extract(lower({row_column('domain')}),"
            " '^ *([a-z]+://)?(www[.])?([^/:?#@ ]+)', 3)"
        )
        parts.append(f"regexp_full_match({host}, {quoted(DOMAIN)})")
        parts += [_at(host, domain) for domain in rule.domains]
    return f"coalesce({' OR '.join(parts)}, FALSE)" if parts else None


def _like(place: str, pattern: str) -> str:
    escaped = re.sub(r"([%_\\])", r"\\\1", pattern.strip().lower()).replace("*", "%")
    return f"{place} LIKE {quoted(escaped)} ESCAPE '\\'"


def _at(host: str, domain: str) -> str:
    bare = domain.lower().removeprefix("*.")
    return f"({host} = {quoted(bare)} OR ends_with({host}, {quoted('.' + bare)}))"


@lru_cache(maxsize=1)
def _said() -> str:
    """A name of nothing but such words and numbers: "Test Test", "testlead 2"."""
    words = "|".join(re.escape(word).replace(r"\ ", " ") for word in test_words())
    more = "account|company|contact|lead|user|customer|person|deal"
    return f"({words})( ({words}|{more}|[0-9]+))*"


@lru_cache(maxsize=1)
def _shouted() -> str:
    """A name that begins with such a word, set apart: "TEST - please ignore", "[test] Acme"."""
    words = "|".join(sorted(word for word in test_words() if " " not in word))
    return rf"^\s*[\[(*<]+({words})[\])*>]|^\s*({words})(\s+[-–—|/]+\s|\s*:)"


@lru_cache(maxsize=1)
def _hinted() -> str:
    """What stands in every such name and address: most have none of it, and are done with."""
    words = {word.split()[0] for word in test_words()} | {"test", "invalid"}
    least = [word for word in words if not any(one in word for one in words - {word})]
    return "|".join([*(re.escape(word) for word in sorted(least)), _DISPOSABLE])


@lru_cache(maxsize=1)
def _address() -> str:
    words = "|".join(sorted(word for word in test_words() if word.isascii() and " " not in word))
    local = rf"({words})([._-]?({words}|user|account|lead|[0-9]+))*"
    return rf"({local}|[^@]+[+]test[0-9]*)@.+|[^@]+@{DOMAIN}"
