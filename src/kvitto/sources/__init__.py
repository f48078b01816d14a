"""The world to staged tables."""

from kvitto.sources.connector import CONNECTORS, Reading, read_source
from kvitto.sources.format import ColumnFormat
from kvitto.sources.staged import Decision, Question, Staged, StagedColumn, StagedTable

__all__ = [
    "CONNECTORS",
    "ColumnFormat",
    "Decision",
    "Question",
    "Reading",
    "Staged",
    "StagedColumn",
    "StagedTable",
    "read_source",
]
