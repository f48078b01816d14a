"""Google Sheets: the sheets of one spreadsheet, read like files."""

from __future__ import annotations

from kvitto.sources.connector import Connector, Reading
from kvitto.sources.connectors.google_sheets.settings import SCOPE, SheetsSettings
from kvitto.sources.google.settings import SIGN_IN, oauth_for
from kvitto.sources.staged import Staged
from kvitto.sources.stream import Account


def _read(reading: Reading) -> Staged:
    from kvitto.sources.connectors.google_sheets.read import read_sheets

    return read_sheets(reading)


def _check(reading: Reading) -> Account:
    from kvitto.sources.connectors.google_sheets.read import check_sheets

    return check_sheets(reading)


def _fingerprint(reading: Reading) -> str:
    from kvitto.sources.connectors.google_sheets.read import fingerprint

    return fingerprint(reading)


CONNECTOR = Connector(
    kind="google_sheets",
    title="Google Sheets",
    reads="The sheets of a spreadsheet, like files: headers found, types from whole columns.",
    settings=SheetsSettings,
    read=_read,
    check=_check,
    secrets=SIGN_IN,
    settles="As the definition says (settles_days); at once where it says nothing.",
    limits="300 reads a minute per project and 60 per person; a spreadsheet holds 10 million"
    " cells.",
    tested="A stateful stand-in over loopback, read as well by Google's own client out of its"
    " published discovery document.",
    extra="google",
    oauth=oauth_for(SCOPE),
    fingerprint=_fingerprint,
)
