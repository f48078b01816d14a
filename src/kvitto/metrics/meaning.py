"""From what a word means for a client to ordinary metrics over the tables.

Each kind of row that counts becomes a metric of its own with one part; the
word is their sum. So receipts, line items and SQL are those of any metric.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from kvitto.metrics.timeline import Segment
from kvitto.model.metric import Additivity, Aggregation, Good, Metric, Part
from kvitto.model.table import CanonicalTable, canonical_table
from kvitto.model.value import UnitKind
from kvitto.warehouse.quoting import quoted
from kvitto.workspace.meaning import Bounds, Counted, MeaningFile, Worth
from kvitto.workspace.meaning_check import date_column, moment_column

VALUE, BASE, RATE = "_value", "_base", "_rate"
"""Endings of the ids that go with a word: its worth, what it is a share of, that share."""

_UNQUOTED = ("int", "num", "frac", "money")
_SIGNS = (("at_least", ">="), ("at_most", "<="), ("above", ">"), ("below", "<"))


@dataclass(frozen=True, slots=True)
class Form:
    """What a word comes to in one segment: the metrics that are added, or what is lacking.

    ``kinds`` are the metrics of the single kinds of row, by name. Of
    alternatives only one is measured, so they are one metric.
    """

    segment: Segment
    metrics: tuple[Metric, ...]
    said: str
    kinds: Mapping[str, Metric] = field(default_factory=dict)


def word_metric(meaning: MeaningFile) -> Metric:
    """The metric that a word is asked by; what it is made of depends on client and period."""
    plain = meaning.word.replace("_", " ").capitalize()
    unit = UnitKind.money if meaning.is_money else UnitKind.count
    return _metric(
        meaning.word,
        unit,
        names={"en": plain, **meaning.names},
        said=f"What counts as '{meaning.word}' is defined per client in meanings/.",
        noun=meaning.noun,
        good=Good(meaning.good),
    )


def value_metric(meaning: MeaningFile) -> Metric:
    """The metric of what the counted ones are worth."""
    plain = meaning.word.replace("_", " ").capitalize()
    said = f"What the rows that count as '{meaning.word}' are worth."
    return _metric(meaning.word + VALUE, UnitKind.money, names={"en": f"{plain}: value"}, said=said)


def rate_metric(meaning: MeaningFile) -> Metric:
    """The metric of the share that counts."""
    plain = meaning.word.replace("_", " ").capitalize()
    said = f"The rows that count as '{meaning.word}' over those that they are a share of."
    made = _metric(meaning.word + RATE, UnitKind.share, names={"en": f"{plain}: rate"}, said=said)
    formula = f"{meaning.word} / {meaning.word}{BASE}"
    return made.model_copy(update={"formula": formula, "additivity": Additivity.none, "min_n": 30})


def is_whole(counted: Iterable[Counted]) -> bool:
    """Whether counting these gives whole numbers."""
    return all(
        one.weight == one.weight.to_integral_value()
        and (one.quantity is None or canonical_table(one.table).column(one.quantity).type == "int")
        for one in counted
    )


def forms_of(
    id_: str, segments: Iterable[Segment], is_money: bool, currency: str
) -> tuple[Form, ...]:
    """The forms of a word, of its value or of its base, told apart by the id's ending."""
    found: list[Form] = []
    for index, segment in enumerate(segments):
        version = segment.version
        listed = version.of if id_.endswith(BASE) else version.counts
        money = is_money or id_.endswith(VALUE)
        stem = f"{id_}_v{version.version}{'_own' if segment.own else ''}"
        if any(form.segment.version is version for form in found):
            stem += f"_{index + 1}"
        lacking = _lacking(id_, listed, money)
        named: dict[str, Metric] = {}
        if lacking:
            made: tuple[Metric, ...] = (missing_metric(f"{stem}_undefined", lacking, money),)
        else:
            named = {one.label: _counted(stem, one, segment, money, currency) for one in listed}
            made = tuple(named.values())
            made = (_first_of(made),) if version.alternatives else made
        says, first = version.says.rstrip("."), version.alternatives and len(listed) > 1
        kinds = (" else " if first else "; ").join(described(one, money) for one in listed)
        found.append(Form(segment, made, f"{says} ({segment.said}). Counted: {kinds}.", named))
    return tuple(found)


def _first_of(listed: tuple[Metric, ...]) -> Metric:
    """Alternatives as one metric: each is read where those before it are not to be had."""
    first, *others = listed
    if not others or first.value is None:
        return first
    part = first.value.model_copy(update={"otherwise": _first_of(tuple(others)).value})
    return first.model_copy(update={"id": f"{first.id}_first", "value": part})


def missing_metric(id_: str, why: str, money: bool) -> Metric:
    """A metric that has no answer, and why; ``plan`` makes it not applicable."""
    return _metric(id_, UnitKind.money if money else UnitKind.count, {"en": id_}, why)


