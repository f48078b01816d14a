"""Meta's ad accounts, open for reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from kvitto.errors import SourceRefused
from kvitto.sources.connectors.meta_ads.report import Question, answer_pages
from kvitto.sources.connectors.meta_ads.settings import MetaAdsSettings
from kvitto.sources.connectors.meta_ads.stream import OURS, level_of, streams_of
from kvitto.sources.connectors.meta_ads.transport import WHERE, Refusal, Transport
from kvitto.sources.http import never_ending
from kvitto.sources.stream import Account, Notice, Opening, Page, Record, Stream, Wanted

_MONTHS_KEPT = 37
_SOON = timedelta(days=7)
_ACCOUNT = "account_id,name,currency,timezone_name,account_status"
_EVERY_STATUS = ["ACTIVE", "PAUSED", "ARCHIVED", "DELETED", "IN_PROCESS", "WITH_ISSUES"]
_MOST_TYPES = 12


class MetaAdsApi:
    """Reads the streams of one or several ad accounts with one sign-in."""

    def __init__(self, opening: Opening) -> None:
        settings = opening.settings
        assert isinstance(settings, MetaAdsSettings)
        self._settings = settings
        self._opening = opening
        self._transport = Transport(opening, settings)
        self._accounts: list[Record] | None = None
        self._lost: dict[str, str] = {}

    def account(self) -> Account:
        """Whom we are to the server, which accounts are seen, and when the token ends."""
        accounts = self._seen()
        names = [f"{one.get('name')} ({one.get('account_id')})" for one in accounts]
        return Account(
            ", ".join(names),
            timezone=_common(accounts, "timezone_name"),
            currency=_common(accounts, "currency"),
            reads=tuple(stream.name for stream in self.streams()),
            refused={f"account {number}": why for number, why in self._lost.items()},
            expires_at=self._expiry(),
        )

    def streams(self) -> Sequence[Stream]:
        """The streams that the settings ask for."""
        return streams_of(self._settings)

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        """The records asked for, account by account; one that refuses is told and passed over."""
        accounts = self._seen()
        if stream.name == "accounts":
            self._tell_expiry()
            self._tell_lost(stream)
            yield [{name: one.get(name) for name in stream.fields} for one in accounts]
            return
        self._tell_lost(stream)
        failed: list[SourceRefused] = []
        for account in accounts:
            number = str(account["account_id"])
            try:
                yield from self._of_account(stream, wanted, number)
            except Refusal as refusal:
                try:
                    refusal.raised(f"read {stream.name} of the ad account {number}")
                except SourceRefused as error:
                    failed.append(error)
                    self._tell_unread(stream, number, error.problems[0].found)
        if accounts and len(failed) == len(accounts):
            raise SourceRefused(*(problem for error in failed for problem in error.problems))

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        """No stream asks for them: days and lists are replaced whole."""
        yield from ()

    def close(self) -> None:
        """Let the connections go."""
        self._transport.close()

    def _of_account(self, stream: Stream, wanted: Wanted, number: str) -> Iterator[Page]:
        if stream.keeping == "days":
            yield from self._days(stream, wanted, number)
            return
        asked = _asked(stream, wanted)
        edge = self._transport.pages(
            f"act_{number}/{stream.name}",
            fields=",".join(asked),
            effective_status=_EVERY_STATUS,
        )
        for page in never_ending(edge, WHERE):
            yield [self._entity(stream, record, number, asked) for record in page]

    def _days(self, stream: Stream, wanted: Wanted, number: str) -> Iterator[Page]:
        assert wanted.first is not None
        assert wanted.last is not None
        first = self._kept_from(stream, wanted.first)
        if first > wanted.last:
            return
        asked = _asked(stream, wanted)
        question = Question(number, level_of(stream), asked, first, wanted.last)
        types: set[str] = set()
        met = False
        for page in answer_pages(self._transport, self._settings, question):
            made = [self._figures(record, asked) for record in page]
            for record in made:
                types.update(str(one.get("action_type")) for one in _list(record.get("actions")))
                met = met or record["conversions"] is not None
            yield made
        if types and not met:
            self._tell_unmet(stream, number, types)

    def _figures(self, record: Record, asked: Sequence[str]) -> Record:
        found = {name: record.get(name) for name in asked}
        return {
            **found,
            "conversions": self._chosen(record.get("actions")),
            "conversion_value": self._chosen(record.get("action_values")),
            "fetched_at": self._opening.now().isoformat(timespec="seconds"),
        }

    def _chosen(self, actions: object) -> Decimal | str | None:
        """The chosen type's figure out of a list whose types overlap; ``None`` where it is not."""
        for one in _list(actions):
            if one.get("action_type") != self._settings.conversion:
                continue
            if not self._settings.attribution:
                value = one.get("value")
                return None if value is None else str(value)
            parts = [_number(one.get(window)) for window in self._settings.attribution]
            held = [part for part in parts if part is not None]
            # An action is credited to a click or to a view, never to both.
            return sum(held, Decimal(0)) if held else None
        return None

    def _entity(self, stream: Stream, record: Record, number: str, asked: Sequence[str]) -> Record:
        found = {name: record.get(name) for name in asked}
        found["account_id"] = found.get("account_id") or number
        if "start_day" in stream.fields:
            # The server writes the account's own clock: its first ten letters are the day there.
            found["start_day"] = _day(record.get("start_time"))
            found["stop_day"] = _day(record.get("stop_time"))
        return found

    def _seen(self) -> Sequence[Record]:
        """The accounts that are asked for and can be seen."""
        if self._accounts is None:
            self._accounts = self._named() if self._settings.accounts else self._all()
            if not self._accounts:
                raise SourceRefused.of(
                    "find ad accounts",
                    "; ".join(self._lost.values()) or "the sign-in sees none",
                    "Assign ad accounts to the user of the token in Business settings.",
                )
        return self._accounts

    def _named(self) -> list[Record]:
        found: list[Record] = []
        for name in self._settings.accounts:
            number = name.removeprefix("act_")
            try:
                found.append(self._transport.get(f"act_{number}", fields=_ACCOUNT))
            except Refusal as refusal:
                if refusal.code == 190:
                    refusal.raised("sign in to Meta")
                self._lost[number] = str(refusal)
        return found

    def _all(self) -> list[Record]:
        edge = self._transport.pages("me/adaccounts", fields=_ACCOUNT)
        try:
            return [record for page in never_ending(edge, WHERE) for record in page]
        except Refusal as refusal:
            refusal.raised("list the ad accounts of the sign-in")

    def _kept_from(self, stream: Stream, first: date) -> date:
        """The first day that the server still has."""
        today = self._opening.now().date()
        kept = _months_before(today, _MONTHS_KEPT)
        if first >= kept:
            return first
        self._opening.notice(
            Notice(
                stream.name,
                "days_gone",
                f"{WHERE} keeps {_MONTHS_KEPT} months: the days before {kept} cannot be read",
                "Nothing; set since: in the source's file to a later day to silence this.",
                severity="notice",
            )
        )
        return kept

    def _expiry(self) -> datetime | None:
        """When the token ends, where the server tells it; ``None`` where it does not end."""
        identity, secret = self._transport.app
        params: dict[str, object] = {"input_token": self._transport.token}
        if identity and secret:
            params["access_token"] = f"{identity}|{secret}"
        try:
            data: Any = self._transport.get("debug_token", **params).get("data")
        except Refusal:
            return None
        told = data if isinstance(data, Mapping) else {}
        ends = [told.get("expires_at"), told.get("data_access_expires_at")]
        known = [end for end in ends if isinstance(end, int) and end > 0]
        return datetime.fromtimestamp(min(known), UTC) if known else None

    def _tell_expiry(self) -> None:
        ends = self._expiry()
        if ends is not None and ends - self._opening.now() < _SOON:
            self._opening.notice(
                Notice(
                    None,
                    "token_ends",
                    f"the access token of Meta ends on {ends.date()}",
                    "Generate a new one now; a system user's token need not end.",
                )
            )

    def _tell_lost(self, stream: Stream) -> None:
        for number, why in self._lost.items():
            self._tell_unread(stream, number, why)

    def _tell_unread(self, stream: Stream, number: str, why: str) -> None:
        self._opening.notice(
            Notice(
                stream.name,
                "account_unread",
                f"the ad account {number} could not be read: {why}",
                "Assign it to the user of the token; what was read of it before stays.",
                unread={"account_id": number},
            )
        )

    def _tell_unmet(self, stream: Stream, number: str, types: set[str]) -> None:
        shown = ", ".join(sorted(types)[:_MOST_TYPES])
        self._opening.notice(
            Notice(
                stream.name,
                "conversion_unmet",
                f"no day of the ad account {number} that was read has actions of the type"
                f" '{self._settings.conversion}'; it has {shown}",
                "Set conversion: in the source's settings to the type that counts.",
                severity="notice",
            )
        )


def _asked(stream: Stream, wanted: Wanted) -> tuple[str, ...]:
    return tuple(
        name for name in dict.fromkeys((*stream.fields, *wanted.fields)) if name not in OURS
    )


def _list(value: object) -> Sequence[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _number(value: object) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def _day(value: object) -> str | None:
    return str(value)[:10] if value else None


def _common(accounts: Sequence[Record], name: str) -> str | None:
    values = {str(one[name]) for one in accounts if one.get(name)}
    return values.pop() if len(values) == 1 else None


def _months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the first of the next month where there is none."""
    count = day.year * 12 + day.month - 1 - months
    try:
        return day.replace(year=count // 12, month=count % 12 + 1)
    except ValueError:
        return date((count + 1) // 12, (count + 1) % 12 + 1, 1)
