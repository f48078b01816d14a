"""The generated texts of a report: which statements are told where, and what joins them.

A topic is what a slot of text is about. What a statement says is up to the
narrative; here is decided which ones are worth a sentence, and that nothing is
said twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from kvitto.model.question import ComparisonKind
from kvitto.model.statement import Statement
from kvitto.report.context import Context
from kvitto.report.figure import display
from kvitto.report.narrative.catalogue import language_of
from kvitto.report.narrative.name import Names
from kvitto.report.narrative.telling import say

END = "\n"
"""Closes a line of a topic that is a paragraph of its own."""


def narrate(context: Context, topics: Sequence[str]) -> str:
    """The sentences of these topics, each sentence once."""
    told: dict[str, None] = {}
    for topic in topics:
        told.update(dict.fromkeys(line for line in TOPICS[topic](context) if line))
    return " ".join(told).replace(f"{END} ", "\n\n").strip()


def names_of(context: Context) -> Names:
    """What metrics and periods are called in the edition's language."""
    from kvitto.report.change import earlier_period

    asked = {name for ask, _ in context.answers.items for name in ask.metrics}
    return Names(
        metrics={
            name: context.metric(name).name(context.language)
            for name in sorted(asked | set(context.agreed))
        },
        against={
            kind.value: context.formatter.period(earlier_period(context, kind))
            for kind in (ComparisonKind.previous, ComparisonKind.last_year)
        },
    )


def _summary(context: Context) -> list[str]:
    """What was reached and what was not, in one or two sentences."""
    goals = [item for item in _agreed(context, "goal") if item.standing]
    lines: list[str] = []
    for key, standings in (
        ("reached", ("ahead",)),
        ("on_track", ("on_track",)),
        ("missed", ("behind",)),
    ):
        names = [item.subject for item in goals if item.standing in standings]
        if names:
            lines.append(_listed(context, f"text.goals_{key}", names))
    said = lines or [line.removesuffix(END) for line in _changes(context)[:2]]
    return [*said, *_absent(context)]


def _changes(context: Context) -> list[str]:
    """Each agreed KPI against the period before, a paragraph each; then how sure that is."""
    found = _compared(context, ComparisonKind.previous)
    return [*(_told(context, item) + END for item in found), *_certainty(context, found)]


def _kpis(context: Context) -> list[str]:
    """The same with what it was last year in the KPI's own paragraph."""
    found = _compared(context, ComparisonKind.previous)
    year = {
        item.subject: item
        for item in _compared(context, ComparisonKind.last_year)
        if item.kind == "change"
    }
    lines = [
        f"{_told(context, item)} {_again(context, year.pop(item.subject, None))}".strip()
        for item in found
    ]
    lines += [_told(context, item) for item in year.values()]
    return [*(line + END for line in lines), *_certainty(context, found)]


def _again(context: Context, statement: Statement | None) -> str:
    """A second comparison of a KPI: its figures stand in the sentence and the table before."""
    return "" if statement is None else _told(context, statement, brief=True)


def _certainty(context: Context, found: Sequence[Statement]) -> list[str]:
    return [*_verdicts(context, found), *_provisional(context, found), *_absent(context)]


def _last_year(context: Context) -> list[str]:
    """The same against last year; silent where there was nothing to compare with."""
    found = [item for item in _compared(context, ComparisonKind.last_year) if item.kind == "change"]
    return [_told(context, item) for item in found]


def _goals(context: Context) -> list[str]:
    return [_told(context, item) for item in _agreed(context, "goal")]


def _missed(context: Context) -> list[str]:
    """The goals that were not reached, and by how much; the others stand in the table."""
    return [_told(context, item) for item in _agreed(context, "goal") if item.good is not True]


def _why(context: Context) -> list[str]:
    """What every clear change is made of; where that is not known, these very words."""
    changes = [item for item in _compared(context, ComparisonKind.previous) if item.arrow]
    lines: list[str] = [_told(context, item) for item in context.statements if _is_note(item)]
    unknown: list[str] = []
    for change in changes:
        parts = _parts_of(context, change)
        lines += [_told(context, item) for item in parts[:1]]
        unknown += [] if parts else [change.subject]
    if unknown:
        lines.append(_listed(context, "text.unknown", unknown))
    if not changes:
        lines.append(context.words("text.nothing_to_explain"))
    lines += _coincidences(context)
    bad = [item.subject for item in changes if item.good is False]
    if bad:
        lines.append(_listed(context, "text.recovery", bad))
    return lines


def _together(context: Context) -> list[str]:
    """What we brought about, in the first person plural.

    Only what is clear is claimed; a poor month is called so, a quiet one too.
    """
    changes = [item for item in _compared(context, ComparisonKind.previous) if item.arrow]
    better = [item for item in changes if item.good]
    goals = [item for item in _agreed(context, "goal") if item.standing]
    reached = [item.subject for item in goals if item.standing == "ahead"]
    if better:
        return [_brought(context, better[:2]), context.words("text.together")]
    if reached:
        return [_listed(context, "text.together_reached", reached)]
    poor = [item for item in changes if item.good is False] or goals
    return [context.words("text.together_poor" if poor else "text.together_steady")]


