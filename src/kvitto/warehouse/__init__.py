"""Tables and SQL to rows; versions are published atomically."""

from kvitto.warehouse.building import Building
from kvitto.warehouse.reader import Reader
from kvitto.warehouse.version import SourceState, Version
from kvitto.warehouse.warehouse import Warehouse

__all__ = ["Building", "Reader", "SourceState", "Version", "Warehouse"]
