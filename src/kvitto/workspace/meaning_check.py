"""What is wrong with the meanings of words: all of it, each at its line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from kvitto.errors import Problem, did_you_mean
from kvitto.model.table import CanonicalColumn, CanonicalTable, canonical_tables
from kvitto.workspace.definition import ClientDefinition
from kvitto.workspace.document import Document, Keys
from kvitto.workspace.meaning import Bounds, Counted, MeaningFile, MeaningVersion, Once, Worth
from kvitto.workspace.rule import unfit, wrong_column

_ORDERED = ("int", "num", "frac", "money", "date", "ts")
_NUMBERS = ("int", "num")


def meaning_problems(
    documents: Mapping[str, Document],
    meanings: Mapping[str, MeaningFile],
    clients: Mapping[str, ClientDefinition],
    known: Collection[str],
) -> Iterator[Problem]:
    """Meanings that name what does not exist, cannot be measured, or hold at the same time.

    ``known`` are the ids of all clients, also of those whose file does not hold.
    """
    for name, meaning in meanings.items():
        for index, version in enumerate(meaning.definitions):
            place = _Place(documents[name], ("definitions", index), meaning)
            yield from _version(place, version, clients, known)
    yield from _units(documents, meanings)
    yield from _overlaps(documents, meanings)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in which file a problem would be."""

    document: Document
    keys: Keys
    meaning: MeaningFile
    counts: bool = True

    def at(self, *keys: str | int) -> _Place:
        return _Place(self.document, (*self.keys, *keys), self.meaning, self.counts)

    def problem(self, asked: str, found: str, todo: str) -> Problem:
        return self.document.problem(asked, found, todo, self.keys)


def _version(
    place: _Place,
    version: MeaningVersion,
    clients: Mapping[str, ClientDefinition],
    known: Collection[str],
) -> Iterator[Problem]:
    if not version.counts:
        todo = "Add 'counts:' with a table and the date that counts."
        yield place.at("counts").problem(f"version {version.version}", "nothing counts", todo)
    for index, client in enumerate(version.clients):
        if client not in known:
            todo = did_you_mean(client, sorted(known))
            here = place.at("clients", index)
            yield here.problem(f"the client '{client}'", "there is none", todo)
    if version.valid_from and version.valid_to and version.valid_to < version.valid_from:
        found = f"it begins on {version.valid_from}"
        todo = "Write a last day that is not before the first."
        yield place.at("valid_to").problem(f"valid until {version.valid_to}", found, todo)
    concerned = {
        name: client.currency
        for name, client in clients.items()
        if name in version.clients or not version.clients
    }
    seen: set[str] = set()
    for part in ("counts", "of"):
        for index, counted in enumerate(getattr(version, part)):
            here = _Place(
                place.document, (*place.keys, part, index), place.meaning, part == "counts"
            )
            if counted.label in seen:
                todo = "Give each a name of its own: name: form."
                yield here.problem(f"the name '{counted.label}'", "it is given twice", todo)
            seen.add(counted.label)
            yield from _counted(here, counted, concerned)


def _counted(place: _Place, counted: Counted, currencies: Mapping[str, str]) -> Iterator[Problem]:
    tables = canonical_tables()
    if counted.table not in tables:
        todo = did_you_mean(counted.table, list(tables))
        yield place.at("table").problem(f"the table '{counted.table}'", "there is none", todo)
        return
    table = tables[counted.table]
    yield from _date(place.at("date"), table, counted.date)
    for column, bounds in counted.where.items():
        yield from _where(place.at("where", column), table, column, bounds)
    if counted.quantity is not None:
        yield from _column(place.at("quantity"), table, counted.quantity, _NUMBERS, "a number")
    if counted.once is not None:
        yield from _once(place.at("once"), table, counted, counted.once)
    yield from _value(place, table, counted, currencies)


def _date(place: _Place, table: CanonicalTable, name: str) -> Iterator[Problem]:
    days = [column.name for column in table.columns if column.type in ("date", "ts")]
    if name not in days:
        found = "it is no date" if table.has(name) else f"the table {table.name} has no such column"
        yield place.problem(f"the date '{name}'", found, did_you_mean(name, days))
    elif date_column(table, name) is None:
        todo = f"Choose one of: {', '.join(day for day in days if date_column(table, day))}."
        yield place.problem(f"the date '{name}'", "it has no local date", todo)


