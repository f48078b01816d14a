"""A register as a table: the health score, the findings, systems, access, fields, checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from kvitto.model.block import Block, Column, NoticeBlock, TableBlock
from kvitto.model.finding import Finding, Severity
from kvitto.report.block import BlockKind, nothing_needed
from kvitto.report.caveat import finding_words
from kvitto.report.concern import gathered
from kvitto.report.context import Context
from kvitto.report.figure import text_cell
from kvitto.report.outline import BlockSpec
from kvitto.report.register import FieldLine, Registers, ScoreLine

_ORDER = [Severity.error, Severity.warning, Severity.notice]
_ABOUT_SYSTEMS = ("data_systems", "data_access")
Row = tuple[str, ...]


class RegisterSpec(BlockSpec):
    """``which`` register; of a long one the first ``limit`` lines."""

    which: Literal["health", "found", "systems", "access", "fields", "checks"]
    limit: int = 20


def _build(spec: RegisterSpec, context: Context) -> Sequence[Block]:
    title = context.title(spec.title)
    columns, rows, note, empty = _MAKERS[spec.which](context, context.registers)
    if not rows:
        return (NoticeBlock(id=spec.id, title=title, lines=(empty,)),)
    shown = rows[: spec.limit]
    left = len(rows) - len(shown)
    more = context.words("register.more", n=left, number=left) if left else ""
    return (
        TableBlock(
            id=spec.id,
            title=title,
            columns=columns,
            rows=tuple(tuple(text_cell(text) for text in row) for row in shown),
            note=" ".join(filter(None, (note, more))),
        ),
    )


Made = tuple[tuple[Column, ...], list[Row], str, str]


def _columns(context: Context, group: str, keys: Mapping[str, bool]) -> tuple[Column, ...]:
    """Columns by key; those that are ``True`` hold figures."""
    return tuple(
        Column(
            key=key,
            label=context.words(f"register.{group}.{key}"),
            kind="figure" if is_figure else "text",
        )
        for key, is_figure in keys.items()
    )


def _health(context: Context, found: Registers) -> Made:
    words = context.words
    parts = [part.name for part in found.scores[0].parts] if found.scores else []
    columns = _columns(
        context, "health", {"source": False, "score": True, **dict.fromkeys(parts, True)}
    )
    rows = [_score_row(context, one) for one in found.scores if one.score is not None]
    weights = ", ".join(
        f"{words(f'register.health.{part.name}').lower()} {part.weight}"
        for part in (found.scores[0].parts if found.scores else ())
    )
    before = [(day, score) for day, score in found.course[:-1] if score is not None]
    course = ", ".join(
        f"{context.formatter.day(day)} {context.formatter.decimal(Decimal(str(score)))}"
        for day, score in before[-4:]
    )
    notes = [words("register.health.note", weights=weights)] if weights else []
    if course:
        notes.append(words("register.health.course", course=course))
    return columns, rows, " ".join(notes), words("register.health.none")


def _score_row(context: Context, one: ScoreLine) -> Row:
    score = context.formatter.decimal(Decimal(str(one.score)))
    shares = (
        context.formatter.share(Decimal(part.part) / part.whole)
        if part.whole
        else context.words("register.no_data")
        for part in one.parts
    )
    return (one.name or context.words("register.health.all"), score, *shares)


def _found(context: Context, found: Registers) -> Made:
    words = context.words
    columns = _columns(
        context,
        "found",
        {"what": False, "rows": True, "touches": False, "done": False, "who": False},
    )
    listed = [one for one in gathered(found.findings) if one.table not in _ABOUT_SYSTEMS]
    order = sorted(listed, key=lambda one: (_ORDER.index(one.severity), -one.rows))
    rows: list[Row] = [
        (
            finding_words(context, one),
            context.formatter.decimal(one.rows) if one.rows else "",
            _touches(context, found, one),
            words(f"findings.{one.resolution.value}"),
            words(_decider(one)),
        )
        for one in order
    ]
    return columns, rows, "", words("findings.none")


def _decider(one: Finding) -> str:
    return "register.by_manager" if one.decides == "account manager" else "register.by_analyst"


def _touches(context: Context, found: Registers, one: Finding) -> str:
    """The agreed figures that read the field, or the table where no field is at fault."""
    names = found.touched.get((one.table, one.column or ""), ())
    shown = [context.metric(name).name(context.language) for name in names[:2]]
    left = len(names) - len(shown)
    if not shown:
        return context.words("register.touches_none")
    more = [context.words("register.touches_more", n=left, number=left)] if left else []
    return ", ".join([*shown, *more])


def _systems(context: Context, found: Registers) -> Made:
    words = context.words
    columns = _columns(
        context,
        "systems",
        {"name": False, "kind": False, "owner": False, "updated": False, "connected": False,
         "audited": False, "signed": False, "people": True},
    )  # fmt: skip
    rows: list[Row] = [
        (
            one.name,
            words(f"register.kind.{one.kind}"),
            one.owner or words("register.nobody"),
            one.updated,
            words("register.yes" if one.is_connected else "register.no"),
            _day(context, one.audited),
            one.signed_off_by or words("register.no"),
            str(one.people),
        )
        for one in found.systems
    ]
    note = ""
    if found.unnamed and found.is_listed:
        count = len(found.unnamed)
        listed = ", ".join(found.unnamed)
        note = words("register.systems.unnamed", n=count, number=count, listed=listed)
    return columns, rows, note, words("register.systems.none")


def _access(context: Context, found: Registers) -> Made:
    words = context.words
    columns = _columns(
        context,
        "access",
        {"person": False, "system": False, "role": False, "used": False, "supervisor": False,
         "overdue": False},
    )  # fmt: skip
    rows: list[Row] = [
        (
            words("register.service", name=one.person) if one.is_service else one.person,
            one.system,
            words(f"register.role.{one.role}"),
            _day(context, one.last_used, "register.unknown"),
            one.supervisor or words("register.nobody"),
            ", ".join(words(f"register.overdue.{late}") for late in one.overdue),
        )
        for one in sorted(found.access, key=lambda one: (not one.overdue, one.person, one.system))
    ]
    return columns, rows, "", words("register.access.none")


def _fields(context: Context, found: Registers) -> Made:
    words = context.words
    columns = _columns(
        context, "fields", {"field": False, "filled": True, "advice": False, "why": False}
    )
    worth = sorted(
        (one for one in found.fields if one.advice != "keep"),
        key=lambda one: (one.advice, one.filled / one.rows if one.rows else 0, one.table),
    )
    rows: list[Row] = [
        (
            _field_name(context, one.table, one.column),
            context.formatter.share(Decimal(one.filled) / one.rows) if one.rows else "",
            words(f"register.advice.{one.advice}"),
            _why(context, one),
        )
        for one in worth
    ]
    kept = len(found.fields) - len(worth)
    note = words("register.fields.kept", n=kept, number=kept) if kept else ""
    return columns, rows, note, words("register.fields.none")


def _why(context: Context, one: FieldLine) -> str:
    if one.advice == "drop":
        return context.words("register.fields.unused")
    names = [
        context.metric(name).name(context.language)
        for name in one.metrics
        if name in set(_known(context, one.metrics))
    ]
    if not names:
        return context.words("register.fields.needed")
    return context.words("register.fields.needed_by", names=", ".join(names[:2]))


def _known(context: Context, names: Sequence[str]) -> Iterator[str]:
    from kvitto.errors import UnknownName

    for name in names:
        try:
            context.metric(name)
        except UnknownName:
            continue
        yield name


def _checks(context: Context, found: Registers) -> Made:
    words, formatter = context.words, context.formatter
    columns = _columns(
        context, "checks", {"what": False, "checked": True, "wrong": True, "rate": True}
    )
    rows: list[Row] = [
        (
            _field_name(context, one.table, one.column)
            if one.column
            else words("register.checks.whole", table=_table_name(context, one.table)),
            str(one.checked),
            str(one.wrong),
            words("register.too_few")
            if one.rate is None or one.low is None or one.high is None
            else words(
                "register.checks.interval",
                rate=formatter.share(Decimal(str(one.rate))),
                low=formatter.share(Decimal(str(one.low))),
                high=formatter.share(Decimal(str(one.high))),
            ),
        )
        for one in found.rates
    ]
    return (
        columns,
        rows,
        words("register.checks.note") if rows else "",
        words("register.checks.none"),
    )


def _field_name(context: Context, table: str, column: str) -> str:
    """A field by its plain name where it has one, else as the data calls it."""
    key = f"column_name.{column}"
    plain = context.words(key) if context.words.has(key) else column.replace("_", " ")
    return f"{_table_name(context, table)}: {plain}"


def _table_name(context: Context, table: str) -> str:
    key = f"subject.{table}"
    name = context.words(key if context.words.has(key) else "subject.other")
    return name[:1].upper() + name[1:]


def _day(context: Context, day: date | None, otherwise: str = "register.never") -> str:
    return context.words(otherwise) if day is None else context.formatter.day(day)


_MAKERS: Mapping[str, Callable[[Context, Registers], Made]] = {
    "health": _health,
    "found": _found,
    "systems": _systems,
    "access": _access,
    "fields": _fields,
    "checks": _checks,
}

KIND = BlockKind(RegisterSpec, nothing_needed, _build)