def _brought(context: Context, changes: Sequence[Statement]) -> str:
    """One sentence: each KPI from what it was to what it is."""
    names, language = names_of(context), language_of(context.language)
    kind = ComparisonKind.previous
    parts: list[str] = []
    for change in changes:
        cell = context.answers.cell(change.subject, context.period, compare=kind)
        if cell is None or cell.compared is None:
            continue
        parts.append(
            context.words(
                "text.brought_more" if parts else "text.brought",
                name=names.inner(change.subject, language),
                before=display(context, cell.compared.figure),
                earlier=names.against[kind.value],
                after=display(context, cell.figure),
                period=context.formatter.period(context.period),
            )
        )
    return "".join(parts) + "."


def _steps(context: Context) -> list[str]:
    """What comes next, and who waits for whom."""
    lines: list[str] = []
    plan = [item for item in context.client.plan if item.status not in ("done", "cancelled")]
    if plan:
        first = min(plan, key=lambda item: (item.due is None, item.due))
        lines.append(context.words("text.next", title=first.title.rstrip(".")))
    waiting = [
        item for item in context.client.actions if item.side == "client" and item.status == "open"
    ]
    if waiting:
        people = list(dict.fromkeys(item.who for item in waiting))
        lines.append(context.words("text.waiting", names=_joined(context, people)))
    return lines


TOPICS: dict[str, Callable[[Context], list[str]]] = {
    "summary": _summary,
    "changes": _changes,
    "kpis": _kpis,
    "last_year": _last_year,
    "goals": _goals,
    "missed": _missed,
    "why": _why,
    "together": _together,
    "next": _steps,
}
"""What a slot of text can be about."""


def _agreed(context: Context, kind: str) -> list[Statement]:
    return [item for item in context.statements if item.kind == kind]


def _compared(context: Context, kind: ComparisonKind) -> list[Statement]:
    return [
        item
        for item in context.statements
        if item.comparison == kind.value and item.kind in ("change", "data")
    ]


def _absent(context: Context) -> list[str]:
    """The agreed KPIs that have no figure, in one sentence."""
    names = [item.subject for item in context.statements if item.id == f"{item.subject}/missing"]
    return [_listed(context, "text.absent", names)] if names else []


def _parts_of(context: Context, change: Statement) -> list[Statement]:
    return [
        item
        for item in context.statements
        if item.kind == "contribution"
        and (item.subject, item.comparison) == (change.subject, change.comparison)
    ]


def _is_note(statement: Statement) -> bool:
    """A remark on the data itself: said before anything else is explained."""
    return statement.kind == "data" and bool(statement.event)


def _coincidences(context: Context) -> list[str]:
    """Each event once: with its KPI where it has one, else as what it is, something of the time."""
    seen: dict[tuple[str, str], list[Statement]] = {}
    for item in context.statements:
        if item.kind == "coincidence":
            seen.setdefault((item.event, item.on), []).append(item)
    return [
        _told(context, items[0]) if len(items) == 1 else _at_the_time(context, items[0])
        for items in seen.values()
    ]


def _at_the_time(context: Context, event: Statement) -> str:
    day = context.formatter.day(date.fromisoformat(event.on))
    return context.words("text.event", event=event.event.rstrip("."), day=day)


def _told(context: Context, statement: Statement, *, brief: bool = False) -> str:
    """The narrative's sentence, without the remarks that are made once for all."""
    plain = statement.model_copy(update={"verdict": "", "provisional": False})
    return say(plain, names_of(context), context.formatter, context.language, brief=brief)


def _verdicts(context: Context, found: Sequence[Statement]) -> list[str]:
    groups: dict[str, list[str]] = {}
    for item in found:
        if item.kind == "change" and item.magnitude and item.verdict:
            small = item.verdict == "significant" and not item.material
            groups.setdefault("small" if small else item.verdict, []).append(item.subject)
    order = ("significant", "small", "noise", "too_few")
    return [_listed(context, f"text.{key}", groups[key]) for key in order if key in groups]


def _provisional(context: Context, found: Sequence[Statement]) -> list[str]:
    return [context.words("text.provisional")] if any(item.provisional for item in found) else []


def _listed(context: Context, key: str, metrics: Sequence[str]) -> str:
    language, names = language_of(context.language), names_of(context)
    listed = _joined(context, [names.inner(name, language) for name in dict.fromkeys(metrics)])
    text = context.words(key, n=len(set(metrics)), names=listed)
    return text[:1].upper() + text[1:]


def _joined(context: Context, items: Sequence[str]) -> str:
    from babel.lists import format_list

    return format_list(list(items), locale=context.formatter.locale)
