"""A connector over an interface, out of its declaration."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kvitto.sources.connector import Connector, Reading, SecretField, Settings
from kvitto.sources.oauth import OAuthProvider
from kvitto.sources.staged import Staged
from kvitto.sources.stream import Account, Api, Opening, Stream


def api_connector(
    *,
    kind: str,
    title: str,
    reads: str,
    settings: type[Settings],
    secrets: Sequence[SecretField],
    streams: Sequence[Stream],
    open: Callable[[Opening], Api],  # noqa: A002 - the word for what it does
    settles: str,
    limits: str,
    tested: str,
    extra: str | None = None,
    oauth: OAuthProvider | None = None,
) -> Connector:
    """The connector whose streams are fetched by :func:`kvitto.sources.pull.pull`.

    ``open`` gives the connection; it imports what it needs when it is called.
    """

    def read(reading: Reading) -> Staged:
        from kvitto.sources.pull.opening import opening_of
        from kvitto.sources.pull.pull import pull

        return pull(reading, opening_of(reading, settings, secrets), open)

    def check(reading: Reading) -> Account:
        from kvitto.sources.pull.opening import opening_of

        api = open(opening_of(reading, settings, secrets))
        try:
            return api.account()
        finally:
            api.close()

    return Connector(
        kind=kind,
        title=title,
        reads=reads,
        settings=settings,
        read=read,
        check=check,
        secrets=tuple(secrets),
        streams=tuple(streams),
        settles=settles,
        limits=limits,
        tested=tested,
        extra=extra,
        oauth=oauth,
    )