def date_column(table: CanonicalTable, name: str) -> str | None:
    """The local date of a date or instant column; ``None`` where it has none."""
    if table.column(name).type == "date":
        return name
    local = f"{name.removesuffix('_at')}_on"
    return local if name.endswith("_at") and table.has(local) else None


def moment_column(table: CanonicalTable, name: str) -> CanonicalColumn:
    """The instant behind a local date; the date itself where there is none."""
    instant = f"{name.removesuffix('_on')}_at"
    return table.column(instant if name.endswith("_on") and table.has(instant) else name)


def _column(
    place: _Place, table: CanonicalTable, name: str, types: Collection[str], what: str
) -> Iterator[Problem]:
    wrong = wrong_column(table.name, name) if not table.has(name) else None
    fitting = [column.name for column in table.declared if column.type in types]
    if wrong is not None:
        yield place.problem(f"the column {table.name}.{name}", wrong[0], wrong[1])
    elif types and table.column(name).type not in types:
        todo = did_you_mean(name, fitting) if fitting else f"{table.name} has no such column."
        yield place.problem(f"the column {table.name}.{name}", f"it is not {what}", todo)


def _where(place: _Place, table: CanonicalTable, name: str, bounds: Bounds) -> Iterator[Problem]:
    asked = f"the condition on {table.name}.{name}"
    missing = list(_column(place, table, name, (), ""))
    if missing:
        yield from missing
        return
    column = table.column(name)
    given = bounds.model_dump(exclude_none=True, exclude_defaults=True)
    if not given:
        yield place.problem(asked, "it says nothing", "Write a value, a list, or bounds.")
    ranges = [key for key in ("at_least", "at_most", "above", "below") if key in given]
    if ranges and column.type not in _ORDERED:
        todo = "Write the values that count as a list."
        yield place.at(ranges[0]).problem(asked, "its values have no order", todo)
        return
    if bounds.like is not None and column.type not in ("text", "enum", "id"):
        todo = "Write a value or a range."
        yield place.at("like").problem(asked, "its values are no texts", todo)
    for text in (*bounds.any_of, *bounds.other_than, *(given[key] for key in ranges)):
        wrong = unfit(column, text)
        if wrong is not None:
            near = did_you_mean(text, column.values) if column.values else "Correct the value."
            yield place.problem(asked, wrong, near)


def _once(place: _Place, table: CanonicalTable, counted: Counted, once: Once) -> Iterator[Problem]:
    asked = f"counting {table.name} once"
    if len(table.key) > 1:
        found = f"a row of {table.name} is a total, not one person's doing"
        yield place.problem(asked, found, "Remove 'once', or count a table of single events.")
        return
    if not once.by:
        todo = "Write by: with the column that tells who it was, such as contact_id."
        yield place.at("by").problem(asked, "nothing says who is the same", todo)
    for name in once.by:
        yield from _column(place.at("by"), table, name, (), "")
    if once.minutes is None:
        todo = "Write it as 30 minutes, 24 hours or 7 days."
        yield place.at("within").problem(asked, f"'{once.within}' is no length of time", todo)
        return
    if not table.has(counted.date):
        return
    moment = moment_column(table, counted.date)
    if moment.type == "date" and once.minutes % 1440:
        found = f"{moment.name} knows the day and no time of day"
        yield place.at("within").problem(asked, found, "Write whole days, such as 1 day.")


def _value(
    place: _Place, table: CanonicalTable, counted: Counted, currencies: Mapping[str, str]
) -> Iterator[Problem]:
    money, worth = place.meaning.is_money, counted.value
    word = place.meaning.word
    if worth is None:
        if money and place.counts:
            todo = "Add value: with a money column such as amount_base."
            yield place.problem(f"the amount of '{word}'", "no value is given", todo)
        return
    here = place.at("value")
    if not place.counts:
        todo = "Remove it: what the counted ones are a share of is counted."
        yield here.problem(f"the value of '{counted.label}'", "it is below 'of'", todo)
    if money and counted.weight != 1:
        todo = "Remove the weight."
        yield place.at("weight").problem(f"the weight of '{counted.label}'", "it is money", todo)
    yield from _worth(here, table, worth, currencies)