def described(counted: Counted, money: bool = False) -> str:
    """One kind of row in words."""
    where = condition_text(canonical_table(counted.table), counted.where)
    words = [f"{counted.label}: {counted.table} by {counted.date}"]
    words += [f"where {where}"] if where else []
    if counted.once is not None:
        words.append(f"once by {', '.join(counted.once.by)} within {counted.once.within}")
    words += [f"as often as {counted.quantity} says"] if counted.quantity else []
    words += [f"each {counted.weight.normalize():f}"] if counted.weight != 1 and not money else []
    if money and counted.value is not None:
        worth = counted.value
        fixed = f"{worth.amount} {worth.currency}"
        words.append(f"worth {worth.column or fixed}")
    return " ".join(words)


def condition_text(table: CanonicalTable, where: Mapping[str, Bounds]) -> str:
    """The conditions on columns as an expression; empty where there is none."""
    return " AND ".join(
        f"({text})" for name, bounds in where.items() for text in _conditions(table, name, bounds)
    )


def _conditions(table: CanonicalTable, name: str, bounds: Bounds) -> Iterator[str]:
    kind = table.column(name).type

    def written(value: str) -> str:
        if kind in _UNQUOTED:
            return f"{Decimal(value):f}"
        return value.upper() if kind == "bool" else quoted(value)

    if bounds.any_of:
        yield f"{name} IN ({', '.join(written(value) for value in bounds.any_of)})"
    if bounds.other_than:
        others = ", ".join(written(value) for value in bounds.other_than)
        yield f"{name} IS NULL OR NOT {name} IN ({others})"
    for key, sign in _SIGNS:
        value = getattr(bounds, key)
        if value is not None:
            yield f"{name} {sign} {written(value)}"
    if bounds.like is not None:
        yield f"{name} LIKE {quoted(bounds.like)}"
    if bounds.empty is not None:
        yield f"{name} IS {'' if bounds.empty else 'NOT '}NULL"


def _lacking(id_: str, listed: tuple[Counted, ...], money: bool) -> str:
    if not listed:
        return f"the definition of '{id_.removesuffix(BASE)}' does not say what it is a share of"
    without = [one.label for one in listed if money and one.value is None]
    if without:
        word = id_.removesuffix(VALUE)
        return f"the definition of '{word}' gives no value for {', '.join(without)}"
    return ""


def _counted(stem: str, one: Counted, segment: Segment, money: bool, currency: str) -> Metric:
    table = canonical_table(one.table)
    day = date_column(table, one.date)
    assert day is not None, one.date
    parts = [condition_text(table, one.where)]
    if one.once is not None:
        moment, minutes = moment_column(table, one.date).name, one.once.minutes
        keys = ", ".join(one.once.by)
        parts.append(f"once({moment}, {minutes}, {parts[0] or 'TRUE'}, {keys})")
    parts += [f"{day} >= '{segment.first}'"] if segment.first else []
    parts += [f"{day} < '{segment.after}'"] if segment.after else []
    measure = _worth(one, table, currency) if money else _quantity(one)
    part = Part(
        table=one.table,
        aggregation=Aggregation.count if measure is None else Aggregation.sum,
        measure=measure,
        where=" AND ".join(text for text in parts if text) or None,
        at=day,
    )
    unit = UnitKind.money if money else UnitKind.count if is_whole([one]) else UnitKind.number
    made = _metric(f"{stem}_{one.label}", unit, {"en": one.label}, described(one, money))
    return made.model_copy(update={"value": part})


def _quantity(one: Counted) -> str | None:
    weight = f"{one.weight.normalize():f}"
    if one.quantity is None:
        return None if one.weight == 1 else weight
    return one.quantity if one.weight == 1 else f"{one.quantity} * {weight}"


def _worth(one: Counted, table: CanonicalTable, currency: str) -> str:
    worth = one.value or Worth()
    if worth.amount is not None:
        amount = f"{worth.amount:f}"
        return amount if one.quantity is None else f"{one.quantity} * {amount}"
    column = worth.column or ""
    if column.endswith("_base") or not table.has("currency_code"):
        return column
    same = f"currency_code = {quoted(currency)}"
    if table.has("spend_base"):
        # Without a code, a spend that needed no conversion tells the account's currency.
        same += " OR (currency_code IS NULL AND spend > 0 AND spend = spend_base)"
    return f"CASE WHEN {same} THEN {column} END"


def _metric(
    id_: str,
    unit: UnitKind,
    names: Mapping[str, str],
    said: str,
    noun: str | None = None,
    good: Good = Good.higher,
) -> Metric:
    return Metric(
        id=id_,
        names=dict(names),
        explains={"en": said},
        unit=unit,
        noun=noun,
        good=good,
        additivity=Additivity.full,
        bucket="business_performance",
        family="effectiveness",
        role="outcome",
        audience=("executive", "manager", "operational", "client"),
        zero_policy="ZC",
    )
