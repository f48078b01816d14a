"""What labels occur with: the same campaign, owner, account or detail as another label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kvitto.audit.label.occurrence import Queried
from kvitto.model.table import canonical_tables
from kvitto.warehouse.quoting import named, quoted
from kvitto.workspace.concept import Place, places_of

_WITH = (
    "source_detail",
    "campaign_id",
    "campaign",
    "medium",
    "landing_page",
    "account_id",
    "owner_id",
    "product",
)
"""Columns whose equal values tie two labels together, the most telling first."""

_COMMON = 50
"""A value with more labels than this tells nothing about any of them."""

_LEAST = 3
_MOST_PAIRS = 20_000


def together(
    reader: Queried, client: str, concept: str
) -> Mapping[tuple[str, str], tuple[float, str]]:
    """Pairs of labels: the share of the first one's rows that have a value in common with the
    second, and with few others; and which column that is. Rare labels are left out."""
    found: dict[tuple[str, str], tuple[float, str]] = {}
    for place in places_of(concept):
        if place.definition.type == "id" or place.definition.values:
            continue
        for column in _columns(place):
            for one, other, share in _pairs(reader, client, place, column):
                pair = (str(one), str(other))
                if share > found.get(pair, (0.0, ""))[0]:
                    found[pair] = (float(share), column.removesuffix("_id").replace("_", " "))
    return found


def _columns(place: Place) -> Sequence[str]:
    table = canonical_tables()[place.table]
    return [name for name in _WITH if name != place.column and table.has(name)]


def _pairs(reader: Queried, client: str, place: Place, column: str) -> list[tuple[str, str, float]]:
    """Shares are weighted by how few labels share the value, so that a value that all have
    counts nothing."""
    label, value = named(place.column), named(column)
    sql = f"""
    WITH held AS (
        SELECT {label} AS label, {value} AS value, count(*) AS n FROM {named(place.table)}
        WHERE client_id = {quoted(client)} AND {label} IS NOT NULL AND {value} IS NOT NULL
        GROUP BY 1, 2),
    counted AS (SELECT *, count(*) OVER (PARTITION BY value) AS labels,
        sum(n) OVER (PARTITION BY label) AS whole FROM held),
    known AS (SELECT count(DISTINCT label) AS all_labels FROM held),
    telling AS (SELECT c.*, ln(k.all_labels / c.labels) / ln(k.all_labels) AS weight
        FROM counted AS c, known AS k WHERE c.labels BETWEEN 2 AND {_COMMON}
        AND c.whole >= {_LEAST} AND k.all_labels > 2)
    SELECT a.label, b.label, sum(a.n * a.weight) / any_value(a.whole) AS share
    FROM telling AS a JOIN telling AS b ON a.value = b.value AND a.label <> b.label
    GROUP BY 1, 2 HAVING share >= 0.2 ORDER BY share DESC, 1, 2 LIMIT {_MOST_PAIRS}"""
    return [(one, other, share) for one, other, share in reader.query(sql)]
