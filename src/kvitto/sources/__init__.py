"""The world to staged tables."""

from kvitto.sources.connector import (
    CONNECTORS,
    Connector,
    Reading,
    check_source,
    fingerprint,
    read_source,
)
from kvitto.sources.format import ColumnFormat
from kvitto.sources.staged import Decision, Question, Staged, StagedColumn, StagedTable

__all__ = [
    "CONNECTORS",
    "ColumnFormat",
    "Connector",
    "Decision",
    "Question",
    "Reading",
    "Staged",
    "StagedColumn",
    "StagedTable",
    "check_source",
    "fingerprint",
    "read_source",
]
