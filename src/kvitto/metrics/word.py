"""The words that clients define, as metrics: the product's and a workspace's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

from kvitto.errors import Problem
from kvitto.metrics.meaning import rate_metric, value_metric, word_metric
from kvitto.model.metric import Metric
from kvitto.workspace.meaning import MeaningFile
from kvitto.workspace.shipped import read_shipped


def word_metrics(
    meanings: Mapping[str, MeaningFile], extra: Sequence[Metric] = ()
) -> tuple[Metric, ...]:
    """The metrics of all words: the product's, and those of the workspace's files.

    A word of the product gives way to a metric of the workspace's with its id,
    as long as no file says what the word means.
    """
    written = {meaning.word for meaning in meanings.values()}
    taken = {metric.id for metric in extra} - written
    gone = {metric.id for metric in shipped_words() if metric.id in taken}
    known = {
        metric.id: metric
        for metric in shipped_words()
        if metric.id not in gone and not gone & _needs(metric)
    }
    for meaning in meanings.values():
        for metric in _of_file(meaning):
            if metric.id in known:
                names = {**known[metric.id].names, **_names(meaning, metric)}
                known[metric.id] = known[metric.id].model_copy(update={"names": names})
            else:
                known[metric.id] = metric
    return tuple(known.values())


def word_problems(
    meanings: Mapping[str, MeaningFile], builtin: Sequence[Metric]
) -> tuple[Problem, ...]:
    """Words whose metrics would have the id of another one of the product's."""
    taken = {metric.id for metric in builtin}
    todo = "Choose another word; a definition that is shared by all stays as it is."
    return tuple(
        Problem(f"the word '{meaning.word}'", f"the metric '{id_}' is there already", todo, file)
        for name, meaning in meanings.items()
        for file in (f"meanings/{name}.yml",)
        for id_ in dict.fromkeys(metric.id for metric in _of_file(meaning))
        if id_ in taken
    )


@lru_cache(maxsize=1)
def shipped_words() -> tuple[Metric, ...]:
    """The product's words, and the figures that are made of them."""
    text = (files("kvitto.metrics") / "catalogue" / "words" / "words.yml").read_text("utf-8")
    return tuple(Metric.model_validate(entry) for entry in read_shipped(text)["metrics"])


def _of_file(meaning: MeaningFile) -> Iterator[Metric]:
    yield word_metric(meaning)
    listed = [one for version in meaning.definitions for one in version.counts]
    if not meaning.is_money and any(one.value is not None for one in listed):
        yield value_metric(meaning)
    if any(version.of for version in meaning.definitions):
        yield rate_metric(meaning)


def _names(meaning: MeaningFile, metric: Metric) -> dict[str, str]:
    return dict(meaning.names) if metric.id == meaning.word else {}


def _needs(metric: Metric) -> set[str]:
    from kvitto.metrics.formula import read_formula

    return {term.metric for term in read_formula(metric.formula).terms} if metric.formula else set()
