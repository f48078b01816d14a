"""Columns that know a few words only: the source's labels become those words.

The labels are few, so they are collected first and looked up once each; the
rows then take a CASE instead of work on their text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kvitto.conform.context import Context
from kvitto.conform.expression import Read, translated
from kvitto.conform.label import meaning, vocabulary
from kvitto.conform.relabel import keep_words, rules_at
from kvitto.model.table import CanonicalTable

_MOST = 500
"""Labels of one column; more are no vocabulary, and stay as they are."""


def canonical_words(
    context: Context, table: CanonicalTable, reads: Mapping[str, Read], source: str, key: str
) -> dict[str, Read]:
    """The reads of columns with a vocabulary, their known labels translated.

    A label that is not known stays as it is, for the audit to find. Columns for
    which there are rules were looked up by these. ``key`` is the SQL of a row's
    key: only rows with one are counted.
    """
    names = [
        name
        for name in reads
        if table.column(name).values
        and f"{table.name}.{name}" in vocabulary()
        and not rules_at(context, table, name)
    ]
    if not names:
        return {}
    kept = f"FILTER (WHERE ({key}) IS NOT NULL AND ({key}) <> '')"
    lists = ", ".join(f"histogram({reads[name].raw}) {kept}" for name in names)
    (row,) = context.connection.execute(f"SELECT {lists} FROM {source}").fetchall()
    found = {}
    for name, labels in zip(names, row, strict=True):
        words = _known(f"{table.name}.{name}", labels or {})
        found[name] = replace(reads[name], sql=translated(reads[name].raw, words))
        counted = {raw: (words.get(raw, raw), rows) for raw, rows in (labels or {}).items()}
        if len(counted) <= _MOST:
            keep_words(context, table.name, name, counted)
    return found


def _known(field: str, labels: Mapping[str, int]) -> dict[str, str]:
    if len(labels) > _MOST:
        return {}
    meant = {label: meaning(field, label) for label in labels}
    return {
        label: word for label, word in sorted(meant.items()) if word is not None and word != label
    }