def _worth(
    here: _Place, table: CanonicalTable, worth: Worth, currencies: Mapping[str, str]
) -> Iterator[Problem]:
    if (worth.column is None) == (worth.amount is None):
        todo = "Write a column, or {amount: 40, currency: EUR}."
        yield here.problem("the value", "one of column and amount must be given", todo)
    elif worth.column is not None:
        missing = list(_column(here, table, worth.column, ("money",), "money"))
        yield from missing
        if not missing and table.has(f"{worth.column}_base"):
            found = "it is in the record's own currency; currencies are never added"
            todo = f"Use {worth.column}_base, which is in the client's."
            yield here.problem(f"the value {worth.column}", found, todo)
    elif worth.currency is None:
        todo = "Write {amount: 40, currency: EUR}."
        yield here.problem(f"the value {worth.amount}", "its currency is not given", todo)
    else:
        for client, currency in sorted(currencies.items()):
            if currency != worth.currency:
                found = f"the client '{client}' reports in {currency}; currencies are never added"
                todo = f"Give '{client}' a definition of its own, with its value in {currency}."
                yield here.problem(f"the value {worth.amount} {worth.currency}", found, todo)


def _units(
    documents: Mapping[str, Document], meanings: Mapping[str, MeaningFile]
) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, meaning in meanings.items():
        other = meanings[first.setdefault(meaning.word, name)]
        if other.is_money != meaning.is_money:
            found = f"{documents[first[meaning.word]].name} measures it in another unit"
            todo = "A word has one unit. Choose one, or another word."
            yield documents[name].problem(f"the unit of '{meaning.word}'", found, todo, ("unit",))


@dataclass(frozen=True, slots=True)
class _Held:
    """A definition with where it stands, as one scope sees it."""

    name: str
    index: int
    version: MeaningVersion

    @property
    def first(self) -> date:
        return self.version.valid_from or date.min


def _overlaps(
    documents: Mapping[str, Document], meanings: Mapping[str, MeaningFile]
) -> Iterator[Problem]:
    scopes: dict[tuple[str, str], list[_Held]] = {}
    for name, meaning in meanings.items():
        for index, version in enumerate(meaning.definitions):
            for client in dict.fromkeys(version.clients or ("",)):
                held = _Held(name, index, version)
                scopes.setdefault((meaning.word, client), []).append(held)
    told: set[tuple[str, int, str, int]] = set()
    for (word, client), listed in scopes.items():
        ordered = sorted(listed, key=lambda held: (held.first, held.name, held.index))
        for one, other in pairwise(ordered):
            pair = (one.name, one.index, other.name, other.index)
            if pair not in told:
                told.add(pair)
                yield from _beside(documents, word, client, one, other)


def _beside(
    documents: Mapping[str, Document], word: str, client: str, one: _Held, other: _Held
) -> Iterator[Problem]:
    """Two neighbours in time: the later one may begin where the earlier has no last day."""
    last, begins = one.version.valid_to, other.version.valid_from
    document, keys = documents[other.name], ("definitions", other.index)
    who = f"'{word}' of '{client}'" if client else f"'{word}'"
    asked = f"version {other.version.version} of {who}"
    if one.first == other.first:
        since = f"from {begins}" if begins else "from the beginning"
        found = f"{_where_is(documents, one)} holds {since} too"
        todo = "Write the day from which each holds: valid_from: 2025-07-01."
        yield document.problem(asked, found, todo, (*keys, "valid_from"))
    elif last is not None and begins is not None and last >= begins:
        found = f"{_where_is(documents, one)} holds until {last}, this one from {begins}"
        todo = "Let the earlier one end before, or leave its valid_to out."
        yield document.problem(asked, found, todo, (*keys, "valid_from"))
    elif one.version.version >= other.version.version:
        found = f"{_where_is(documents, one)} begins earlier and is {one.version.version}"
        todo = "Raise the version with every change."
        yield document.problem(asked, found, todo, (*keys, "version"))


def _where_is(documents: Mapping[str, Document], held: _Held) -> str:
    document = documents[held.name]
    return f"{document.name}:{document.line(('definitions', held.index))}"
