"""One edition from a template: collect needs, ask once, explain, build, check the texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from kvitto.metrics.bridge.step import Bridge
from kvitto.model.block import Block, TextBlock
from kvitto.model.edition import Edition, Labels, Section, Vouch
from kvitto.model.locale import Formatter
from kvitto.model.period import Period
from kvitto.report.asking import Ask, Asker, Bridging, ask_all
from kvitto.report.block import kinds
from kvitto.report.blocks.bridge import BridgeSpec
from kvitto.report.concern import concerning
from kvitto.report.context import Context
from kvitto.report.display import codes_of
from kvitto.report.explanation import Amounts, explain
from kvitto.report.freshness import data_as_of
from kvitto.report.outline import BlockSpec, SectionSpec, Template
from kvitto.report.place import edition_id
from kvitto.report.register import Registered, Registers
from kvitto.report.restatement import Rerun, Restated, restated
from kvitto.report.text import recheck
from kvitto.report.words import words_of
from kvitto.workspace.definition import ClientDefinition, SeriesDefinition

Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """Tells nobody."""


def compose(
    template: Template,
    series: SeriesDefinition,
    client: ClientDefinition,
    client_id: str,
    agency: str,
    period: Period,
    language: str,
    asker: Asker,
    previous: Edition | None = None,
    *,
    now: datetime,
    number: int = 1,
    corrects: str | None = None,
    texts: Sequence[TextBlock] = (),
    vouches: Sequence[Vouch] = (),
    rerun: Rerun | None = None,
    amounts: Amounts | None = None,
    progress: Progress = silent,
) -> Edition:
    """A draft edition of a report.

    ``previous`` is the sealed edition before it, from which restatements are
    made (``rerun`` tells the changed rows). ``texts`` and ``vouches`` of an
    earlier draft are kept where a person wrote them. ``amounts`` lets changes
    of sums, means and medians be tested. ``now`` has a time zone.
    """
    context = Context(
        template=template,
        series=series,
        client=client,
        client_id=client_id,
        agency=agency,
        period=period,
        language=language,
        formatter=Formatter.of(language),
        words=words_of(language),
        catalogue=asker.catalogue,
        now=now,
        today=now.astimezone(client.calendar().zone).date() if now.tzinfo else now.date(),
        findings=asker.findings(),
        previous=previous,
        texts={text.id: text for text in texts},
        vouches=tuple(vouches),
    )
    progress("ask", 0, 4)
    context = replace(context, answers=ask_all(asker, needs_of(context)))
    context = replace(context, bridges=bridges_of(context, asker))
    context = replace(context, registers=registers_of(context, asker))
    context = replace(context, findings=concerning(context))
    progress("explain", 1, 4)
    context = replace(context, statements=explain(context, _dimensions(template), amounts))
    progress("restate", 2, 4)
    again = Restated()
    if previous is not None:
        again = restated(previous, asker, language=language, rerun=rerun)
    context = replace(context, restatements=again.items)
    progress("build", 3, 4)
    edition = _edition(context, asker, number, corrects)
    receipts = {**again.receipts, **context.answers.receipts}
    named = {code: receipts[code] for code in sorted(codes_of(edition)) if code in receipts}
    edition = recheck(edition.model_copy(update={"receipts": named}))
    progress("build", 4, 4)
    return edition


def needs_of(context: Context) -> list[Ask]:
    """Everything that the blocks of the template ask, not merged yet."""
    needs: list[Ask] = []
    for spec in context.template.blocks():
        needs += kinds().get(spec.kind).needs(spec, context)
    return [need for need in needs if need.metrics]


def bridges_of(context: Context, asker: Asker) -> dict[tuple[str, str, str], Bridge]:
    """The bridges that the template's blocks show, where the asker can make them."""
    if not isinstance(asker, Bridging):
        return {}
    return {
        (spec.metric, spec.one, spec.other): asker.bridge(
            spec.metric, spec.one, spec.other, context.period
        )
        for spec in context.template.blocks()
        if isinstance(spec, BridgeSpec)
    }


def registers_of(context: Context, asker: Asker) -> Registers:
    """The registers, where a block of the template shows one and the asker knows them."""
    shown = any(spec.kind == "register" for spec in context.template.blocks())
    return asker.registers() if shown and isinstance(asker, Registered) else Registers()


def _dimensions(template: Template) -> tuple[str, ...]:
    """The dimensions by which the texts explain changes."""
    found: dict[str, None] = {}
    for spec in template.blocks():
        if spec.kind == "text":
            found.update(dict.fromkeys(spec.dimensions()))
    return tuple(found)


def _edition(context: Context, asker: Asker, number: int, corrects: str | None) -> Edition:
    template, client, period = context.template, context.client, context.period
    formatter = context.formatter
    as_of = data_as_of(context.answers.receipts.values(), period)
    return Edition(
        id=edition_id(context.client_id, template.id, period.label, number),
        client=context.client_id,
        client_name=client.name,
        report=template.id,
        report_version=template.version,
        title=context.title(template.title),
        subtitle=context.title(template.subtitle),
        audience=template.audience,
        period=period.label,
        first_day=period.start.isoformat(),
        last_day=period.last.isoformat(),
        period_text=formatter.period(period),
        language=context.language,
        currency=client.currency,
        timezone=client.timezone,
        brand=client.brand,
        agency=context.agency,
        manager=client.manager,
        number=number,
        corrects=corrects,
        data_as_of=as_of.isoformat(),
        data_as_of_text=formatter.day(as_of),
        warehouse=asker.warehouse,
        agreed=context.agreed,
        kpi_change=context.series.kpi_change,
        previous=context.previous.id if context.previous else None,
        rules=template.rules,
        names=_names(context),
        labels=_labels(context),
        sections=tuple(_section(context, spec) for spec in _in_order(template)),
        statements=context.statements,
        findings=context.findings,
        vouches=context.vouches,
    )


def _in_order(template: Template) -> list[SectionSpec]:
    return sorted(template.sections, key=lambda section: section.appendix)


def _section(context: Context, spec: SectionSpec) -> Section:
    return Section(
        id=spec.id,
        title=context.title(spec.title),
        blocks=tuple(block for item in spec.blocks for block in _blocks(context, item)),
        appendix=spec.appendix,
        answers=spec.answers,
    )


def _blocks(context: Context, spec: BlockSpec) -> Sequence[Block]:
    return kinds().get(spec.kind).build(spec, context)


def _labels(context: Context) -> Labels:
    return Labels(**{name: context.words(f"label.{name}") for name in Labels.model_fields})


def _names(context: Context) -> tuple[str, ...]:
    """Proper names that texts of this edition may use."""
    client = context.client
    found = dict.fromkeys([client.name, context.agency, client.manager, context.template.id])
    found.update(dict.fromkeys(action.who for action in client.actions))
    for work in (*client.plan, *client.done):
        found.update({work.who: None, work.title: None})
    for ask, answered in context.answers.items:
        for cell in answered.answer.cells if ask.by else ():
            found.update(dict.fromkeys(value for _, value in cell.dimensions if value))
    return tuple(name for name in found if name and any(sign.isalpha() for sign in name))
