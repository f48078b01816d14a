"""Pairs -> how likely both are the same, with the weight of each comparison, by splink.

Scores of a client depend on that client's records alone: how rare a value is,
is counted among them; so is how likely any two are the same. Clients with
:data:`TRAIN_ROWS` records teach the model what its levels are worth (expectation
maximisation); the others share one run with the figures of the model.
"""

from __future__ import annotations

import logging
import math
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from kvitto.audit.entity.comparison import Comparison, Level, Model

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TRAIN_ROWS = 20_000
"""Records of a client from which the worth of levels is learnt."""

DUPLICATES = 0.1
"""Records expected to have another of the same company or person, as a share."""

TRAIN_PAIRS = 1_000_000
TRAINED_SHARE = 0.8
"""How much of a learnt ``m`` counts; the rest is the model's own, so that none becomes nothing."""

_FEW = 10_000
"""In fewer records, some that share an address do not make the address a common one."""

_SEED = 7
_PRIOR = 1e-4
"""Probability that splink starts from; each client's own takes its place afterwards."""

Worth = Mapping[tuple[str, str], tuple[float, float]]
"""(comparison, level) -> (m, u)."""


def prior(rows: int) -> float:
    """How likely two records out of so many are the same."""
    return min(0.5, DUPLICATES / max(rows, 2))


def present(work: DuckDBPyConnection, model: Model) -> tuple[Comparison, ...]:
    """The comparisons of which ``record`` has the first column filled anywhere."""
    asked = ", ".join(f"count({one.needs[0]}) > 1" for one in model.comparisons)
    found = work.execute(f"SELECT {asked} FROM record").fetchall()[0]
    return tuple(one for one, fills in zip(model.comparisons, found, strict=True) if fills)


def score_pairs(
    work: DuckDBPyConnection, model: Model, least: float, *, train_rows: int = TRAIN_ROWS
) -> tuple[Comparison, ...]:
    """``scored``: pairs whose probability is ``least`` or more, with gamma_ and mw_ columns.

    Gives the comparisons that were made; none where there is no pair, or nothing to compare.
    """
    if not work.execute("SELECT count(*) FROM pair").fetchall()[0][0]:
        return ()
    comparisons = present(work, model)
    if not comparisons:
        return ()
    _make_compared(work, model, comparisons)
    parts = []
    for number, clients in enumerate(_runs(work, train_rows)):
        trained = len(clients) == 1 and clients[0][1] >= train_rows
        listed = ", ".join(str(client) for client, _ in clients)
        work.execute(f"CREATE OR REPLACE TABLE part AS FROM compared WHERE client IN ({listed})")
        work.execute(
            "CREATE OR REPLACE TABLE part_pair AS SELECT p.* FROM pair AS p"
            " SEMI JOIN part AS c ON c.unique_id = p.join_key_l"
        )
        worth = train(work, model, comparisons) if trained else {}
        lowest = _weight(least) + min(_weight(_PRIOR) - _weight(prior(rows)) for _, rows in clients)
        predict(work, comparisons, worth, lowest, f"predicted{number}")
        parts.append(f"predicted{number}")
    _unite(work, comparisons, parts, least)
    return comparisons


_OF_A_PAIR = re.compile(r"\b([a-z]\w*?)_[lr]\b")
"""A column of one of two records that are compared: ``email_l``."""


def _runs(work: DuckDBPyConnection, train_rows: int) -> list[list[tuple[int, int]]]:
    rows = work.execute(
        "SELECT client, count(*) FROM record GROUP BY 1 HAVING client IN"
        " (SELECT client FROM compared) ORDER BY 1"
    ).fetchall()
    small = [(client, count) for client, count in rows if count < train_rows]
    large = [[(client, count)] for client, count in rows if count >= train_rows]
    return [*([small] if small else []), *large]


