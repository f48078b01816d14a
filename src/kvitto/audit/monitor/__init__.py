"""What arrives, watched day by day: too little, too much, gaps, zeros, repeats, new names."""

from kvitto.audit.monitor.arrival import Arrival, arrival_of
from kvitto.audit.monitor.monitoring import watch

__all__ = ["Arrival", "arrival_of", "watch"]
