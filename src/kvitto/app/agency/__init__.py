"""The demo agency: five clients, three years, written as the exports of the tools they use.

:func:`generate` writes a whole workspace with its data, and beside it
``truth.json``: what the figures really are and which faults were planted.
``docs/demo-agency.md`` describes both.
"""

from kvitto.app.agency.generation import FIRST, SEED, UNTIL, generate
from kvitto.app.agency.truth import AgencyTruth, ClientTruth, Fault

__all__ = ["FIRST", "SEED", "UNTIL", "AgencyTruth", "ClientTruth", "Fault", "generate"]
