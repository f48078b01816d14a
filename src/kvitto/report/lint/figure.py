"""Figures: each has its receipt, its words where it is missing, its arrow only where earned."""

from __future__ import annotations

from collections.abc import Iterator

from kvitto.model.block import TilesBlock
from kvitto.model.edition import Edition
from kvitto.model.statement import Statement
from kvitto.report.display import earlier_codes, figures_of, targets_of
from kvitto.report.lint.problem import LintProblem


def check_receipts(edition: Edition) -> Iterator[LintProblem]:
    """Every figure leads to a receipt that the edition holds, or to those of its parts."""
    goals = {id(figure) for figure in targets_of(edition)}
    held = earlier_codes(edition) | set(edition.receipts)
    for figure in figures_of(edition):
        codes = (figure.receipt,) if figure.receipt else figure.derived
        absent = [code for code in codes if code not in held]
        if absent:
            found = f"its receipt {absent[0]} is not in the edition"
        elif not codes and figure.number is not None and id(figure) not in goals:
            found = "it has no receipt"
        else:
            continue
        yield LintProblem(
            "receipt", f"{figure.label} {figure.display}", found, "Draft the report again."
        )


def check_missing(edition: Edition) -> Iterator[LintProblem]:
    """A missing figure is said in words, never as zero and never as nothing."""
    for figure in figures_of(edition):
        wrong = figure.missing is not None and (
            figure.number is not None or not any(sign.isalpha() for sign in figure.display)
        )
        if wrong or not figure.display.strip():
            yield LintProblem(
                "missing",
                figure.label,
                f"it is missing ({figure.missing or 'no text'}) and shown as '{figure.display}'",
                "Say in words why there is no figure.",
            )


def check_fresh(edition: Edition) -> Iterator[LintProblem]:
    """Data that ends before the period does is never sent as if it were fresh."""
    if edition.data_as_of >= edition.last_day:
        return
    nothing = edition.data_as_of < edition.first_day
    yield LintProblem(
        "fresh",
        "the data",
        f"it ends on {edition.data_as_of}, the period on {edition.last_day}",
        "Sync the source, or wait until it has the period."
        if nothing
        else "Sync the source, or leave the remark on it in the report.",
        blocks=nothing,
    )


def check_arrows(edition: Edition) -> Iterator[LintProblem]:
    """An arrow needs a statement that is significant and material, in its direction."""
    held = {(item.subject, item.comparison): item for item in _changes(edition)}
    for block in edition.blocks():
        for tile in block.tiles if isinstance(block, TilesBlock) else ():
            for change in tile.changes:
                statement = held.get((tile.figure.metric, change.against))
                earned = statement is not None and statement.arrow == change.arrow
                if change.arrow is not None and not earned:
                    yield LintProblem(
                        "arrow",
                        f"{tile.figure.label}: {change.display}",
                        "the arrow is not backed by a significant and material change",
                        "Remove the arrow, or draft the report again.",
                    )


def _changes(edition: Edition) -> Iterator[Statement]:
    for statement in edition.statements:
        if statement.kind == "change" and statement.dimension is None:
            yield statement
