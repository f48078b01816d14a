"""The definitions of all metrics: those of the product and a workspace's own.

The product's are the YAML files in ``catalogue/``; a workspace adds its own.
What is wrong with those is said all together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

from kvitto.errors import BadDefinition, Problem, UnknownName, did_you_mean
from kvitto.metrics.reach import complete_all
from kvitto.model.metric import Metric
from kvitto.model.receipt import digest_of
from kvitto.workspace.shipped import read_shipped


class Catalogue:
    """All metrics by id, in the order of the files; a workspace's own come last."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = {metric.id: metric for metric in metrics}
        self._formulas: dict[str, str] = {}
        self._digests: dict[str, str] = {}

    def get(self, id: str, /) -> Metric:  # noqa: A002 - positional only
        """The metric of that id. Raises :class:`UnknownName` with the nearest one."""
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

    def digest(self, metric: Metric) -> str:
        """A digest of what the figure is computed from; the words are not part of it."""
        if metric.id not in self._digests:
            plain = metric.model_dump(mode="json", exclude={"names", "explains", "disputes"})
            self._digests[metric.id] = digest_of(plain)
        return self._digests[metric.id]

    def formula(self, metric: Metric) -> str:
        """The metric's formula with the formulas of its terms written out.

        Raises :class:`BadDefinition` where formulas lead round in a circle.
        """
        if metric.id not in self._formulas:
            from kvitto.metrics.unfold import unfold

            self._formulas[metric.id] = unfold(metric, self._metrics)
        return self._formulas[metric.id]


def load_catalogue(extra: Sequence[Metric] = ()) -> Catalogue:
    """The product's metrics and ``extra``, checked.

    Raises :class:`BadDefinition` with every problem of the extra ones.
    """
    if not extra:
        return builtin_catalogue()
    problems = check_metrics(extra)
    if problems:
        raise BadDefinition(*problems)
    return Catalogue((*builtin_catalogue(), *complete_all((*builtin_metrics(), *extra), extra)))


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
