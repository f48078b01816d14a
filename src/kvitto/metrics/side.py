"""A metric as one side tells it: ``metric@side``.

The side of a word is one of the kinds of row that its definition names
(``google_lead@crm``); that of any other metric is a source
(``leads_created@acme_crm``), of whose rows alone it is then made.
"""

from __future__ import annotations

from kvitto.errors import WrongUse
from kvitto.model.metric import Metric, Part
from kvitto.warehouse.quoting import quoted

MARK = "@"
"""What stands between a metric and the side that tells it."""


def split_side(id_: str) -> tuple[str, str]:
    """The metric and the side; the side is empty where none is named."""
    metric, _, side = id_.partition(MARK)
    return metric, side


def of_source(metric: Metric, source: str) -> Metric:
    """The metric out of the rows of one source. Raises :class:`WrongUse` for a formula."""
    if not metric.parts:
        raise WrongUse.of(
            f"{metric.id} as {source} tells it",
            "it is computed from other metrics",
            "Ask for one of those that it is made of.",
        )
    parts = {name: _of_source(part, source) for name, part in metric.parts}
    names = {language: f"{name} ({source})" for language, name in metric.names.items()}
    named = {"id": f"{metric.id}{MARK}{source}", "names": names}
    return metric.model_copy(update={**named, **parts})


def only_source(metric: Metric) -> str | None:
    """The source that the metric is told by; ``None`` where it is made of all."""
    side = split_side(metric.id)[1]
    mark = _condition(side)
    told = [part.where or "" for _, part in metric.parts]
    return side if side and told and all(where.endswith(mark) for where in told) else None


def _of_source(part: Part, source: str) -> Part:
    where = f"({part.where}) AND " if part.where else ""
    other = None if part.otherwise is None else _of_source(part.otherwise, source)
    return part.model_copy(update={"where": where + _condition(source), "otherwise": other})


def _condition(source: str) -> str:
    return f"_source = {quoted(source)}"
