"""The metrics as one client means them.

A word (``conversion``) and every metric that is computed from it has one form
per definition. :meth:`ClientCatalogue.at` gives the one of a period; where the
definition changes inside it, the days before and after are measured each by
their own, and added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import sqlglot
from sqlglot import exp

from kvitto.errors import UnknownName, did_you_mean
from kvitto.metrics.catalogue import Catalogue
from kvitto.metrics.formula import read_formula
from kvitto.metrics.meaning import (
    BASE,
    RATE,
    VALUE,
    Form,
    forms_of,
    is_whole,
    missing_metric,
)
from kvitto.metrics.reach import dimensions_of
from kvitto.metrics.side import MARK, of_source, split_side
from kvitto.metrics.span import trailing
from kvitto.metrics.timeline import Segment, covering, timeline
from kvitto.model.metric import Metric
from kvitto.model.period import Period
from kvitto.model.value import UnitKind
from kvitto.workspace.meaning import MeaningFile

ROAS, CONVERSION_VALUE, REVENUE = "roas", "conversion_value", "revenue"
"""Where conversions have no value, the return on ad spend is told by revenue."""

_KEPT = 4096
"""How many metrics of a period are kept; a server that runs for weeks is asked about many."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What one id comes to over time; ``missing`` is the metric of days without a definition."""

    id: str
    forms: tuple[Form, ...]
    missing: Metric

    def over(self, period: Period) -> tuple[Form, ...]:
        """The forms that the period is made of; empty where a day of it has none."""
        segments = covering((form.segment for form in self.forms), period)
        return tuple(form for form in self.forms if form.segment in segments)

    def metrics(self, period: Period) -> tuple[Metric, ...]:
        """What is added up over the period."""
        found = tuple(metric for form in self.over(period) for metric in form.metrics)
        return found or (self.missing,)


class ClientCatalogue(Catalogue):
    """The catalogue of one client: words have the forms that hold for it."""

    def __init__(
        self, shared: Catalogue, meanings: Mapping[str, MeaningFile], client: str, currency: str
    ) -> None:
        self._senses = _senses(shared, meanings, client, currency)
        self._parts = {
            metric.id: metric
            for sense in self._senses.values()
            for metric in (sense.missing, *_all_of(sense.forms))
        }
        self._at: dict[tuple[str, Period], Metric] = {}
        super().__init__([_own(metric, self._senses) for metric in shared], shared.words)
        self._metrics = {metric.id: self._reaching(metric) for metric in self}

    def get(self, id: str, /) -> Metric:  # noqa: A002 - positional only
        """The metric of that id, also one that a word is made of. Raises :class:`UnknownName`."""
        if id in self._parts:
            return self._parts[id]
        return self._sided(id) if MARK in id else super().get(id)

    def at(self, metric: Metric, period: Period) -> Metric:
        """The metric as it is defined in the period."""
        key = (metric.id, period)
        if key not in self._at:
            if len(self._at) >= _KEPT:
                self._at.clear()
            self._at[key] = self._resolved(metric, period)
        return self._at[key]

    def forms(self, metric: Metric) -> tuple[Metric, ...]:
        """The metric in every form that it has at any time."""
        days = {
            edge
            for name in self.words_of(metric)
            for form in self._senses[name].forms
            for edge in (form.segment.first, form.segment.after)
            if edge is not None
        }
        edges = [date.min, *sorted(days), date.max]
        return tuple(self.at(metric, Period(one, other)) for one, other in pairwise(edges))

    def change(self, metric: Metric, one: Period, other: Period) -> str:
        """How its definition differs between, or within, two periods; empty where it does not."""
        found = []
        for name in self.words_of(metric):
            sense = self._senses[name]
            told = [*sense.over(one), *sense.over(other)]
            held = [form for form in sense.forms if any(form is seen for seen in told)]
            found += [_changed(name, before, after) for before, after in pairwise(held)]
        return " ".join(dict.fromkeys(found))

    def sense(self, word: str) -> Sense:
        """What a word comes to over time. Raises ``KeyError`` where it is none."""
        return self._senses[word]

    def _inner(self, metric: Metric) -> tuple[Metric, ...]:
        terms = read_formula(metric.formula).terms if metric.formula else ()
        return tuple(self._parts[term.metric] for term in terms if term.metric in self._parts)

    def words_of(self, metric: Metric) -> tuple[str, ...]:
        """The words that a metric is made of; the metric itself where it is one."""
        name = split_side(metric.id)[0]
        if name in self._senses:
            return (name,)
        if metric.formula is None:
            return ()
        terms = read_formula(self.formula(metric)).terms
        named = dict.fromkeys(term.metric for term in terms if not term.goal)
        return tuple(name for name in named if name in self._senses)

    def _sided(self, id_: str) -> Metric:
        """A metric as one side tells it."""
        name, side = split_side(id_)
        metric = super().get(name)
        if name not in self._senses:
            return of_source(metric, side)
        kinds = [kind for form in self._senses[name].forms for kind in form.kinds]
        if side not in kinds:
            found = "its definition names no such kind of row"
            todo = did_you_mean(side, kinds)
            raise UnknownName.of(f"the metric '{name}' as '{side}' tells it", found, todo)
        names = {language: f"{text} ({side})" for language, text in metric.names.items()}
        return metric.model_copy(update={"id": id_, "names": names})

    def _kind_at(self, metric: Metric, period: Period) -> Metric:
        name, side = split_side(metric.id)
        sense = self._senses[name]
        forms = tuple(
            Form(form.segment, (form.kinds.get(side, sense.missing),), form.said)
            for form in sense.forms
        )
        return self._word_at(metric, Sense(metric.id, forms, sense.missing), period)

    def _resolved(self, metric: Metric, period: Period) -> Metric:
        name, side = split_side(metric.id)
        if side and name in self._senses:
            return self._kind_at(metric, period)
        if metric.id in self._senses:
            return self._word_at(metric, self._senses[metric.id], period)
        words = self.words_of(metric)
        if not words:
            return metric
        meant = [_said(self._senses[name], period) for name in words]
        said = " ".join([metric.explain("en"), *(f"{word}." for word in meant)])
        formula = self._written(self.formula(metric), period)
        return metric.model_copy(update={"formula": formula, "explains": {"en": said}})

    def _word_at(self, metric: Metric, sense: Sense, period: Period) -> Metric:
        parts, over = sense.metrics(period), sense.over(period)
        lacking = next((part for part in parts if not part.parts), None)
        said = _said(sense, period) if lacking is None else lacking.explain("en")
        changed: dict[str, object] = {"explains": {"en": said}}
        if over:
            changed["version"] = over[-1].segment.version.version
        if len(parts) > 1:
            changed["formula"] = " + ".join(part.id for part in parts)
        else:
            changed["value"] = parts[0].value
        return metric.model_copy(update=changed)

    def _written(self, formula: str, period: Period) -> str:
        tree = exp.Paren(this=sqlglot.parse_one(formula, read="duckdb"))
        for column in list(tree.find_all(exp.Column)):
            call = column.parent if isinstance(column.parent, exp.Anonymous) else None
            if column.name not in self._senses or (call is not None and call.name == "goal"):
                continue
            months = int(call.expressions[1].name) if call is not None else None
            parts = self._senses[column.name].metrics(trailing(period, months))
            ids = [
                part.id if months is None else f"trailing({part.id}, {months})" for part in parts
            ]
            added = sqlglot.parse_one(f"({' + '.join(ids)})", read="duckdb")
            (call or column).replace(added)
        text: str = tree.this.sql("duckdb", normalize_functions=False)
        return text

    def _reaching(self, metric: Metric) -> Metric:
        """The metric with the dimensions that all of its forms reach."""
        words = self.words_of(metric)
        if not words:
            return metric
        terms = [
            part.id
            for name in words
            for form in self._senses[name].forms
            for part in form.metrics
            if part.value is not None
        ]
        others = read_formula(self.formula(metric)).terms if metric.formula else ()
        terms += [term.metric for term in others if term.metric not in self._senses]
        whole = metric.model_copy(update={"formula": " + ".join(terms) or None, "dimensions": ()})
        reached = dimensions_of(whole, {**self._metrics, **self._parts}) if terms else ()
        return metric.model_copy(update={"dimensions": reached})


