"""Fetching streams of records: the same way for every connector over an interface."""

from kvitto.sources.pull.declare import api_connector
from kvitto.sources.pull.pull import Pulled, pull

__all__ = ["Pulled", "api_connector", "pull"]
