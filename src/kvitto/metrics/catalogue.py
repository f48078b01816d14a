"""The definitions of all metrics: those of the product and a workspace's own.

The product's are the YAML files in ``catalogue/``; a workspace adds its own.
What is wrong with those is said all together. The words that each client
defines for itself (``conversion``) are metrics too; see :mod:`kvitto.metrics.sense`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from kvitto.errors import BadDefinition, Problem, UnknownName, did_you_mean
from kvitto.metrics.reach import complete_all
from kvitto.metrics.side import of_source, split_side
from kvitto.model.metric import Metric
from kvitto.model.period import Period
from kvitto.model.receipt import digest_of
from kvitto.workspace.meaning import MeaningFile
from kvitto.workspace.shipped import read_shipped


class Catalogue:
    """All metrics by id, in the order of the files; a workspace's own come last."""

    def __init__(self, metrics: Sequence[Metric], words: tuple[str, ...] = ()) -> None:
        self._metrics = {metric.id: metric for metric in metrics}
        self.words = words
        self._formulas: dict[tuple[str, str | None], str] = {}
        self._digests: dict[tuple[object, ...], str] = {}

    def get(self, id: str, /) -> Metric:  # noqa: A002 - positional only
        """The metric of that id, ``metric@source`` as one source alone tells it.

        Raises :class:`UnknownName` with the nearest one.
        """
        name, side = split_side(id)
        if side and name in self._metrics:
            return of_source(self._metrics[name], side)
        if id not in self._metrics:
            raise UnknownName.of(
                f"the metric '{id}'", "there is none", did_you_mean(id, list(self._metrics))
            )
        return self._metrics[id]

    def ids(self) -> tuple[str, ...]:
        """All ids in order."""
        return tuple(self._metrics)

    def __iter__(self) -> Iterator[Metric]:
        return iter(self._metrics.values())

    def __len__(self) -> int:
        return len(self._metrics)

    def __contains__(self, name: object) -> bool:
        return name in self._metrics

    def at(self, metric: Metric, period: Period) -> Metric:
        """The metric as it is defined in the period; here all are the same at all times."""
        return metric

    def forms(self, metric: Metric) -> tuple[Metric, ...]:
        """The metric in every form that it has at any time."""
        return (metric,)

    def change(self, metric: Metric, one: Period, other: Period) -> str:
        """How its definition differs between, or within, two periods; empty where it does not."""
        return ""

    def digest(self, metric: Metric) -> str:
        """A digest of what the figure is computed from; the words are not part of it."""
        key = (metric.id, metric.version, *(part for _, part in metric.parts), metric.formula)
        if key not in self._digests:
            plain = _plain(metric)
            inner = [_plain(part) for part in self._inner(metric)]
            self._digests[key] = digest_of({**plain, "inner": inner} if inner else plain)
        return self._digests[key]

    def formula(self, metric: Metric) -> str:
        """The metric's formula with the formulas of its terms written out.

        Raises :class:`BadDefinition` where formulas lead round in a circle.
        """
        key = (metric.id, metric.formula)
        if key not in self._formulas:
            from kvitto.metrics.unfold import unfold

            self._formulas[key] = unfold(metric, self._metrics)
        return self._formulas[key]

    def _inner(self, metric: Metric) -> tuple[Metric, ...]:
        """Metrics of the formula that are known by their content, not by their id."""
        return ()


def _plain(metric: Metric) -> dict[str, object]:
    plain = metric.model_dump(mode="json", exclude={"names", "explains", "disputes"})
    for name in ("fewest", "final_only"):  # What is not used is no part of what was defined.
        if not plain[name]:
            del plain[name]
    return plain


def load_catalogue(
    extra: Sequence[Metric] = (), meanings: Mapping[str, MeaningFile] | None = None
) -> Catalogue:
    """The product's metrics and ``extra``, checked; with ``meanings`` also the words of those.

    Raises :class:`BadDefinition` with every problem of the extra ones.
    """
    if not extra and meanings is None:
        return builtin_catalogue()
    from kvitto.metrics.check import check
    from kvitto.metrics.word import word_metrics, word_problems

    words = word_metrics(meanings, extra) if meanings is not None else ()
    builtin = (*builtin_metrics(), *words)
    problems = (*word_problems(meanings or {}, builtin_metrics()), *check(extra, builtin))
    if problems:
        raise BadDefinition(*problems)
    known = (*builtin, *extra)
    metrics = (*builtin_catalogue(), *complete_all(known, (*words, *extra)))
    return Catalogue(metrics, tuple(word.id for word in words if is_word(word)))


def is_word(metric: Metric) -> bool:
    """Whether the metric is one that clients define, not a figure made of such."""
    return not metric.parts and metric.formula is None and not metric.id.endswith("_value")


def check_metrics(extra: Sequence[Metric]) -> tuple[Problem, ...]:
    """What is wrong with metrics that a workspace adds, all together."""
    from kvitto.metrics.check import check

    return check(extra, builtin_metrics())


@lru_cache(maxsize=1)
def builtin_catalogue() -> Catalogue:
    """The product's metrics alone."""
    return Catalogue(complete_all(builtin_metrics(), builtin_metrics()))


@lru_cache(maxsize=1)
def builtin_metrics() -> tuple[Metric, ...]:
    """The product's metrics as they are written, without the dimensions filled in."""
    folder = files("kvitto.metrics") / "catalogue"
    found: list[Metric] = []
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yml"):
            written = read_shipped(file.read_text(encoding="utf-8"))
            found += [Metric.model_validate(entry) for entry in written["metrics"]]
    return tuple(found)
