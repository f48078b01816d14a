"""What is kept about the data itself: its state day by day, issues, fields, systems, checks."""

from kvitto.audit.register.given import Checked, Given, Use
from kvitto.audit.register.registering import register

__all__ = ["Checked", "Given", "Use", "register"]
