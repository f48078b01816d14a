"""How well the same companies and persons are found, on labelled public data.

    python -m tests.audit.entity_quality

writes the table of ``docs/entity-resolution.md`` anew. Each set is split by true
entity: the threshold is chosen on one half (where F1 is best), and what is
reported was measured on the other.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from kvitto.audit.entity.preparation import RAW, make_company_names
from kvitto.audit.entity.resolution import MODELS, resolve
from kvitto.audit.entity.scoring import TRAIN_ROWS
from kvitto.audit.entity.setting import Setting
from kvitto.audit.entity.work import opened

REPOSITORY = Path(__file__).parents[2]
DATA = REPOSITORY.parent / "shared" / "data"
PAGE = REPOSITORY / "docs" / "entity-resolution.md"

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
LEARNT = 1_000
"""So few records must do to show what learning brings on sets of some thousands."""

Row = dict[str, str | None]
Couples = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """Records with their true entity; ``judged`` limits the pairs that have a label."""

    name: str
    table: str
    rows: tuple[tuple[str, Row], ...]
    judged: Couples | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """Pairwise figures, from 0 to 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on the half that nothing was chosen on."""

    name: str
    records: int
    couples: int
    exact: Quality
    folded: Quality
    threshold: float
    chosen: Quality
    default: Quality
    learnt: Quality | None


def febrl_1() -> Labelled:
    """FEBRL 1: 500 persons, each there twice."""
    return Labelled("febrl 1", "contacts", tuple(_febrl("dataset1.csv")))


def febrl_4() -> Labelled:
    """FEBRL 4: two files of 5,000 persons each, the same ones."""
    return Labelled(
        "febrl 4a, 4b", "contacts", (*_febrl("dataset4a.csv"), *_febrl("dataset4b.csv"))
    )


def fake_1000() -> Labelled:
    """Splink's 1,000 invented persons, of whom 251 are real."""
    rows = []
    for one in _read("er_splink/fake_1000.csv"):
        name = " ".join(filter(None, (one["first_name"], one["surname"])))
        row: Row = {
            "record_id": one["unique_id"],
            "name": name,
            "email": one["email"],
            "born": one["dob"],
            "place": one["city"],
        }
        rows.append((str(one["cluster"]), row))
    return Labelled("fake 1000", "contacts", tuple(rows))


def restaurants() -> Labelled:
    """Fodor's and Zagat's guides, with telephone numbers."""
    twins = {
        one["zagats_id"]: one["fodors_id"]
        for one in _read("er_restaurants/matches_fodors_zagats.csv")
    }
    rows = []
    for guide in ("fodors", "zagats"):
        for one in _read(f"er_restaurants/{guide}.csv"):
            entity = twins.get(one["id"], one["id"]) if guide == "zagats" else one["id"]
            row: Row = {
                "record_id": f"{guide}{one['id']}",
                "name": one["name"],
                "street": one["addr"],
                "place": one["city"],
                "phone": one["phone"],
            }
            rows.append((str(entity), row))
    return Labelled("Fodor's, Zagat's", "accounts", tuple(rows))


def restaurants_without_phone() -> Labelled:
    """The same guides in the edition of dedupe: name, street, city."""
    rows = []
    path = "er_restaurants/dedupe/restaurant-nophone-training.csv"
    for number, one in enumerate(_read(path)):
        row: Row = {
            "record_id": f"{number:04}",
            "name": one["name"],
            "street": one["address"],
            "place": one["city"],
        }
        rows.append((str(one["unique_id"]), row))
    return Labelled("restaurants, no phone", "accounts", tuple(rows))


def companies_dnb() -> Labelled:
    """500 company names, and the same with letters hit wrongly."""
    rows = []
    for which in ("test_names", "adjusted_test_names"):
        for one in _read(f"er_company_names/dnb_name_matching/test/{which}.csv"):
            row: Row = {
                "record_id": f"{one['']}{which[0]}",
                "name": one["company_name"],
                "country": one["country"],
            }
            rows.append((str(one[""]), row))
    return Labelled("company names (DNB)", "accounts", tuple(rows))


