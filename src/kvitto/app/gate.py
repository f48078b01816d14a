"""The gate: whether a report may be filled and shown, and who has to do what before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kvitto.app.ask import HouseAsker, asking, period_for
from kvitto.app.health import read_health
from kvitto.app.house import House
from kvitto.app.log import note
from kvitto.app.who import Who, require_named, require_owner, require_team
from kvitto.errors import NeedsAnswer, Problem, Unresolved, WrongState, WrongUse
from kvitto.model.edition import Edition
from kvitto.model.period import Period, period_of

if TYPE_CHECKING:
    from kvitto.metrics.plan import Component
    from kvitto.report.gate import Feed, Gate, Need, Passed
    from kvitto.report.lint import LintProblem
    from kvitto.report.outline import Template
    from kvitto.warehouse import SourceState

ACTION = "gate.override"
"""What the log calls it when somebody lets a held report pass."""


def gate(
    house: House,
    who: Who,
    client: str,
    report: str,
    period: str | Period,
    *,
    version: str | None = None,
) -> Gate:
    """How the gate stands for a report of a period: green, provisional or hold.

    Only the metrics that the report uses decide. ``version`` is the data that it
    is made of, else what readers see now. Raises :class:`UnknownName` for a
    report that is not there, :class:`BadPeriod`, :class:`NotInScope`.
    """
    from kvitto.report.gate import Gate, judge
    from kvitto.report.template import choose_template

    require_team(who, "see the gate", client)
    template = choose_template(house.templates, report)
    when = period_for(house, client, period)
    with asking(house, who, client, version) as asker:
        needs = tuple(_needs(house, asker, template, when))
        reasons = judge(needs, asker.findings(), when, house.today_of(client))
    passed = _passed(house, client, _subject(client, report, when))
    marked = (replace(one, passed=passed.get(one.key)) for one in reasons)
    return Gate(client, report, when.label, house.client(client).manager, tuple(marked))


def gates(
    house: House,
    who: Who,
    client: str | None = None,
    report: str | None = None,
    period: str | None = None,
) -> tuple[Gate, ...]:
    """The gates of all reports: of one client or of all in scope, of one report or of each.

    Without a period it is the last one that is over, in each report's own grain.
    """
    require_team(who, "see the gate", client)
    clients = [client] if client is not None else sorted(who.scope.clients)
    found = []
    for name in clients:
        series = [one.template for one in house.client(name).reports]
        for each in [report] if report is not None else series:
            when = period if period is not None else _last_period(house, name, each)
            found.append(gate(house, who, name, each, when))
    return tuple(found)


def override(
    house: House, who: Who, client: str, report: str, period: str | Period, reason: str
) -> Gate:
    """Let a held report pass, by name and with a reason, for what holds it now.

    What holds it later needs a new decision. It stands in the log and in the
    edition. Raises :class:`NotAllowed` for anybody but an owner, and
    :class:`WrongState` where nothing holds it.
    """
    require_named(who, "let a held report pass")
    require_owner(who, "let a held report pass")
    if not reason.strip():
        raise WrongUse.of("let a held report pass", "no reason is given", "Say why it may be sent.")
    found = gate(house, who, client, report, period)
    if not found.holding:
        raise WrongState.of(
            f"let {client}/{report}/{found.period} pass",
            f"nothing holds it: the gate is {found.state.value}",
            "Draft it: kvitto draft.",
        )
    when = period_for(house, client, period)
    details = {
        "reason": reason.strip(),
        "keys": [one.key for one in found.holding],
        "for": [one.message for one in found.holding],
    }
    note(house, who, ACTION, _subject(client, report, when), client=client, details=details)
    return gate(house, who, client, report, when)


def gate_of(house: House, who: Who, edition: Edition) -> Gate:
    """The gate of an edition, for the version of the data that it was made of."""
    return gate(
        house, who, edition.client, edition.report, edition.period, version=edition.warehouse
    )


def gate_problems(house: House, who: Who, edition: Edition) -> tuple[LintProblem, ...]:
    """What the gate says about an edition, as problems beside those of its own content."""
    from kvitto.report.lint.gate import check_gate

    return tuple(check_gate(gate_of(house, who, edition)))


def require_open(house: House, who: Who, edition: Edition) -> None:
    """Raises :class:`Unresolved` with everything that holds the edition's report."""
    found = gate_of(house, who, edition)
    if found.holding:
        raise Unresolved(
            *(
                Problem(f"{found.report} of {found.client}", one.message, one.todo)
                for one in found.holding
            )
        )


