"""Tables and columns in words, for reasons and receipts."""

from __future__ import annotations

_TABLES: dict[str, str] = {
    "deal_snapshots": "deals",
    "deal_stage_history": "stays in a stage",
    "time_logs": "entries of hours",
    "content_items": "pieces of content",
    "action_items": "actions",
}

_ENDINGS = (("_base", ""), ("_on", " date"), ("_at", " time"), ("_id", ""))


def rows_of(table: str) -> str:
    """What the rows of a table are called: "deals", "stays in a stage"."""
    return _TABLES.get(table, table.replace("_", " "))


def measure_in_words(measure: str | None) -> str:
    """What is measured, with its article: "an amount", "a qualified date", "a usable value"."""
    text = measure or ""
    if not text.replace("_", "").replace(".", "").isalnum():
        return "a usable value"
    text = text.rsplit(".", 1)[-1]
    for ending, words in _ENDINGS:
        if text.endswith(ending):
            text = text.removesuffix(ending) + words
            break
    text = text.replace("_", " ")
    return f"{'an' if text[:1] in 'aeiou' else 'a'} {text}"
