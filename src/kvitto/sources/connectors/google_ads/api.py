"""Google Ads over REST: every account that the sign-in reaches, page by page.

``search`` is asked rather than ``searchStream``: its pages of 10,000 rows keep
memory flat and let a large account pass below the bound on one answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kvitto.errors import BadSource
from kvitto.sources.connectors.google_ads.account import (
    CLIENT_FIELDS,
    Customer,
    customers_below,
)
from kvitto.sources.connectors.google_ads.query import flat, question
from kvitto.sources.connectors.google_ads.settings import SCOPE, GoogleAdsSettings
from kvitto.sources.connectors.google_ads.stream import CUSTOMER, RESOURCES, ROOT, streams_of
from kvitto.sources.google.fault import Fault
from kvitto.sources.google.service import Denied, GoogleService, Unfit
from kvitto.sources.stream import Account, Notice, Opening, Page, Record, Stream, Wanted

_ALL = {
    "DEVELOPER_TOKEN_NOT_APPROVED": (
        "the developer token is only approved for test accounts",
        "Apply for basic access in the manager account: Admin > API Center.",
    ),
    "DEVELOPER_TOKEN_PROHIBITED": (
        "the developer token belongs to another Google Cloud project",
        "Use the sign-in of the project for which the token was first used.",
    ),
    "DEVELOPER_TOKEN_INVALID": (
        "the developer token is not valid",
        "Copy it again from the manager account: Admin > API Center.",
    ),
    "NOT_ADS_USER": (
        "the signed-in address has no Google Ads account",
        "Invite it to the account, or sign in with another address.",
    ),
    "OAUTH_TOKEN_REVOKED": ("the permission was taken back", "Sign in again."),
    "ORGANIZATION_NOT_ASSOCIATED_WITH_DEVELOPER_TOKEN": (
        "the developer token is not for this organisation",
        "Use a token of the same organisation.",
    ),
}
"""Refusals that hold for every account."""

_ONE = {
    "USER_PERMISSION_DENIED": (
        "the sign-in may not see this account",
        "Give it access, or name the manager above the account as login_customer_id.",
    ),
    "CUSTOMER_NOT_ENABLED": (
        "the account is closed or not yet set up",
        "Take it out of customers, or set it up.",
    ),
}
"""Refusals of one account."""


class GoogleAds:
    """The accounts of one sign-in. Follows :class:`kvitto.sources.stream.Api`."""

    def __init__(self, opening: Opening) -> None:
        assert isinstance(opening.settings, GoogleAdsSettings)
        self._settings = opening.settings
        self._opening = opening
        self._reached: tuple[Customer, ...] | None = None
        self._refused: dict[str, Denied | Unfit] = {}
        self._service = GoogleService(
            opening,
            opening.settings,
            opening.settings.endpoint,
            scope=SCOPE,
            where="Google Ads",
            advice="Give that address access to the account in Admin > Access and security.",
            headers={"developer-token": opening.secret("developer_token")},
        )

    def account(self) -> Account:
        """The accounts that are reached; those that are not, with the reason."""
        reached = [customer for customer in self._customers() if customer.readable]
        zones = {customer.timezone for customer in reached}
        currencies = {customer.currency for customer in reached}
        named = ", ".join(f"{one.name or 'account'} ({one.id})" for one in reached[:5])
        more = f" and {len(reached) - 5} more" if len(reached) > 5 else ""
        return Account(
            f"Google Ads: {named or 'no account with figures'}{more}",
            timezone=zones.pop() if len(zones) == 1 else None,
            currency=currencies.pop() if len(currencies) == 1 else None,
            reads=tuple(stream.name for stream in self.streams()),
            refused={
                f"account {name}": error.problems[0].found for name, error in self._refused.items()
            },
        )

    def streams(self) -> Sequence[Stream]:
        """The streams that the settings ask for."""
        return streams_of(self._settings)

    def pages(self, stream: Stream, wanted: Wanted) -> Iterator[Page]:
        """The records of each account. One that refuses does not keep the others unread."""
        customers = self._customers()
        for name, error in self._refused.items():
            self._refusal(stream.name, error, ROOT, name)
        if stream.name == "customers":
            yield tuple(customer.record() for customer in customers)
            return
        fields = (*(name for name in stream.fields if name != ROOT), *wanted.fields)
        query = question(RESOURCES[stream.name], fields, wanted.first, wanted.last)
        refused: list[Denied | Unfit] = []
        read = 0
        for customer in customers:
            if not customer.readable:
                self._closed(stream.name, customer)
                continue
            try:
                for page in self._search(customer.id, customer.login, query, fields):
                    yield tuple({**record, ROOT: customer.root} for record in page)
                read += 1
            except (Denied, Unfit) as error:
                if not _of_one_account(error):
                    raise
                refused.append(error)
                self._refusal(stream.name, error, CUSTOMER, customer.id)
        if refused and not read:
            raise refused[0]

    def ids(self, stream: Stream) -> Iterator[Sequence[tuple[str, ...]]]:
        """Nothing: days and lists are read again whole."""
        yield from ()

    def close(self) -> None:
        """Let the connections go."""
        self._service.close()

    def _customers(self) -> tuple[Customer, ...]:
        """All accounts, asked once per run."""
        if self._reached is None:
            try:
                roots = self._settings.customers or self._accessible()
            except (Denied, Unfit) as error:
                raise _worded(error) from error
            found = tuple(customers_below(roots, self._settings.login_customer_id, self._below))
            if not found and self._refused:
                raise next(iter(self._refused.values()))
            self._reached = found
        return self._reached

    def _accessible(self) -> tuple[str, ...]:
        answer = self._service.get(f"/{self._settings.version}/customers:listAccessibleCustomers")
        names = answer.get("resourceNames") or () if isinstance(answer, Mapping) else ()
        return tuple(str(name).removeprefix("customers/") for name in names)

    def _below(self, root: str, login: str) -> Iterator[Record]:
        query = question("customer_client", CLIENT_FIELDS)
        try:
            for page in self._search(root, login, query, CLIENT_FIELDS):
                yield from page
        except (Denied, Unfit) as error:
            if not _of_one_account(error):
                raise
            self._refused[root] = error

    def _search(
        self, customer: str, login: str, query: str, fields: Sequence[str]
    ) -> Iterator[Page]:
        from kvitto.sources.http import never_ending

        return never_ending(self._asked(customer, login, query, fields), "Google Ads")

    def _asked(
        self, customer: str, login: str, query: str, fields: Sequence[str]
    ) -> Iterator[tuple[str | None, Page]]:
        path = f"/{self._settings.version}/customers/{customer}/googleAds:search"
        token: str | None = None
        while True:
            body = {"query": query} if token is None else {"query": query, "pageToken": token}
            try:
                answer = self._service.post(path, body, {"login-customer-id": login})
            except (Denied, Unfit) as error:
                raise _worded(error) from error
            found = answer if isinstance(answer, Mapping) else {}
            token = str(found["nextPageToken"]) if found.get("nextPageToken") else None
            yield token, tuple(flat(row, fields) for row in found.get("results") or ())
            if token is None:
                return

    def _refusal(self, stream: str, error: BadSource, field: str, customer: str) -> None:
        problem = error.problems[0]
        self._opening.notice(
            Notice(
                stream,
                "part_refused",
                f"the account {customer} could not be read: {problem.found}",
                problem.todo,
                severity="error",
                unread={field: customer},
            )
        )

    def _closed(self, stream: str, customer: Customer) -> None:
        """Nothing is read of an account that is closed, but what was read of it stays."""
        if customer.manager:
            return
        self._opening.notice(
            Notice(
                stream,
                "part_closed",
                f"the account {customer.name} ({customer.id}) is {customer.status.lower()}; "
                "what was read of it stays as it was",
                "Nothing, if that is meant; else look at the account.",
                severity="notice",
                unread={CUSTOMER: customer.id},
            )
        )


def _known(fault: Fault, table: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    return next((said for reason, said in table.items() if fault.says(reason)), None)


def _of_one_account(error: Denied | Unfit) -> bool:
    """Whether the refusal is about one account, so that the others may still be read."""
    if error.fault.http in (401, 400):
        return _known(error.fault, _ONE) is not None
    if error.fault.says("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "SERVICE_DISABLED"):
        return False
    return _known(error.fault, _ALL) is None


def _worded(error: Denied | Unfit) -> Denied | Unfit:
    """The same failure in the words for it, where there are better ones."""
    words = _known(error.fault, {**_ALL, **_ONE})
    if words is None:
        return error
    kind: type[Denied] = Denied
    made = kind.of(error.problems[0].asked, *words)
    assert isinstance(made, Denied)
    made.fault = error.fault
    return made