def companies_ing() -> Labelled:
    """Pairs of Dutch company names that were judged by hand, most of them wrong ones."""
    path = DATA / "er_company_names/ing_emm/emm/data/unittest_sample_namepairs.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        judged = list(csv.DictReader(handle))
    rows: dict[str, tuple[str, Row]] = {}
    couples = set()
    for one in judged:
        left, right = f"g{one['gt_uid']}", f"n{one['entity_id']}"
        rows[left] = (
            str(int(float(one["gt_entity_id"]))),
            {"record_id": left, "name": one["gt_name"]},
        )
        rows[right] = (one["entity_id"], {"record_id": right, "name": one["name"]})
        couples.add((left, right))
    return Labelled("company pairs (ING)", "accounts", tuple(rows.values()), frozenset(couples))


SETS: tuple[Callable[[], Labelled], ...] = (
    febrl_1,
    febrl_4,
    fake_1000,
    restaurants,
    restaurants_without_phone,
    companies_dnb,
    companies_ing,
)


def halves(whole: Labelled) -> tuple[Labelled, Labelled]:
    """The records of the entities of one half, and of the other; no entity is in both."""
    parts: tuple[list[tuple[str, Row]], list[tuple[str, Row]]] = ([], [])
    for entity, row in whole.rows:
        parts[zlib.crc32(f"{whole.name}{entity}".encode()) % 2].append((entity, row))
    if whole.judged is not None:
        return whole, whole
    return (
        Labelled(whole.name, whole.table, tuple(parts[0])),
        Labelled(whole.name, whole.table, tuple(parts[1])),
    )


def truth_of(labelled: Labelled) -> Couples:
    """All pairs of records of one entity; where pairs were judged, of those alone."""
    groups: dict[str, list[str]] = {}
    for entity, row in labelled.rows:
        groups.setdefault(entity, []).append(str(row["record_id"]))
    couples = frozenset(
        (one, other) for group in groups.values() for one in group for other in group if one < other
    )
    return couples if labelled.judged is None else couples & labelled.judged


def scored(labelled: Labelled, *, train_rows: int = TRAIN_ROWS) -> dict[tuple[str, str], float]:
    """Every pair that we find, with its score, as for one client."""
    with duckdb.connect() as connection, opened(connection) as (work, _):
        _fill(work, labelled)
        resolve(work, MODELS[labelled.table], {"x": Setting(ask_above=0.3)}, train_rows=train_rows)
        found = work.execute("SELECT one_id, other_id, score FROM candidate").fetchall()
    return {(one, other): score for one, other, score in found}


def quality(found: Iterable[tuple[str, str]], truth: Couples, judged: Couples | None) -> Quality:
    """Pairwise precision and recall."""
    given = frozenset(found)
    given = given if judged is None else given & judged
    right = len(given & truth)
    return Quality(right / len(given) if given else 1.0, right / len(truth) if truth else 1.0)


def at(scores: dict[tuple[str, str], float], least: float) -> list[tuple[str, str]]:
    """The pairs with that score or more."""
    return [pair for pair, score in scores.items() if score >= least]


def measure(whole: Labelled) -> Measured:
    """Choose on one half, measure on the other."""
    first, second = halves(whole)
    truth, judged = truth_of(second), second.judged
    tuned, scores = scored(first), scored(second)
    chosen = max(
        THRESHOLDS,
        key=lambda least: (
            quality(at(tuned, least), truth_of(first), first.judged).f1,
            -abs(least - Setting().ask_above),
        ),
    )
    enough = len(second.rows) >= LEARNT and whole.table == "contacts"
    learnt = at(scored(second, train_rows=LEARNT), chosen) if enough else None
    return Measured(
        whole.name,
        len(second.rows),
        len(truth),
        quality(same_name(second, _plain), truth, judged),
        quality(_same_folded(second), truth, judged),
        chosen,
        quality(at(scores, chosen), truth, judged),
        quality(at(scores, Setting().ask_above), truth, judged),
        None if learnt is None else quality(learnt, truth, judged),
    )


