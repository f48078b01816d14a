"""How well planted spellings are found: precision and recall of the queue and of its advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kvitto.audit.label.queue import Waiting


@dataclass(frozen=True, slots=True)
class LabelScore:
    """``variants`` planted, ``found`` of them in the queue, ``asked`` in the queue in all,
    ``right`` of the first suggestions that name the thing that was meant."""

    variants: int
    found: int
    asked: int
    right: int

    @property
    def recall(self) -> float:
        """The share of the planted variants that wait in the queue."""
        return self.found / self.variants if self.variants else 1.0

    @property
    def precision(self) -> float:
        """The share of the queue that is a planted variant."""
        return self.found / self.asked if self.asked else 1.0

    @property
    def top_one(self) -> float:
        """The share of the planted variants whose first suggestion is right."""
        return self.right / self.variants if self.variants else 1.0


def score_labels(
    waiting: Sequence[Waiting], groups: Mapping[str, Sequence[Sequence[str]]], client: str
) -> LabelScore:
    """The queue of a client against the truth: concept -> groups of spellings of one thing.

    In each group one spelling stands; it is the first suggestion that counts,
    and it must be of the same group.
    """
    variants = found = right = 0
    asked = [one for one in waiting if one.client == client and one.concept in groups]
    by_label = {(one.concept, one.label): one for one in asked}
    for concept, listed in groups.items():
        for group in listed:
            held = [by_label[(concept, label)] for label in group if (concept, label) in by_label]
            variants += len(group) - 1
            found += min(len(held), len(group) - 1)
            right += sum(
                bool(one.suggestions) and one.suggestions[0].canonical in group for one in held
            )
    return LabelScore(variants, found, len(asked), min(right, variants))
