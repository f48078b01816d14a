"""Values in typed text: ``{{bookings_amount}}`` becomes the figure as it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kvitto.errors import Problem, did_you_mean
from kvitto.model.locale import Formatter
from kvitto.model.statement import Statement
from kvitto.model.value import Unit, UnitKind
from kvitto.report.narrative.amount import Amount, plain
from kvitto.report.narrative.catalogue import language_of
from kvitto.report.narrative.fact import Fact, Known, facts_of

_BRACES = re.compile(r"\{\{([^{}]{0,200})\}\}")

COMPARISONS = ("previous", "last_year", "baseline")
FORMS = ("change", "difference", "size", "goal", "gap", "reached", *COMPARISONS)
"""What may follow a metric's id after a dot."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A stretch of the finished text that came out of braces; ``fact`` is ``None``
    where nothing answers to the name, and ``why`` then says so."""

    start: int
    end: int
    name: str
    fact: Fact | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """The text with its values, where they stand, and what could not be bound."""

    text: str
    bindings: tuple[Binding, ...] = ()
    problems: tuple[Problem, ...] = ()


def bind(
    source: str,
    figures: Iterable[Known],
    language: str = "en",
    statements: Sequence[Statement] = (),
    period: str = "",
) -> Bound:
    """Fill every ``{{name}}`` of ``source``; an unknown name stays as it was typed.

    ``{{m}}`` is the figure; ``{{m.previous}}``, ``{{m.last_year}}``,
    ``{{m.baseline}}`` the earlier one; ``{{m.change}}`` the change in percent
    (in points for shares), ``{{m.difference}}`` in the unit, both with a sign,
    ``{{m.size}}`` in the unit without one; each may name its comparison
    (``{{m.change.last_year}}``); ``{{m.goal}}``, ``{{m.gap}}``, ``{{m.reached}}``.
    """
    facts = facts_of(figures, statements, period)
    return fill(source, facts, language)


def fill(source: str, facts: Sequence[Fact], language: str) -> Bound:
    """:func:`bind` over facts that were gathered before."""
    pieces: list[str] = []
    bindings: list[Binding] = []
    problems: list[Problem] = []
    length, last = 0, 0
    for match in _BRACES.finditer(source):
        before = source[last : match.start()]
        name = match[1].strip()
        fact, problem = _resolve(name, facts)
        text = match[0] if fact is None else written(fact, _form(name), language)
        pieces += [before, text]
        length += len(before)
        why = "" if problem is None else f"{problem.found}. {problem.todo}"
        bindings.append(Binding(length, length + len(text), name, fact, why))
        problems += [problem] if problem else []
        length += len(text)
        last = match.end()
    return Bound("".join([*pieces, source[last:]]), tuple(bindings), tuple(problems))


def written(fact: Fact, form: str, language: str) -> str:
    """A fact as a bound value is written."""
    formatter = Formatter.of(language)
    if fact.display and form not in ("change", "difference", "size", "gap"):
        return fact.display
    if fact.unit == "percent":
        text = formatter.share(fact.number)
        return f"+{text}" if form == "change" and fact.number > 0 else text
    kind = UnitKind.share if fact.unit == "points" else UnitKind(fact.unit)
    amount = Amount(formatter, Unit(kind, fact.currency, fact.noun), abs(fact.number))
    if form in ("change", "difference"):
        return amount.size(fact.number, language_of(language), signed=True)
    if form in ("size", "gap"):
        return amount.size(fact.number, language_of(language))
    return formatter.number(plain(fact.number), amount.unit)


def _form(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def _resolve(name: str, facts: Sequence[Fact]) -> tuple[Fact | None, Problem | None]:
    metric, *forms = name.split(".")
    own = [fact for fact in facts if fact.metric == metric and not fact.subject]
    if not own:
        known = sorted({fact.metric for fact in facts})
        return None, _problem(name, "no figure of this report has that name", metric, known)
    if not _is_form(forms):
        return None, _problem(name, f"'{'.'.join(forms)}' is not a form", forms[0], FORMS)
    wanted = [fact for fact in own if _fits(fact, forms)]
    if forms[:1] == ["change"]:
        relative = [fact for fact in wanted if fact.unit in ("percent", "points")]
        wanted = relative or wanted
    if not wanted:
        found = f"{metric} has no {' '.join(forms) or 'value'} in this report"
        return None, _problem(name, found, name, sorted({fact.metric for fact in facts}))
    return wanted[0], None


def _is_form(forms: Sequence[str]) -> bool:
    if not forms:
        return True
    if len(forms) == 2 and forms[0] in ("change", "difference", "size"):
        return forms[1] in COMPARISONS
    return len(forms) == 1 and forms[0] in FORMS


def _fits(fact: Fact, forms: Sequence[str]) -> bool:
    form = forms[0] if forms else ""
    if form in ("change", "difference", "size"):
        against = forms[1] if len(forms) > 1 else "previous"
        right = form == "change" or fact.unit != "percent"
        return fact.role == "change" and fact.comparison == against and right
    if form in COMPARISONS:
        return fact.role == "earlier" and fact.comparison == form
    roles = {"": "value", "goal": "target", "gap": "gap", "reached": "reached"}
    return fact.role == roles[form]


def _problem(name: str, found: str, near: str, known: Sequence[str]) -> Problem:
    return Problem(f"bind {{{{{name}}}}}", found, did_you_mean(near, list(known)))
