"""What was fetched, kept between runs: a snapshot per stream, and the state that points to it."""

from kvitto.sources.landing.landing import COLUMNS, Landing, open_landing
from kvitto.sources.landing.state import LandingState, Part, StreamState

__all__ = ["COLUMNS", "Landing", "LandingState", "Part", "StreamState", "open_landing"]