def _all_of(forms: Iterable[Form]) -> Iterator[Metric]:
    for form in forms:
        yield from form.metrics
        yield from form.kinds.values()


def _own(metric: Metric, senses: Mapping[str, Sense]) -> Metric:
    """The product's metric, with what the client's definitions say of its unit and its base."""
    if metric.id in senses and metric.unit is UnitKind.count:
        counted = [one for form in senses[metric.id].forms for one in form.segment.version.counts]
        return metric if is_whole(counted) else metric.model_copy(update={"unit": UnitKind.number})
    if metric.id == ROAS and not _is_answered(senses[CONVERSION_VALUE]) and senses[REVENUE].forms:
        return metric.model_copy(update={"formula": f"{REVENUE} / ad_spend"})
    word = metric.id.removesuffix(RATE)
    if word == metric.id or word not in senses:
        return metric
    if any(form.segment.version.of for form in senses[word].forms):
        said = f"The rows that count as '{word}' over those that they are a share of."
        changed = {"formula": f"{word} / {word}{BASE}", "explains": {"en": said}}
        return metric.model_copy(update=changed)
    return metric


def _is_answered(sense: Sense) -> bool:
    return any(part.parts for form in sense.forms for part in form.metrics)


def _senses(
    shared: Catalogue, meanings: Mapping[str, MeaningFile], client: str, currency: str
) -> dict[str, Sense]:
    found: dict[str, Sense] = {}
    for word in shared.words:
        segments = timeline(word, client, meanings.values())
        money = shared.get(word).unit is UnitKind.money
        ids = [word, word + BASE, *([word + VALUE] if word + VALUE in shared else [])]
        for id_ in ids:
            why = _undefined(word, client, segments)
            missing = missing_metric(f"{id_}_undefined", why, money or id_.endswith(VALUE))
            found[id_] = Sense(id_, forms_of(id_, segments, money, currency), missing)
    return found


def _undefined(word: str, client: str, segments: tuple[Segment, ...]) -> str:
    todo = f"define it in meanings/{word}.yml"
    if not segments:
        return f"nothing says what counts as '{word}' for {client}; {todo}"
    held = "; ".join(segment.said for segment in segments)
    return f"'{word}' is not defined for {client} on every day of the period ({held}); {todo}"


def _said(sense: Sense, period: Period) -> str:
    over = sense.over(period)
    if not over:
        return sense.missing.explain("en")
    if len(over) == 1:
        return over[0].said
    return "The definition changes in this period. " + " Then: ".join(form.said for form in over)


def _changed(name: str, before: Form, after: Form) -> str:
    first = after.segment.first
    since = f" on {first}" if first else ""
    one, other = before.segment.version, after.segment.version
    until = f"{(first or date.min) - timedelta(days=1)}" if first else "before"
    return (
        f"The definition of {name} changed{since}: until {until} version {one.version}"
        f" ({one.says.rstrip('.')}), then version {other.version} ({other.says.rstrip('.')})."
    )
