"""Texts of an edition: written by people, bound to values, checked after every change."""

from __future__ import annotations

from datetime import datetime

from kvitto.errors import UnknownName, WrongUse, did_you_mean
from kvitto.model.block import Block, DefinitionsBlock, ShownFigure, TextBlock, TilesBlock
from kvitto.model.edition import Edition, Vouch
from kvitto.report.display import block_figures
from kvitto.report.narrative import Fact, Vocabulary
from kvitto.report.narrative.check import checker_of
from kvitto.report.narrative.fact import Known

LONGEST = 20_000
"""Signs in one slot of text."""


def edit_text(edition: Edition, text_id: str, source: str, author: str) -> Edition:
    """The edition with another text in a slot, checked anew.

    ``source`` may bind values as ``{{metric}}``. An approval lapses. Raises
    :class:`UnknownName` where there is no such slot, :class:`WrongUse` where it
    may not be edited or nobody is named as its author.
    """
    text = find_text(edition, text_id)
    if not text.editable:
        raise WrongUse.of(f"edit the text '{text_id}'", "it is fixed", "Edit another one.")
    if not author.strip():
        raise WrongUse.of(f"edit the text '{text_id}'", "nobody is named", "Say who writes it.")
    if len(source) > LONGEST:
        raise WrongUse.of(
            f"edit the text '{text_id}'",
            f"it is {len(source):,} signs long",
            f"Keep it under {LONGEST:,}.",
        )
    if source == text.source:
        return edition
    typed = text.model_copy(
        update={"source": source.strip(), "origin": "typed", "author": author.strip()}
    )
    changed = recheck(_with_text(edition, typed))
    finished = _finished(find_text(changed, text_id))
    kept = tuple(
        item for item in edition.vouches if item.text_id != text_id or item.phrase in finished
    )
    return changed.model_copy(update={"vouches": kept})


def vouch(
    edition: Edition, text_id: str, phrase: str, by: str, at: datetime, reason: str = ""
) -> Edition:
    """The edition with a person standing for words that do not resolve.

    Raises :class:`WrongUse` where nobody is named or the text does not hold
    the phrase.
    """
    text = find_text(edition, text_id)
    asked = f"vouch for '{phrase}'"
    if not by.strip():
        raise WrongUse.of(asked, "nobody is named", "Say who stands for it.")
    if not phrase.strip() or phrase not in _finished(text):
        raise WrongUse.of(
            asked, f"the text '{text_id}' does not hold these words", "Quote them as they stand."
        )
    others = tuple(
        item for item in edition.vouches if (item.text_id, item.phrase) != (text_id, phrase)
    )
    stands = Vouch(
        text_id=text_id, phrase=phrase, by=by.strip(), at=at.isoformat(), reason=reason.strip()
    )
    return recheck(edition.model_copy(update={"vouches": (*others, stands)}))


def recheck(edition: Edition) -> Edition:
    """The edition with every text bound and checked against what it shows."""
    checker = checker_of(
        edition.language, known_of(edition), edition.statements, vocabulary_of(edition)
    )
    checked = edition
    for text in edition.texts():
        vouches = [item for item in edition.vouches if item.text_id == text.id]
        sentences = checker.check(text.source, vouches)
        checked = _with_text(checked, text.model_copy(update={"sentences": sentences}))
    return checked


def find_text(edition: Edition, text_id: str) -> TextBlock:
    """The slot of that id. Raises :class:`UnknownName` with the nearest one."""
    known = {text.id: text for text in edition.texts()}
    if text_id not in known:
        raise UnknownName.of(
            f"the text '{text_id}'", "the edition has none", did_you_mean(text_id, list(known))
        )
    return known[text_id]


def known_of(edition: Edition) -> list[Known]:
    """All that is shown, as facts: computed figures keep saying what they are."""
    known: list[Known] = []
    for block in edition.blocks():
        if isinstance(block, TilesBlock):
            known.append(block)
        else:
            known += [_fact(figure) if figure.role else figure for figure in block_figures(block)]
    return known


def _fact(figure: ShownFigure) -> Known:
    if figure.number is None:
        return figure
    share = figure.unit == "share" and figure.role != "rows"
    return Fact(
        figure.metric,
        figure.number,
        "points" if share else figure.unit,
        figure.role,
        figure.currency,
        figure.noun,
        figure.subject,
        "" if figure.role != "rows" else figure.period,
        receipt=figure.derived[0] if figure.derived else None,
        label=figure.label,
        display=figure.display,
    )


def vocabulary_of(edition: Edition) -> Vocabulary:
    """The names that the texts of this edition may use."""
    from kvitto.model.locale import Formatter
    from kvitto.report.narrative.name import period_words

    metrics: dict[str, tuple[str, ...]] = {}
    for block in edition.blocks():
        for item in block.items if isinstance(block, DefinitionsBlock) else ():
            metrics[item.metric] = (item.name,)
        for tile in block.tiles if isinstance(block, TilesBlock) else ():
            metrics.setdefault(tile.figure.metric, (tile.figure.label,))
    against = {
        item.comparison: period_words(item.against, Formatter.of(edition.language))
        for item in edition.statements
        if item.comparison and item.against
    }
    return Vocabulary(metrics=metrics, names=edition.names, against=against, period=edition.period)


def _finished(text: TextBlock) -> str:
    return " ".join([text.source, *(sentence.text for sentence in text.sentences)])


def _with_text(edition: Edition, text: TextBlock) -> Edition:
    def placed(block: Block) -> Block:
        return text if isinstance(block, TextBlock) and block.id == text.id else block

    sections = tuple(
        section.model_copy(update={"blocks": tuple(placed(block) for block in section.blocks)})
        for section in edition.sections
    )
    return edition.model_copy(update={"sections": sections})
