"""Work lists: what was done, what is planned, the milestones of the project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from kvitto.model.block import Block, WorkBlock, WorkItem
from kvitto.report.block import BlockKind, nothing_needed
from kvitto.report.context import Context
from kvitto.report.outline import BlockSpec
from kvitto.workspace.definition import Work


class WorkSpec(BlockSpec):
    """``which`` is done (in the period), plan (after it) or milestones (all)."""

    which: Literal["done", "plan", "milestones"]


def _build(spec: WorkSpec, context: Context) -> Sequence[Block]:
    chosen = {"done": _done, "plan": _plan, "milestones": _milestones}[spec.which](context)
    return (
        WorkBlock(
            id=spec.id,
            title=context.title(spec.title),
            which=spec.which,
            items=tuple(_item(spec, context, work) for work in chosen),
            empty=context.words(f"work.none_{spec.which}"),
        ),
    )


def _done(context: Context) -> list[Work]:
    """Finished in the period, then what is unfinished but took hours."""
    done = [work for work in context.client.done if work.done and work.done in context.period]
    begun = [
        work
        for work in context.client.done
        if work.done is None and work.status in ("doing", "blocked")
    ]
    return [*sorted(done, key=lambda work: (work.done, work.title)), *begun]


def _plan(context: Context) -> list[Work]:
    """All that is not done yet, the dated ones by date."""
    open_ = [work for work in context.client.plan if work.status not in ("done", "cancelled")]
    dated = [work for work in open_ if work.due is not None]
    undated = [work for work in open_ if work.due is None]
    return [*sorted(dated, key=lambda work: (work.due, work.title)), *undated]


def _milestones(context: Context) -> list[Work]:
    return [work for work in context.client.milestones if work.status != "cancelled"]


def _item(spec: WorkSpec, context: Context, work: Work) -> WorkItem:
    formatter = context.formatter
    return WorkItem(
        title=work.title,
        kind=work.kind,
        who=work.who,
        due=formatter.short_day(work.due) if work.due else "",
        done=formatter.short_day(work.done) if work.done else "",
        link=work.link,
        hours=_hours(context, work),
        status=_standing(context, work) if spec.which == "milestones" else _status(context, work),
        note=work.note,
    )


def _hours(context: Context, work: Work) -> str:
    if work.hours is None:
        return ""
    number = context.formatter.decimal(work.hours, 1)
    return context.words("work.hours", n=1 if work.hours == 1 else 2, number=number)


def _status(context: Context, work: Work) -> str:
    return "" if work.status in ("todo", "done") else context.words(f"work.status.{work.status}")


def _standing(context: Context, work: Work) -> str:
    """Ahead of or behind its date, as far as it can be known on the report's last day."""
    last = min(context.period.last, context.today)
    if work.done is not None and work.done <= last:
        if work.due is None or work.done == work.due:
            return context.words("work.on_time" if work.due else "work.status.done")
        days = abs((work.done - work.due).days)
        key = "work.early" if work.done < work.due else "work.late"
        return context.words(key, n=days, days=days)
    if work.due is not None and work.due <= last:
        days = (last - work.due).days
        return (
            context.words("work.overdue", n=days, days=days)
            if days
            else context.words("work.due_now")
        )
    return context.words("work.under_way" if work.status == "doing" else "work.to_come")


KIND = BlockKind(WorkSpec, nothing_needed, _build)
