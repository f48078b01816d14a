"""A million contacts, one in ten entered twice: ours against splink alone

splink alone is given the folded columns and the keys of the same blocks for nothing; it draws the
same pairs from them with its own rules, learns with the same calls and scores with the same
comparisons. Ours reads the canonical table, folds, blocks, learns, scores, explains, groups for
merging and gives candidates. Each runs in a process of its own with a memory limit of 3 GB for the
engine; the peak is that of the whole process. The ratio is that of processor time, because the
clock also shows what else the machine does.

    python -m benchmarks.entity [thousands of contacts]
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

THOUSANDS = 1_000
ALLOWED_RATIO = 1.3
LIMIT_MB = 4_000
ENGINE_MB = 3_000
ASK_ABOVE = 0.8

_SYLLABLES = (
    "['ka','lin','ber','sten','mar','to','vi','ros','hal','eng','nor','sol','da','mi','ek']"
)

_PEOPLE = f"""
CREATE TABLE people AS SELECT i,
  list_extract({_SYLLABLES}, (hash(i, 1) % 15 + 1)::INT) || list_extract({_SYLLABLES},
    (hash(i, 2) % 15 + 1)::INT) || CASE WHEN hash(i, 3) % 3 = 0 THEN 'a' ELSE '' END AS given,
  list_extract({_SYLLABLES}, (hash(i, 4) % 15 + 1)::INT) || list_extract({_SYLLABLES},
    (hash(i, 5) % 15 + 1)::INT) || list_extract({_SYLLABLES}, (hash(i, 6) % 15 + 1)::INT)
    || list_extract(['sson', 'man', 'gren', 'nen', 'i'], (hash(i, 7) % 5 + 1)::INT) AS family,
  hash(i, 8) % ({{rows}} // 5) AS company, 700000000 + hash(i, 9) % 99999999 AS phone
FROM range({{rows}}) AS t(i)
"""

_CONTACTS = """
INSERT INTO contacts BY NAME SELECT 'c' AS client_id, 'P' || lpad(i::VARCHAR, 8, '0') AS contact_id,
  'A' || company AS account_id, given || '.' || family || i % 1000 || '@company' || company
  || '.example' AS email, '+46 ' || phone AS phone, given || ' ' || family AS full_name FROM people
  WHERE i < {first}
UNION ALL SELECT 'c', 'Q' || lpad(i::VARCHAR, 8, '0'),
  CASE WHEN hash(i, 11) % 4 = 0 THEN NULL ELSE 'A' || company END,
  CASE hash(i, 12) % 4 WHEN 0 THEN NULL
    WHEN 1 THEN upper(given || '.' || family || i % 1000 || '@company' || company || '.example')
    WHEN 2 THEN given || family || '@mail.example'
    ELSE given || '.' || family || i % 1000 || '@company' || company || '.example' END,
  CASE WHEN hash(i, 13) % 3 = 0 THEN NULL ELSE '0046-' || phone END,
  CASE hash(i, 14) % 4 WHEN 0 THEN left(given, 1) || '. ' || family
    WHEN 1 THEN family || ', ' || given
    WHEN 2 THEN given || ' ' || left(family, 2) || substr(family, 4)
    ELSE given || ' ' || family END FROM people WHERE i < {again}
"""


def make(path: Path, rows: int) -> None:
    """A version with one client's contacts and the companies that they work for."""
    import duckdb

    from kvitto.warehouse.schema import create_statements

    first = rows * 10 // 11
    with duckdb.connect(str(path)) as connection:
        for statement in create_statements():
            connection.execute(statement)
        connection.execute(_PEOPLE.format(rows=first))
        connection.execute(_CONTACTS.format(first=first, again=rows - first))
        connection.execute(
            "INSERT INTO accounts BY NAME SELECT DISTINCT 'c' AS client_id,"
            " 'A' || company AS account_id, 'Company ' || company || ' AB' AS name FROM people;"
            "DROP TABLE people"
        )


def ours(connection: DuckDBPyConnection) -> dict[str, float]:
    """The whole way, to explained and grouped candidates."""
    from kvitto.audit.entity.resolution import compared
    from kvitto.audit.entity.setting import Setting

    settings = {"c": Setting("merge", 0.99, ASK_ABOVE)}
    started, worked = time.perf_counter(), time.process_time()
    with compared(connection, "contacts", settings) as (work, _):
        assert work is not None
        found, right, certain = work.execute(
            "SELECT count(*), count(*) FILTER (WHERE one_id[2:] = other_id[2:]),"
            " count(*) FILTER (WHERE state = 'merged') FROM candidate"
        ).fetchall()[0]
    return {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - worked,
        "pairs": found,
        "right": right,
        "merged": certain,
    }


def alone(connection: DuckDBPyConnection) -> dict[str, float]:
    """splink by itself, from folded columns and given keys to scored pairs."""
    from kvitto.audit.entity.contact import CONTACTS
    from kvitto.audit.entity.preparation import prepare
    from kvitto.audit.entity.source import raw_query
    from kvitto.audit.entity.work import opened

    with opened(connection) as (work, schema):
        work.execute(f"CREATE TABLE raw AS {raw_query('contacts', schema, ['c'])}")
        prepare(work, "contacts")
        rules = _keys(work, CONTACTS)
        started, worked = time.perf_counter(), time.process_time()
        pairs = _splink(work, CONTACTS, rules)
        return {
            "seconds": time.perf_counter() - started,
            "processor": time.process_time() - worked,
            "pairs": pairs,
        }


def _keys(work: DuckDBPyConnection, model: object) -> list[str]:
    from kvitto.audit.entity.blocking import make_members
    from kvitto.audit.entity.comparison import Model

    assert isinstance(model, Model)
    work.execute(
        "CREATE TABLE client_rows AS SELECT client, count(*) AS rows FROM record GROUP BY 1"
    )
    rules = []
    work.execute("CREATE TABLE part AS FROM record")
    for number, block in enumerate(model.blocks):
        make_members(work, block)
        if work.execute("SELECT count(*) FROM member").fetchall()[0][0]:
            work.execute(
                f"CREATE OR REPLACE TABLE part AS SELECT p.*, m.key AS k{number} FROM part AS p"
                " LEFT JOIN member AS m ON m.unique_id = p.unique_id"
            )
            rules.append(f"l.client = r.client AND l.k{number} = r.k{number}")
    work.execute("DROP TABLE record; DROP TABLE member; DROP TABLE sized; DROP TABLE taken")
    return rules


def _splink(work: DuckDBPyConnection, model: object, rules: list[str]) -> int:
    from splink import DuckDBAPI, Linker, SettingsCreator
    from splink.blocking_rule_library import CustomRule

    from kvitto.audit.entity import scoring
    from kvitto.audit.entity.comparison import Model

    assert isinstance(model, Model)
    asked = ", ".join(f"count({one.needs[0]}) > 1" for one in model.comparisons)
    fills = work.execute(f"SELECT {asked} FROM part").fetchall()[0]
    used = [one for one, filled in zip(model.comparisons, fills, strict=True) if filled]
    api = DuckDBAPI(connection=work)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[scoring.described(one, {}) for one in used],
        blocking_rules_to_generate_predictions=[CustomRule(rule) for rule in rules],
        probability_two_random_records_match=1e-6,
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=True,
    )
    with scoring.quiet():
        linker = Linker(api.register("part"), settings)
        linker.training.estimate_u_using_random_sampling(max_pairs=scoring.TRAIN_PAIRS, seed=7)
        for name in ("name", "email"):
            linker.training.estimate_parameters_using_expectation_maximisation(
                f"l.client = r.client AND l.{name} = r.{name}",
                estimate_without_term_frequencies=True,
                max_pairs=scoring.TRAIN_PAIRS,
            )
        found = linker.inference.predict(threshold_match_probability=ASK_ABOVE)
    return int(work.execute(f'SELECT count(*) FROM "{found.physical_name}"').fetchall()[0][0])