def _make_compared(
    work: DuckDBPyConnection, model: Model, comparisons: Sequence[Comparison]
) -> None:
    """``compared``: the records that stand in a pair, with how rare their values are."""
    columns = list(dict.fromkeys(name for one in comparisons for name in _read_by(one)))
    rare = [name for name in model.rarities if name in columns]
    keys = [name for name in model.train_on if name not in columns]
    joined, chosen = "", ""
    for name in rare:
        rarity = model.rarities[name]
        work.execute(
            f"CREATE OR REPLACE TABLE tf_of_{name} AS SELECT client, {name},"
            f" greatest({rarity.least}, (count(*) - {rarity.spare})"
            f" / greatest({_FEW if rarity.spare else 1},"
            f" sum(count(*)) OVER (PARTITION BY client))) AS tf_{name}"
            f" FROM record WHERE {name} IS NOT NULL GROUP BY client, {name}"
        )
        joined += (
            f" LEFT JOIN tf_of_{name} ON tf_of_{name}.client = r.client"
            f" AND tf_of_{name}.{name} = r.{name}"
        )
        chosen += f", tf_{name}"
    listed = ", ".join(f"r.{name}" for name in [*columns, *keys])
    work.execute(
        f"CREATE OR REPLACE TABLE compared AS SELECT r.unique_id, r.client, {listed}{chosen}"
        " FROM (FROM record SEMI JOIN (SELECT join_key_l AS id FROM pair"
        f" UNION ALL SELECT join_key_r FROM pair) AS p ON p.id = record.unique_id) AS r{joined}"
    )
    for name in rare:
        work.execute(f"DROP TABLE tf_of_{name}")


def _read_by(comparison: Comparison) -> list[str]:
    """The columns that a comparison needs, and those that its conditions look at besides."""
    texts = [comparison.missing, *(level.sql for level in comparison.levels)]
    return [*comparison.needs, *(name for text in texts for name in _OF_A_PAIR.findall(text))]


def _linker(work: DuckDBPyConnection, comparisons: Sequence[Comparison], worth: Worth) -> Any:
    from splink import DuckDBAPI, Linker, SettingsCreator
    from splink.blocking_rule_library import CustomRule

    api = DuckDBAPI(connection=work)
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=[described(one, worth) for one in comparisons],
        blocking_rules_to_generate_predictions=[CustomRule("l.client = r.client")],
        probability_two_random_records_match=_PRIOR,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
        additional_columns_to_retain=["client"],
        linker_uid="kvitto",
    )
    linker = Linker(api.register("part"), settings, validate_settings=False)
    for name in _rare(comparisons):
        work.execute(f"CREATE OR REPLACE TABLE no_{name} AS SELECT '' AS {name}, 0.5 AS tf_{name}")
        linker.table_management.register_term_frequency_lookup(api.register(f"no_{name}"), name)
    return linker


def _rare(comparisons: Iterable[Comparison]) -> list[str]:
    return [level.rarity for one in comparisons for level in one.levels if level.rarity]


def described(comparison: Comparison, worth: Worth) -> dict[str, Any]:
    """A comparison as splink reads it."""
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for level in comparison.levels:
        m, u = worth.get((comparison.name, level.says), (level.m, level.u))
        levels.append(
            {
                "sql_condition": level.sql,
                "label_for_charts": level.says,
                "m_probability": m,
                "u_probability": u,
                **({"tf_adjustment_column": level.rarity} if level.rarity else {}),
            }
        )
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def predict(
    work: DuckDBPyConnection,
    comparisons: Sequence[Comparison],
    worth: Worth,
    lowest: float,
    target: str,
) -> None:
    """``target``: what splink says of the pairs in ``part_pair`` that reach the weight."""
    with quiet():
        linker = _linker(work, comparisons, worth)
        pairs = linker._db_api.register("part_pair")  # the API given above
        linker.table_management.register_blocked_pairs_for_predict(pairs)
        found = linker.inference.predict(threshold_match_weight=lowest, warning_mode="never")
    work.execute(f'CREATE OR REPLACE TABLE {target} AS FROM "{found.physical_name}"')
    work.execute(f'DROP TABLE "{found.physical_name}"')


