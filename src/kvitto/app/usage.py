"""What the fields of a client's data serve: reports, goals, rules, and questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kvitto.app.house import House

if TYPE_CHECKING:
    from kvitto.audit.register import Use
    from kvitto.report.outline import Template

_YEAR = timedelta(days=365)


def uses_of(house: House, client: str) -> tuple[Use, ...]:
    """Every use of a field that is in force or was made within a year, and those that could be.

    What a report, a goal or a rule of the client reads is in use on the client's
    day; what was asked besides, on the day of the latest question. Metrics that
    nobody asks for come without a day.
    """
    day = house.today_of(client)
    found = [*_of_metrics(house, client, day), *_of_rules(house, client, day)]
    for template in _templates(house, client):
        found.extend(_of_report(house, client, template, day))
    return tuple(dict.fromkeys(found))


def metrics_in_force(house: House, client: str) -> frozenset[str]:
    """The metrics that the client's reports, goals and baselines name."""
    definition = house.client(client)
    found = {goal.metric for goal in definition.goals}
    found.update(baseline.metric for baseline in definition.baselines)
    for series in definition.reports:
        found.update(series.kpis)
    for template in _templates(house, client):
        found.update(template.metrics())
    return frozenset(name for name in found if name in house.catalogue)


def _of_metrics(house: House, client: str, day: date) -> Iterator[Use]:
    from kvitto.audit.register import Use
    from kvitto.metrics.usage import fields_of
    from kvitto.store.asked import last_asked

    catalogue = house.catalogue_of(client)
    force = metrics_in_force(house, client)
    asked = last_asked(house.store, client, house.now() - _YEAR)
    for metric in catalogue:
        last = day if metric.id in force else asked.get(metric.id)
        if last is not None:
            last = min(last, day)
        for table, column in sorted(fields_of(metric, catalogue)):
            yield Use(table, column, "metric", metric.id, last)


def _of_report(house: House, client: str, template: Template, day: date) -> Iterator[Use]:
    from kvitto.audit.register import Use
    from kvitto.metrics.usage import fields_of, fields_of_dimension

    catalogue = house.catalogue_of(client)
    agreed = _agreed(house, client, template)
    names = dict.fromkeys(one for one in (*template.metrics(), *agreed) if one in catalogue)
    named = [catalogue.get(one) for one in names]
    for metric in named:
        for table, column in sorted(fields_of(metric, catalogue)):
            yield Use(table, column, "report", template.id, day)
    for dimension in sorted({one for block in template.blocks() for one in block.dimensions()}):
        for metric in named:
            for table, column in sorted(fields_of_dimension(metric, dimension, catalogue)):
                yield Use(table, column, "dimension", f"split by {dimension}", day)


def _agreed(house: House, client: str, template: Template) -> Iterable[str]:
    for series in house.client(client).reports:
        if series.template == template.id:
            return series.kpis
    return ()


def _of_rules(house: House, client: str, day: date) -> Iterator[Use]:
    from kvitto.audit.register import Use
    from kvitto.workspace.concept import places_of

    for name, rules in sorted(house.workspace.rules.items()):
        if rules.clients and client not in rules.clients:
            continue
        by = f"rules/{name}.yml"
        for rule in rules.fields:
            yield Use(rule.table, rule.column, "rule", by, day)
        for place in rules.labels:
            table, _, column = place.partition(".")
            yield Use(table, column, "rule", by, day)
        for concept in rules.concepts:
            for one in places_of(concept):
                yield Use(one.table, one.column, "rule", by, day)


def _templates(house: House, client: str) -> Iterator[Template]:
    for series in house.client(client).reports:
        if series.template in house.templates:
            yield house.templates[series.template]
