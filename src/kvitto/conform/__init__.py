"""Staged tables to canonical tables."""

from kvitto.conform.mapping import understand
from kvitto.conform.question import unanswered
from kvitto.conform.run import conform
from kvitto.conform.tenancy import nobodys, share
from kvitto.conform.understanding import (
    ConformReport,
    FileUnderstanding,
    Fill,
    Understanding,
    Unknown,
)

__all__ = [
    "ConformReport",
    "FileUnderstanding",
    "Fill",
    "Understanding",
    "Unknown",
    "conform",
    "nobodys",
    "share",
    "unanswered",
    "understand",
]