def train(
    work: DuckDBPyConnection, model: Model, comparisons: Sequence[Comparison]
) -> dict[tuple[str, str], tuple[float, float]]:
    """What the levels are worth among the records in ``part``; the model's where it cannot tell."""
    starts = [name for name in model.train_on if _pairs_with(work, name) >= 500][:2]
    if len(starts) < 2:
        return {}
    with quiet():
        linker = _linker(work, comparisons, {})
        linker.training.estimate_u_using_random_sampling(max_pairs=TRAIN_PAIRS, seed=_SEED)
        for name in starts:
            linker.training.estimate_parameters_using_expectation_maximisation(
                f"l.client = r.client AND l.{name} = r.{name}",
                estimate_without_term_frequencies=True,
                max_pairs=TRAIN_PAIRS,
            )
        learnt = linker.misc.save_model_to_json()
    return _merged(comparisons, learnt)


def _pairs_with(work: DuckDBPyConnection, name: str) -> int:
    found = work.execute(
        f"SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM part"
        f" WHERE {name} IS NOT NULL GROUP BY {name})"
    ).fetchall()[0][0]
    return int(found or 0)


def _merged(
    comparisons: Sequence[Comparison], learnt: Mapping[str, Any]
) -> dict[tuple[str, str], tuple[float, float]]:
    worth: dict[tuple[str, str], tuple[float, float]] = {}
    given = {one["output_column_name"]: one["comparison_levels"] for one in learnt["comparisons"]}
    for one in comparisons:
        said = {level["label_for_charts"]: level for level in given.get(one.name, ())}
        of_one = {level.says: _blend(level, said.get(level.says, {})) for level in one.levels}
        whole = sum(m for m, _ in of_one.values())
        exact = next((level for level in one.levels if level.rarity), one.levels[0])
        best, worst = of_one[exact.says], of_one[one.levels[-1].says]
        if best[0] / best[1] > worst[0] / worst[1]:
            worth.update({(one.name, says): (m / whole, u) for says, (m, u) in of_one.items()})
    return worth


def _blend(level: Level, learnt: Mapping[str, Any]) -> tuple[float, float]:
    m = learnt.get("m_probability", level.m)
    u = learnt.get("u_probability", level.u)
    return TRAINED_SHARE * m + (1 - TRAINED_SHARE) * level.m, max(u, 1e-7)


def _unite(
    work: DuckDBPyConnection, comparisons: Sequence[Comparison], parts: Sequence[str], least: float
) -> None:
    """``scored``: all runs, each client with its own prior, ids in order."""
    union = " UNION ALL BY NAME ".join(f"SELECT * FROM {part}" for part in parts)
    summed = ", ".join(f"{_weight_of(one)} AS mw_{one.name}" for one in comparisons)
    work.execute(
        "CREATE OR REPLACE TABLE scored AS SELECT *, 1 / (1 + pow(2, -weight)) AS score FROM ("
        f" SELECT s.* REPLACE ({summed}),"
        f" match_weight - ({_weight(_PRIOR)}) + c.weight AS weight"
        f" FROM ({union}) AS s JOIN (SELECT client AS client_l, {_prior_sql()} AS weight"
        f" FROM record GROUP BY client) AS c USING (client_l))"
        f" WHERE 1 / (1 + pow(2, -weight)) >= {least}"
    )
    for part in (*parts, "part", "part_pair"):
        work.execute(f"DROP TABLE {part}")


def _weight_of(comparison: Comparison) -> str:
    rare = any(level.rarity for level in comparison.levels)
    return f"mw_{comparison.name}" + (f" + mw_tf_adj_{comparison.name}" if rare else "")


def _prior_sql() -> str:
    chance = f"least(0.5, {DUPLICATES} / greatest(count(*), 2))"
    return f"log2({chance} / (1 - {chance}))"


def _weight(probability: float) -> float:
    return math.log2(probability / (1 - probability))


@contextmanager
def quiet() -> Iterator[None]:
    """splink says much on its loggers and warns of what is not trained; here it is known."""
    logger = logging.getLogger("splink.internals")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logger.setLevel(before)
