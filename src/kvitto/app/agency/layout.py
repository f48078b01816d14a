"""What a layout is: which files a tool's export has, and how a record becomes a row of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import md5
from zoneinfo import ZoneInfo

from kvitto.app.agency.profile import Profile, Staff
from kvitto.app.agency.record import Record
from kvitto.app.agency.sheet import Form, Row


@dataclass(frozen=True, slots=True)
class Setting:
    """What a row needs beside its record: whose it is, and the day that the export shows."""

    profile: Profile
    as_of: date
    zone: ZoneInfo

    def owner(self, place: int) -> Staff:
        """The client's salesperson of that place."""
        return self.profile.sales[place]

    def utc(self, at: datetime) -> datetime:
        """A local moment in UTC; ``fold`` decides in the hour that comes twice."""
        return at.replace(tzinfo=self.zone).astimezone(UTC)


PLAIN = Form()
"""CSV in UTF-8 with commas."""
Rows = Callable[[Record, Setting], Iterable[Row]]
Sums = dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class FileLayout:
    """One file of an export.

    ``takes`` is the kind of record it is made of and ``rows`` gives its rows.
    ``split`` cuts it into files by the text it gives; ``before`` are the title
    lines, ``after`` the rows of totals. ``as_of`` is the day of an older
    export, which is kept beside.
    """

    name: str
    takes: type[object]
    header: tuple[str, ...]
    rows: Rows
    form: Form = PLAIN
    split: Callable[[Record], str] | None = None
    before: Callable[[Setting, str], Sequence[str]] | None = None
    sums: Callable[[Record], Sums] | None = None
    after: Callable[[Setting, Sums], Sequence[Row]] | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One source of a client: its files and what its definition says.

    ``title`` is the comment over the definition; ``told`` is YAML below it,
    where the layout leaves something open.
    """

    id: str
    title: str
    layout: str
    files: tuple[FileLayout, ...]
    settles_days: int = 0
    vendor: str = ""
    timezone: str = ""
    told: str = ""
    older: tuple[FileLayout, ...] = field(default=())


def year_of(day: date) -> str:
    """How exports of a year are told apart."""
    return f"-{day.year}"


def comma(number: Decimal | None, thousands: str = "") -> str:
    """A number with a decimal comma, empty for none."""
    if number is None:
        return ""
    text = f"{number:,.2f}"
    return text.replace(",", "\0").replace(".", ",").replace("\0", thousands)


def guid(*parts: object) -> str:
    """An id in the form of a GUID, the same for the same parts."""
    text = md5(":".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
