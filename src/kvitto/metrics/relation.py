"""How one table reaches another: always many rows to one, never the other way.

A link leads from a column of a table to the key of another. Links are named
after the column (``owner`` for ``owner_id``); a path is a chain of them,
written with dots in a metric's expressions: ``deal.owner.name``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from kvitto.errors import UnknownName, did_you_mean
from kvitto.model.table import canonical_table, canonical_tables

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One step: ``on`` pairs an expression over our row with a column there.

    ``target`` is a canonical table, or a derived one whose ``sql`` gives one
    row per key. ``columns`` are the columns of a derived one and their types.
    """

    name: str
    target: str
    on: tuple[tuple[str, str], ...]
    sql: str | None = None
    columns: tuple[tuple[str, str], ...] = ()

    def column_type(self, column: str) -> str:
        """The type word of a column there. Raises :class:`UnknownName`."""
        if self.sql is None:
            return canonical_table(self.target).column(column).type
        types = dict(self.columns)
        if column not in types:
            raise UnknownName.of(
                f"the column {self.name}.{column}", "there is none", did_you_mean(column, [*types])
            )
        return types[column]


_FIRST_WON = """
SELECT client_id, account_id, MIN(closed_on) AS won_on FROM deals
WHERE outcome = 'won' AND _excluded IS NULL AND NOT COALESCE(is_deleted, FALSE)
  AND merged_into_id IS NULL AND NOT COALESCE(is_test, FALSE)
GROUP BY client_id, account_id
"""

_FIRST_SENT = """
SELECT client_id, COALESCE(proposal_group_id, proposal_id) AS group_id,
  MIN(sent_on) AS sent_on, MIN(decided_on) FILTER (WHERE status = 'accepted') AS accepted_on
FROM proposals
WHERE status <> 'draft' AND _excluded IS NULL
GROUP BY client_id, COALESCE(proposal_group_id, proposal_id)
"""

_USUAL_STAY = """
SELECT client_id, stage_id,
  QUANTILE_CONT(CAST(DATE_DIFF('day', entered_on, left_on) AS DOUBLE), 0.9) AS p90_days
FROM deal_stage_history
WHERE left_on >= entered_on AND _excluded IS NULL
  AND deal_id IN (SELECT deal_id FROM deals WHERE outcome = 'won' AND _excluded IS NULL)
GROUP BY client_id, stage_id
"""

_DERIVED: dict[str, tuple[Link, ...]] = {
    "accounts": (
        Link(
            "first_won",
            "deals",
            (("account_id", "account_id"),),
            _FIRST_WON,
            (("won_on", "date"),),
        ),
    ),
    "proposals": (
        Link(
            "first_sent",
            "proposals",
            (("COALESCE(proposal_group_id, proposal_id)", "group_id"),),
            _FIRST_SENT,
            (("sent_on", "date"), ("accepted_on", "date")),
        ),
    ),
    "deal_stage_history": (
        Link(
            "usual_stay",
            "deal_stage_history",
            (("stage_id", "stage_id"),),
            _USUAL_STAY,
            (("p90_days", "num"),),
        ),
    ),
    "deals": (Link("catalogue_product", "products", (("product", "name"),)),),
    "leads": (Link("catalogue_product", "products", (("product", "name"),)),),
}
"""Links that no reference column states: a rule's own relation, or a name that is a key."""


@lru_cache(maxsize=128)
def links(table: str) -> dict[str, Link]:
    """The links that leave a table, by name."""
    found: dict[str, Link] = {}
    for column in canonical_table(table).declared:
        target = column.references
        if target is None or target == "clients" or not column.name.endswith("_id"):
            continue
        if column.name in canonical_table(table).key and target not in canonical_tables():
            continue
        key = canonical_table(target).key[0]
        name = column.name.removesuffix("_id")
        found[name] = Link(name, target, ((column.name, key),))
    found.update({link.name: link for link in _DERIVED.get(table, ())})
    return found


def follow(table: str, path: Path) -> Link:
    """The last link of a path that starts at ``table``. Raises :class:`UnknownName`."""
    link: Link | None = None
    for step in path:
        if link is not None and link.sql is not None:
            raise UnknownName.of(
                f"the path {'.'.join(path)} from {table}",
                f"'{link.name}' leads no further",
                "End the path there.",
            )
        known = links(link.target if link is not None else table)
        if step not in known:
            raise UnknownName.of(
                f"the path {'.'.join(path)} from {table}",
                f"there is no '{step}'",
                did_you_mean(step, list(known)),
            )
        link = known[step]
    assert link is not None
    return link


def column_type(table: str, path: Path, column: str) -> str:
    """The type word of a column at the end of a path. Raises :class:`UnknownName`."""
    if path:
        return follow(table, path).column_type(column)
    return canonical_table(table).column(column).type
