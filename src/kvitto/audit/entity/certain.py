"""Pairs that need no likelihood: the same address and name, or merged by the source itself.

Of many equal records each is paired with the first alone, so that a million
copies make a million pairs and not their square.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kvitto.audit.entity.comparison import Model

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SAYS = {
    "accounts": "same domain and same company name",
    "contacts": "same e-mail and same name",
}
MERGED_BY_SOURCE = "the source says that it merged them"


def find_certain(work: DuckDBPyConnection, model: Model) -> None:
    """``certain`` (l, r, says) from ``record``; its pairs are in ``pair`` too."""
    keyed = f"SELECT client, unique_id, {model.certain} AS key FROM record WHERE NOT gone"
    star = (
        "SELECT min(unique_id) OVER (PARTITION BY client, key) AS l, unique_id AS r"
        f" FROM ({keyed}) WHERE key IS NOT NULL"
    )
    nameless = ""
    if model.table == "contacts":
        nameless = (
            " UNION ALL SELECT least(h.l, n.unique_id), greatest(h.l, n.unique_id),"
            " 'same e-mail, and one has no name'"
            " FROM record AS n JOIN (SELECT client, email, min(unique_id) AS l,"
            " bool_and(family IS NULL) AS bare FROM record WHERE email IS NOT NULL AND NOT gone"
            " GROUP BY ALL HAVING count(DISTINCT family) <= 1 AND count(*) > 1) AS h"
            " ON h.client = n.client AND h.email = n.email"
            " WHERE NOT n.gone AND n.family IS NULL AND n.unique_id <> h.l"
        )
    work.execute(
        "CREATE TABLE certain AS SELECT l, r, min(says) AS says FROM ("
        f"SELECT l, r, '{SAYS[model.table]}' AS says FROM ({star}) WHERE l <> r{nameless}"
        " UNION ALL SELECT least(o.unique_id, k.unique_id), greatest(o.unique_id, k.unique_id),"
        f" '{MERGED_BY_SOURCE}' FROM record AS o JOIN record AS k ON k.client = o.client"
        " AND k.record_id = o.merged_into AND k.unique_id <> o.unique_id AND NOT k.gone"
        ") GROUP BY l, r"
    )
    work.execute(
        "INSERT INTO pair SELECT 'certain', l, r FROM certain AS c ANTI JOIN pair AS p"
        " ON p.join_key_l = c.l AND p.join_key_r = c.r"
    )
