"""A source in memory: records that a test changes, served page by page like a server's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from kvitto.errors import SourceBusy
from kvitto.sources import Reading, Staged
from kvitto.sources.pull import Pulled, pull
from kvitto.sources.pull.window import instant_of
from kvitto.sources.stream import Account, Notice, Opening, Page, Record, Stream, Wanted
from kvitto.workspace.definition import LimitsDefinition, SourceDefinition

DEALS = Stream(
    "deals",
    key=("id",),
    fields={"id": "text", "name": "text", "amount": "money", "changed": "instant"},
    fill={"deals": {"deal_id": "id", "amount": "amount"}},
    cursor="changed",
    ordered=True,
    deleting="ids",
)
SPEND = Stream(
    "spend",
    key=("day", "campaign"),
    fields={"day": "day", "campaign": "text", "cost": "money"},
    fill={"ad_spend": {"spend_on": "day", "campaign_id": "campaign", "spend": "cost"}},
    keeping="days",
    cursor="day",
    settles_days=7,
)
START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Ledger:
    """The server: what it holds, what it was asked, and after how many pages it fails."""

    deals: dict[str, dict[str, object]] = field(default_factory=dict)
    spend: list[dict[str, object]] = field(default_factory=list)
    asked: list[Wanted] = field(default_factory=list)
    page_size: int = 100
    fails_after: int | None = None
    streams_given: tuple[Stream, ...] = (DEALS,)
    notices: tuple[Notice, ...] = ()
    notice: Callable[[Notice], None] = lambda _notice: None

    def account(self) -> Account:
        return Account("a ledger")

    def streams(self) -> Sequence[Stream]:
        return self.streams_given

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        self.asked.append(wanted)
        if stream.keeping == "replace":
            rows: list[Record] = list(self.spend)
        else:
            rows = self._spent(wanted) if stream.name == "spend" else self._changed(wanted)
        for notice in self.notices:
            self.notice(notice)
        for place in range(0, len(rows), self.page_size):
            if self.fails_after is not None and place // self.page_size >= self.fails_after:
                raise SourceBusy.of("read deals", "the server asks to wait", "Go on later.")
            yield rows[place : place + self.page_size]

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        yield [(key,) for key in self.deals]

    def close(self) -> None:
        pass

    def put(self, key: str, minute: int, **values: object) -> None:
        """A deal as it is from that minute on."""
        changed = (START + timedelta(minutes=minute)).isoformat()
        self.deals[key] = {"id": key, "changed": changed, **values}

    def _changed(self, wanted: Wanted) -> list[Record]:
        rows: list[Record] = sorted(
            self.deals.values(), key=lambda one: (str(one["changed"]), str(one["id"]))
        )
        if wanted.since is None:
            return rows
        return [one for one in rows if instant_of(str(one["changed"])) >= wanted.since]

    def _spent(self, wanted: Wanted) -> list[Record]:
        first, last = str(wanted.first), str(wanted.last)
        return [one for one in self.spend if first <= str(one["day"]) <= last]


@dataclass
class Run:
    """A run's result: the staged tables' rows, and what each stream brought."""

    staged: Staged
    pulled: list[Pulled]

    def rows(self, table: str = "deals", columns: str = "*") -> list[tuple[object, ...]]:
        import duckdb

        (found,) = [one for one in self.staged.tables if one.name == table]
        with duckdb.connect() as connection:
            return connection.execute(
                f"SELECT {columns} FROM {found.relation_sql} ORDER BY ALL"
            ).fetchall()


def run(
    ledger: Ledger,
    root: Path,
    *,
    now: datetime = START + timedelta(days=1),
    again: tuple[date, date] | None = None,
    **definition: object,
) -> Run:
    """One run of the source, with a folder of its own."""
    folder = root / "runs" / str(len(list(root.glob("runs/*"))))
    folder.mkdir(parents=True)
    told = SourceDefinition.model_validate({"kind": "ledger", "client": "nordlys", **definition})
    reading = Reading("crm", told, root, folder, now=lambda: now, again=again)
    opening = Opening(
        "crm", None, lambda _name: "", lambda _name, _value: None, told.limits or LimitsDefinition()
    )
    pulled: list[Pulled] = []

    def opened(given: Opening) -> Ledger:
        ledger.notice = given.notice
        return ledger

    staged = pull(reading, opening, opened, pulled.extend)
    return Run(staged, pulled)
