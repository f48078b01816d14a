"""Names that people write to keys that rows carry, and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kvitto.errors import UnknownName, WrongUse, did_you_mean
from kvitto.metrics.compiler import Member
from kvitto.metrics.dimension import Place, known_dimensions, place
from kvitto.metrics.fact import Facts
from kvitto.metrics.relation import follow
from kvitto.model.metric import Metric
from kvitto.model.period import Grain
from kvitto.model.question import Filter, Question


@dataclass(frozen=True, slots=True)
class Split:
    """How a question is split: by dimensions of the rows, and by at most one of time."""

    dimensions: tuple[str, ...]
    grain: Grain | None


def split_of(question: Question, metrics: Sequence[Metric]) -> Split:
    """The question's split. Raises :class:`WrongUse` for what does not apply."""
    known = known_dimensions()
    for name in (*question.by, *(part.dimension for part in question.where)):
        if name not in known:
            raise UnknownName.of(
                f"the dimension '{name}'", "there is none", did_you_mean(name, list(known))
            )
    grains = [known[name].grain for name in question.by if known[name].grain is not None]
    if len(grains) > 1:
        raise WrongUse.of(
            f"split by {', '.join(question.by)}",
            "two of these are of time",
            "Name one of day, week, month, quarter and year.",
        )
    if len(set(question.by)) != len(question.by):
        raise WrongUse.of(
            f"split by {', '.join(question.by)}", "one is named twice", "Name each once."
        )
    for name in dict.fromkeys((*question.by, *(part.dimension for part in question.where))):
        _require_reached(name, metrics, filtering=name not in question.by)
    plain = tuple(name for name in question.by if known[name].grain is None)
    return Split(plain, grains[0] if grains else None)


def _require_reached(name: str, metrics: Sequence[Metric], *, filtering: bool) -> None:
    if known_dimensions()[name].grain is not None:
        if filtering:
            raise WrongUse.of(
                f"keep only one {name}",
                "a dimension of time is no filter",
                "Ask for that period instead.",
            )
        return
    for metric in metrics:
        if name not in metric.dimensions:
            times = [item.id for item in known_dimensions().values() if item.grain is not None]
            raise WrongUse.of(
                f"'{metric.id}' by '{name}'",
                f"{metric.id} cannot be told apart by {name}",
                f"It can by: {', '.join((*metric.dimensions, *times))}.",
            )


@dataclass(frozen=True, slots=True)
class Places:
    """Dimensions of a question, resolved for each table that is asked."""

    facts: Facts
    split: Split
    filters: tuple[Filter, ...]

    def by(self, table: str) -> tuple[tuple[str, Place], ...]:
        """Where the table finds the dimensions of the split."""
        return tuple((name, _found(table, name)) for name in self.split.dimensions)

    def where(self, table: str) -> tuple[Member, ...]:
        """The filters as conditions on the table's rows."""
        return tuple(
            Member(
                _found(table, part.dimension),
                self._keys(_found(table, part.dimension), table, part),
                part.negated,
            )
            for part in self.filters
        )

    def label(self, table: str, dimension: str, key: str | None) -> str | None:
        """What a member is called."""
        found = _found(table, dimension)
        if key is None or found.named_by is None:
            return key
        return self.facts.members(found.named_by).get(key, key.rsplit(":", 1)[-1])

    def check(self, tables: Sequence[str]) -> tuple[Filter, ...]:
        """The filters with their values as the data spells them.

        Raises :class:`UnknownName` for a value that none of the tables knows.
        Tables without any value cannot tell, so nothing is refused then.
        """
        return tuple(self._checked(part, tables) for part in self.filters)

    def _checked(self, part: Filter, tables: Sequence[str]) -> Filter:
        known: dict[str, str] = {}
        for table in tables:
            for label in self._labels(_found(table, part.dimension), table).values():
                known.setdefault(label.casefold(), label)
        spelled = []
        for value in part.values:
            if value and known and value.casefold() not in known:
                raise UnknownName.of(
                    f"{part.dimension}={value}",
                    f"no {part.dimension} is called that",
                    did_you_mean(value, sorted(known.values())),
                )
            spelled.append(known.get(value.casefold(), value))
        return Filter(part.dimension, tuple(spelled), part.negated)

    def _labels(self, found: Place, table: str) -> dict[str, str]:
        if found.named_by is not None:
            return dict(self.facts.members(found.named_by))
        holder = follow(table, found.path).target if found.path else table
        return {value: value for value in self.facts.values(holder, found.column)}

    def _keys(self, found: Place, table: str, part: Filter) -> tuple[str | None, ...]:
        labels = self._labels(found, table)
        wanted = {value.casefold() for value in part.values if value}
        keys: list[str | None] = [
            key for key, label in labels.items() if label.casefold() in wanted
        ]
        return (*keys, None) if "" in part.values else tuple(keys)


def _found(table: str, dimension: str) -> Place:
    found = place(table, dimension)
    assert found is not None, f"{table} does not reach {dimension}"
    return found
