"""What every form says of an edition in the same way: the facts under its title, its marks."""

from __future__ import annotations

from datetime import UTC, datetime

from kvitto.model.block import ChartBlock, TableBlock
from kvitto.model.edition import Edition
from kvitto.render.material import Material
from kvitto.render.theme.font import clean


def facts_of(material: Material) -> tuple[tuple[str, str], ...]:
    """What stands under the title: for whom, by whom, when, how fresh."""
    e, labels = material.edition, material.edition.labels
    by = ", ".join(part for part in (e.manager, e.agency) if part)
    facts = [
        (labels.prepared_for, e.client_name),
        (labels.prepared_by, by),
        (labels.period, e.period_text),
        (labels.data_as_of, e.data_as_of_text),
        (material.words.corrects, e.corrects or ""),
    ]
    return tuple((name, text) for name, text in facts if text)


def safe_link(address: str) -> str | None:
    """The address if it is one that a reader may follow: http, https or mailto."""
    stripped = clean(address).strip()
    return stripped if stripped.lower().startswith(("https://", "http://", "mailto:")) else None


def has_provisional(block: TableBlock) -> bool:
    """Whether a cell of the table is provisional, so that the asterisk is explained."""
    rows = [*block.rows, *([block.total] if block.total else [])]
    return any(c.figure and c.figure.status == "provisional" for row in rows for c in row)


def is_dashed(block: ChartBlock) -> bool:
    """Whether a figure of the chart is provisional, so that dashes are explained."""
    return any(value.status == "provisional" for s in block.series for value in s.values)


def first_words(block: ChartBlock) -> str:
    """What an empty chart says instead of a picture."""
    return next((v.display for s in block.series for v in s.values if v.display), "")


def moment_of(edition: Edition) -> int:
    """The document's time in seconds: when its data were read, never the clock."""
    for text in (edition.data_as_of, edition.last_day):
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            continue
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return int(aware.timestamp())
    return 0
