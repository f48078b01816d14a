"""Next steps: who does what by when, on our side and on the client's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from kvitto.model.block import ActionsBlock, ActionShown, Block
from kvitto.report.block import BlockKind, nothing_needed
from kvitto.report.context import Context
from kvitto.report.outline import BlockSpec
from kvitto.workspace.definition import ActionDefinition


class ActionsSpec(BlockSpec):
    """Has no settings of its own."""


def _build(spec: ActionsSpec, context: Context) -> Sequence[Block]:
    open_ = [action for action in context.client.actions if action.status == "open"]
    order = sorted(open_, key=lambda item: (item.side, item.who, item.due or date.max))
    return (
        ActionsBlock(
            id=spec.id,
            title=context.title(spec.title),
            items=tuple(_action(context, action) for action in order),
            us_label=context.agency,
            client_label=context.client.name,
            empty=context.words("actions.none"),
        ),
    )


def _action(context: Context, action: ActionDefinition) -> ActionShown:
    late = action.due is not None and action.due < context.today
    return ActionShown(
        title=action.title,
        who=action.who,
        side=action.side,
        due=context.formatter.short_day(action.due) if action.due else "",
        need=action.need,
        status=context.words("actions.overdue") if late and _running(context) else "",
    )


def _running(context: Context) -> bool:
    """Whether the report is made while its next period runs; an old one blames nobody."""
    return context.today < context.next_period.end


KIND = BlockKind(ActionsSpec, nothing_needed, _build)
