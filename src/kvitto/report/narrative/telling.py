"""Statements to sentences. A sentence says what its statement holds and no more."""

from __future__ import annotations

from datetime import date

from kvitto.model.locale import Formatter
from kvitto.model.statement import Contribution, Statement
from kvitto.report.narrative.amount import Amount
from kvitto.report.narrative.catalogue import Language, language_of
from kvitto.report.narrative.name import Names


def say(
    statement: Statement, names: Names, formatter: Formatter, language: str, *, brief: bool = False
) -> str:
    """One or a few sentences, in the language's own words, "we" where a person speaks.

    ``brief`` leaves out from where to where a change went.

    Raises :class:`UnknownName` for a language without a file. A kind that has
    no sentence gives an empty text.
    """
    told = _KINDS.get(statement.kind)
    if told is None:
        return ""
    amount = Amount.of(statement, formatter)
    return told(Telling(statement, names, language_of(language), amount, brief))


class Telling:
    """One statement with all that is needed to put it into words."""

    def __init__(
        self,
        statement: Statement,
        names: Names,
        language: Language,
        amount: Amount,
        brief: bool = False,
    ) -> None:
        self.statement = statement
        self.names = names
        self.language = language
        self.amount = amount
        self.brief = brief

    @property
    def metric(self) -> str:
        return self.names.metric(self.statement.subject, self.language)

    @property
    def inner(self) -> str:
        return self.names.inner(self.statement.subject, self.language)

    @property
    def against(self) -> str:
        return self.names.compared_with(self.statement, self.language, self.amount.formatter)

    def size(self, number: float, *, signed: bool = False) -> str:
        return self.amount.size(number, self.language, signed=signed)


def _change(telling: Telling) -> str:
    statement, amount, language = telling.statement, telling.amount, telling.language
    before, after, change = statement.before, statement.after, statement.magnitude
    if before is None or after is None or change is None:
        return ""
    if amount.is_flat(change):
        key = "change.flat"
    else:
        percent = statement.relative is not None and amount.speaks_percent(statement.relative)
        key = f"change.{'up' if change > 0 else 'down'}{'_percent' if percent else ''}"
        key += "_brief" if telling.brief else ""
    sentence = language.text(
        key,
        metric=telling.metric,
        size=telling.size(change),
        percent=amount.percent(statement.relative or 0.0),
        against=telling.against,
        before=amount.value(before),
        after=amount.value(after),
    )
    return _joined(sentence, _verdict(telling), _provisional(telling))


def _verdict(telling: Telling) -> str:
    statement = telling.statement
    flat = telling.amount.is_flat(statement.magnitude or 0.0)
    if flat or statement.verdict in ("", "not_tested"):
        return ""
    small = statement.verdict == "significant" and not statement.material
    key = "small" if small else statement.verdict
    return telling.language.text(f"verdict.{key}")


def _provisional(telling: Telling) -> str:
    return telling.language.text("provisional") if telling.statement.provisional else ""


def _contribution(telling: Telling) -> str:
    statement, language = telling.statement, telling.language
    if not statement.contributions or statement.magnitude is None:
        return ""
    dimension = telling.names.dimension(statement.dimension or "", language)
    sentence = language.text(
        "contribution.parts",
        dimension=dimension,
        metric=telling.inner,
        against=telling.against,
        size=telling.size(statement.magnitude, signed=True),
        parts=_parts(telling),
    )
    return _joined(sentence, _mix(telling))


def _parts(telling: Telling) -> str:
    statement, language = telling.statement, telling.language
    shown = telling.amount.shown_contributions(statement)
    items = [
        language.text(
            "contribution.item",
            segment=_segment(telling, each),
            size=telling.size(number, signed=True),
        )
        for each, number in zip(statement.contributions, shown, strict=True)
        if number or not each.rest
    ]
    if len(items) < 2:
        return "".join(items)
    return language.text("contribution.and", first=", ".join(items[:-1]), last=items[-1])


def _segment(telling: Telling, contribution: Contribution) -> str:
    if contribution.rest:
        return telling.language.text("contribution.rest")
    return telling.names.segment(contribution.segment, telling.language)


def _mix(telling: Telling) -> str:
    """Mix and rate, where both show; "mix" leads where the rates moved the other way."""
    statement, amount = telling.statement, telling.amount
    mix, rate, change = statement.mix, statement.rate, statement.magnitude
    if mix is None or rate is None or change is None or amount.is_flat(mix):
        return ""
    opposed = rate * change < 0 and not amount.is_flat(rate)
    return telling.language.text(
        "contribution.mix" if opposed else "contribution.ratio",
        metric=telling.inner,
        rate=telling.size(rate, signed=True),
        mix=telling.size(mix, signed=True),
    )


def _goal(telling: Telling) -> str:
    statement, amount = telling.statement, telling.amount
    if statement.standing == "unknown" or statement.after is None or statement.before is None:
        why = telling.language.word("missing_sentence", statement.missing or "no_data")
        return telling.language.text("goal.unknown", metric=telling.inner, why=why)
    standing: str = statement.standing
    if statement.expected is None:
        standing = "reached" if standing == "ahead" else "missed"
    key = f"goal.{statement.goal_kind or 'target'}_{standing}"
    sentence = telling.language.text(
        key,
        metric=telling.inner,
        after=amount.value(statement.after),
        target=amount.value(statement.before),
        reached=amount.formatter.share(statement.reached or 0.0),
        expected=amount.value(statement.expected or 0.0),
        gap=telling.size(statement.magnitude or 0.0),
    )
    return _joined(sentence, _provisional(telling))


def _data(telling: Telling) -> str:
    statement, language = telling.statement, telling.language
    if statement.event:
        key = "data.note_on" if statement.on else "data.note"
        event = statement.event.rstrip(".")
        return language.text(key, metric=telling.inner, event=event, on=_day(telling))
    why = language.word("missing_sentence", statement.missing or "no_data")
    if statement.note == "before":
        return language.text(
            "data.no_earlier", metric=telling.metric, against=telling.against, why=why
        )
    return language.text("data.missing", metric=telling.metric, why=why)


def _coincidence(telling: Telling) -> str:
    return telling.language.text(
        "coincidence",
        metric=telling.inner,
        event=telling.statement.event.rstrip("."),
        on=_day(telling),
    )


def _day(telling: Telling) -> str:
    on = telling.statement.on
    return telling.amount.formatter.day(date.fromisoformat(on)) if on else ""


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


_KINDS = {
    "change": _change,
    "contribution": _contribution,
    "goal": _goal,
    "data": _data,
    "coincidence": _coincidence,
}