def child(which: str, path: str) -> None:
    """One measurement, in this process."""
    import duckdb

    with tempfile.TemporaryDirectory() as spill, duckdb.connect(path) as connection:
        connection.execute(f"SET memory_limit = '{ENGINE_MB}MB'")
        connection.execute(f"SET temp_directory = '{spill}'")
        result = {"ours": ours, "alone": alone}[which](connection)
    result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))


def main() -> None:
    """Both, one after the other."""
    if len(sys.argv) > 2:
        child(sys.argv[1], sys.argv[2])
        return
    rows = 1_000 * int(sys.argv[1] if len(sys.argv) > 1 else THOUSANDS)
    results = {}
    with tempfile.TemporaryDirectory() as above:
        path = Path(above) / "version.duckdb"
        make(path, rows)
        for which in ("alone", "ours"):
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.entity", which, str(path)],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            results[which] = json.loads(done.stdout.splitlines()[-1])
            print(results[which], file=sys.stderr, flush=True)
    one, two = results["alone"], results["ours"]
    print(f"{rows:,} contacts, {rows - rows * 10 // 11:,} of them entered twice")
    for name, result in (("splink alone", one), ("kvitto", two)):
        print(
            f"{name:13} {result['seconds']:7.1f} s {result['processor']:7.1f} CPU-s"
            f"  {rows / result['seconds']:8,.0f} rows/s  peak {result['peak']:5.0f} MB"
            f"  {result['pairs']:9,.0f} pairs"
        )
    print(
        f"ratio {two['processor'] / one['processor']:.2f} of processor time"
        f" (limit {ALLOWED_RATIO}), {two['seconds'] / one['seconds']:.2f} by the clock"
    )
    print(f"peak {two['peak']:.0f} MB (limit {LIMIT_MB})")
    print(
        f"{two['merged']:,.0f} pairs would be merged by a rule; {two['right']:,.0f} pairs are right"
    )


if __name__ == "__main__":
    main()