def same_name(labelled: Labelled, fold: Callable[[str], str]) -> list[tuple[str, str]]:
    """The naive way: records whose names are equal after ``fold``."""
    groups: dict[str, list[str]] = {}
    for _, row in labelled.rows:
        name = fold(row["name"] or "")
        if name:
            groups.setdefault(name, []).append(str(row["record_id"]))
    return [
        (one, other) for group in groups.values() for one in group for other in group if one < other
    ]


def _plain(name: str) -> str:
    return name.strip().lower()


def _same_folded(labelled: Labelled) -> list[tuple[str, str]]:
    """Equal names after our own folding (without legal form, order and accents)."""
    with duckdb.connect() as connection:
        _fill(connection, labelled)
        make_company_names(connection, "SELECT name FROM raw")
        keys = dict(connection.execute("SELECT name, key FROM company_name").fetchall())
    return same_name(labelled, lambda name: keys.get(name, ""))


def _fill(work: duckdb.DuckDBPyConnection, labelled: Labelled) -> None:
    columns = [name for name in RAW[labelled.table] if name != "gone"]
    listed = ", ".join(f"{name} VARCHAR" for name in columns)
    work.execute(f"CREATE TABLE raw ({listed}, gone BOOLEAN)")
    marks = ", ".join("?" for _ in columns)
    work.executemany(
        f"INSERT INTO raw VALUES ({marks}, FALSE)",
        [[{"client_id": "x", **row}.get(name) for name in columns] for _, row in labelled.rows],
    )


def _febrl(name: str) -> list[tuple[str, Row]]:
    rows = []
    for one in _read(f"er_febrl/{name}"):
        kind, number = one["rec_id"].split("-")[:2]
        row: Row = {
            "record_id": one["rec_id"],
            "name": " ".join(filter(None, (one["given_name"], one["surname"]))),
            "born": one["date_of_birth"],
            "street": " ".join(filter(None, (one["street_number"], one["address_1"]))),
            "place": one["suburb"],
            "postcode": one["postcode"],
            "ident": one["soc_sec_id"],
        }
        rows.append((f"{kind}{number}", row))
    return rows


def _read(path: str) -> list[dict[str, str]]:
    with (DATA / path).open(encoding="utf-8", errors="replace", newline="") as handle:
        found = csv.DictReader(handle, skipinitialspace=True)
        return [
            {(key or "").strip(): (value or "").strip() for key, value in one.items()}
            for one in found
        ]


def table_of(measured: Sequence[Measured]) -> str:
    """The table for the page, in Markdown."""
    lines = [
        "| set | records | true pairs | same text | same folded name | threshold"
        " | precision | recall | F1 | F1 at 0.8 | F1 learnt |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in measured:
        learnt = "" if one.learnt is None else f"{one.learnt.f1:.3f}"
        lines.append(
            f"| {one.name} | {one.records:,} | {one.couples:,} | {one.exact.f1:.3f}"
            f" | {one.folded.f1:.3f} | {one.threshold:g} | {one.chosen.precision:.3f}"
            f" | {one.chosen.recall:.3f} | **{one.chosen.f1:.3f}** | {one.default.f1:.3f}"
            f" | {learnt} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Measure all sets and write the table into the page."""
    if not DATA.is_dir():
        print("the labelled public data is not there", file=sys.stderr)
        return 1
    table = table_of([measure(load()) for load in SETS])
    print(table)
    if PAGE.exists():
        text = PAGE.read_text(encoding="utf-8")
        begin, end = "<!-- quality -->", "<!-- /quality -->"
        pattern = re.escape(begin) + ".*?" + re.escape(end)
        PAGE.write_text(
            re.sub(pattern, lambda _: f"{begin}\n{table}\n{end}", text, flags=re.DOTALL),
            encoding="utf-8",
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