def _needs(house: House, asker: HouseAsker, template: Template, period: Period) -> Iterator[Need]:
    from kvitto.metrics.plan import components

    agreed = _agreed(house, asker.context.client, template)
    for name in dict.fromkeys((*agreed, *template.metrics())):
        metric = asker.catalogue.at(asker.catalogue.get(name), period)
        for part in components(metric, asker.catalogue):
            yield from _of_part(house, asker, name, part, name in agreed)


def _of_part(
    house: House, asker: HouseAsker, name: str, part: Component, agreed: bool
) -> Iterator[Need]:
    """Of alternatives the tables that are connected; one need without feeds where none is."""
    from kvitto.metrics.fact import facts_of
    from kvitto.metrics.plan import feeding, tables_of
    from kvitto.report.gate import Need

    facts = facts_of(asker.reader, asker.context.client)
    words = _words(part)
    for tables in tables_of(part.metric):
        connected = [
            (table, states)
            for table in sorted(tables)
            if (states := feeding(part.metric, table, facts))
        ]
        for table, states in connected:
            feeds = tuple(_feed(house, asker, state, table) for state in states)
            yield Need(name, table, agreed, feeds, words)
        if not connected:
            yield Need(name, min(tables), agreed, (), words)


def _feed(house: House, asker: HouseAsker, state: SourceState, table: str) -> Feed:
    from kvitto.audit.monitor.plan import rule_for
    from kvitto.report.gate import ALLOWANCE_DAYS, Feed

    rule = rule_for(house.workspace.rules, asker.context.client, state.name, table)
    allowed = rule.allowance_days
    trouble = read_health(house, state.name).trouble
    first = trouble[0] if trouble else None
    reached = state.complete_to
    return Feed(
        state.name,
        reached,
        None if reached is None else reached - timedelta(days=state.settles_days),
        ALLOWANCE_DAYS if allowed is None else allowed,
        None if first is None else (first.found, first.todo),
        first is not None and first.code == NeedsAnswer.code,
    )


def _words(part: Component) -> frozenset[str]:
    """The names that the metric's own expressions read."""
    said = " ".join(
        f"{one.measure or ''} {one.where or ''} {one.at or ''}" for _, one in part.metric.parts
    )
    return frozenset(re.findall(r"[a-z_]+", said.lower()))


def _agreed(house: House, client: str, template: Template) -> tuple[str, ...]:
    for series in house.client(client).reports:
        if series.template == template.id and series.kpis:
            return series.kpis
    return template.kpis


def _last_period(house: House, client: str, report: str) -> Period:
    from kvitto.report.template import choose_template

    calendar = house.client(client).calendar()
    grain = choose_template(house.templates, report).grain
    now = period_of(house.today_of(client), grain, calendar)
    return period_of(now.start - timedelta(days=1), grain, calendar)


def _subject(client: str, report: str, period: Period) -> str:
    return f"{client}/{report}/{period.label}"


def _passed(house: House, client: str, subject: str) -> dict[str, Passed]:
    """Who let which reason pass; the newest decision of each."""
    from kvitto.report.gate import Passed
    from kvitto.store import log

    found: dict[str, Passed] = {}
    for line in log.read_log(house.store, client=client, action=ACTION, limit=1_000):
        details: Mapping[str, Any] = line.details
        if line.subject == subject:
            keys = frozenset(str(key) for key in details.get("keys", ()))
            passed = Passed(line.who, line.at.isoformat(), str(details.get("reason", "")), keys)
            for key in keys:
                found.setdefault(key, passed)
    return found
