"""Writing a demo agency: every record once, through all files that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from kvitto.app.agency.client import Client
from kvitto.app.agency.definition import definitions, folder_of
from kvitto.app.agency.fault import faults, watch
from kvitto.app.agency.layout import Feed, FileLayout, Setting, Sums
from kvitto.app.agency.record import Record
from kvitto.app.agency.sheet import Sheet, open_sheet
from kvitto.app.agency.state import State
from kvitto.app.agency.tally import Tally, filled, open_at_end
from kvitto.app.agency.truth import AgencyTruth, ClientTruth, WrittenFile
from kvitto.app.agency.world import happen
from kvitto.app.progress import Progress, silent
from kvitto.errors import WrongUse

SEED = 20260101
FIRST = date(2023, 1, 1)
UNTIL = date(2025, 12, 31)
TRUTH_FILE = "truth.json"
_IGNORED = "# Made by runs; can be made again.\n/.kvitto/\n"


def generate(
    target: Path,
    *,
    size: float = 1.0,
    seed: int = SEED,
    until: date = UNTIL,
    only: Sequence[str] = (),
    progress: Progress = silent,
) -> AgencyTruth:
    """Write the demo agency into a new folder: definitions, exports, ``truth.json``.

    The same seed, size and last day give the same bytes. ``size`` scales how
    much happens (1 is about two hundred thousand rows); files are written as
    streams, so memory does not grow with it. ``only`` names the clients to
    write, of whom each is the same alone as among the others. ``kvitto.yml`` is written last: a
    folder that has it is whole. Raises :class:`WrongUse` for a folder that is
    not empty, a size that is not positive, or a last day before the first.
    """
    from kvitto.app.agency.clients.roster import CLIENTS

    _require(target, size, until)
    target.mkdir(parents=True, exist_ok=True)
    clients = tuple(one for one in CLIENTS if not only or one.profile.id in only)
    truths: dict[str, ClientTruth] = {}
    for done, client in enumerate(clients):
        progress(f"Writing {client.profile.name}", done, len(clients))
        truths[client.profile.id] = _write_client(target, client, size, seed, until)
    truth = AgencyTruth(seed, size, FIRST, until, truths)
    truth.write(target / TRUTH_FILE)
    _write_definitions(target, clients, until)
    progress("Written", len(clients), len(clients))
    return truth


def _require(target: Path, size: float, until: date) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise WrongUse.of(
            f"write the demo agency into {target}",
            "it is there already and not an empty folder",
            "Name an empty or a new folder.",
        )
    if not 0 < size < float("inf"):
        raise WrongUse.of("the size", f"it is {size}", "Name a positive number, such as 1.")
    if until < FIRST:
        raise WrongUse.of("the last day", f"it is {until}", f"Name a day from {FIRST} on.")


def _write_definitions(target: Path, clients: tuple[Client, ...], until: date) -> None:
    from kvitto.workspace.schema import with_schema_line, write_schemas

    write_schemas(target)
    (target / ".gitignore").write_bytes(_IGNORED.encode())
    for name, text in definitions(clients, until):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        parent = Path(name).parent.as_posix()
        path.write_bytes(with_schema_line(text, parent).encode())


def _write_client(target: Path, client: Client, size: float, seed: int, until: date) -> ClientTruth:
    kinds = frozenset(file.takes for feed in client.feeds for file in feed.files)
    state = State(client.profile, client.plan, client.ident, size, seed, FIRST, until, kinds)
    tally = Tally(client.profile.currency)
    files = _Files(target, client, until)
    try:
        for record in happen(state):
            tally.add(record)
            watch(state, record)
            files.write(record)
    finally:
        written = files.close()
    return ClientTruth(
        name=client.profile.name,
        currency=client.profile.currency,
        timezone=client.profile.timezone,
        months=filled(tally.clean),
        shown=filled(tally.shown),
        open_at_end=open_at_end(tally.clean),
        files=written,
        faults=faults(client, state),
    )


@dataclass(slots=True)
class _Open:
    """A file that is being written, with the sums of its rows of totals."""

    sheet: Sheet
    feed: Feed
    layout: FileLayout
    setting: Setting
    sums: Sums = field(default_factory=dict)


class _Files:
    """The open files of one client; each is made when its first row comes."""

    def __init__(self, target: Path, client: Client, until: date) -> None:
        self._target, self._client, self._until = target, client, until
        self._zone = ZoneInfo(client.profile.timezone)
        self._open: dict[tuple[str, str, str, bool], _Open] = {}
        self._takers: dict[type[object], list[tuple[Feed, FileLayout, Setting]]] = {}
        for feed in client.feeds:
            for layout in (*feed.files, *feed.older):
                if layout.as_of is not None and layout.as_of > until:
                    continue
                setting = Setting(client.profile, layout.as_of or until, self._zone)
                self._takers.setdefault(layout.takes, []).append((feed, layout, setting))

    def write(self, record: Record) -> None:
        """The record's rows, into every file that shows it."""
        for feed, layout, setting in self._takers.get(type(record), ()):
            if layout.as_of is not None and not _is_known(record, layout.as_of):
                continue
            rows = list(layout.rows(record, setting))
            if not rows:
                continue
            file = self._file(feed, layout, setting, record)
            for row in rows:
                file.sheet.write(row)
            if layout.sums is not None:
                for name, number in layout.sums(record).items():
                    file.sums[name] = file.sums.get(name, Decimal(0)) + number

    def close(self) -> tuple[WrittenFile, ...]:
        """Write the totals, close all, and tell what was written."""
        written = []
        for file in self._open.values():
            last = file.layout.after(file.setting, file.sums) if file.layout.after else ()
            file.sheet.close(last)
            written.append(
                WrittenFile(
                    path=file.sheet.path.relative_to(self._target).as_posix(),
                    source=file.feed.id,
                    layout=file.feed.layout,
                    encoding=file.layout.form.kind
                    if file.layout.form.kind == "xlsx"
                    else file.layout.form.encoding,
                    rows=file.sheet.rows,
                    is_older=file.layout.as_of is not None,
                )
            )
        return tuple(sorted(written, key=lambda one: one.path))

    def _file(self, feed: Feed, layout: FileLayout, setting: Setting, record: Record) -> _Open:
        part = layout.split(record) if layout.split is not None else ""
        key = (feed.id, layout.name, part, layout.as_of is not None)
        if key not in self._open:
            folder = folder_of(self._client, feed, is_older=layout.as_of is not None)
            path = self._target / folder / f"{layout.name}{part}{layout.form.suffix}"
            before = layout.before(setting, part) if layout.before is not None else ()
            sheet = open_sheet(path, layout.form, layout.header, before)
            self._open[key] = _Open(sheet, feed, layout, setting)
        return self._open[key]


def _is_known(record: Record, as_of: date) -> bool:
    """Whether it had happened by the day of an older export."""
    created = getattr(record, "created", None)
    return created is None or created.date() <= as_of
