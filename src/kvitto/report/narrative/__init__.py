"""Sentences that say what statements claim, and the check that no text says more."""

from kvitto.report.narrative.binding import Bound, bind
from kvitto.report.narrative.catalogue import missing_words
from kvitto.report.narrative.check import check_text
from kvitto.report.narrative.fact import Fact, facts_of
from kvitto.report.narrative.name import Names
from kvitto.report.narrative.telling import say
from kvitto.report.narrative.vocabulary import Vocabulary
from kvitto.report.narrative.voice import VoiceProblem, voice_problems

__all__ = [
    "Bound",
    "Fact",
    "Names",
    "Vocabulary",
    "VoiceProblem",
    "bind",
    "check_text",
    "facts_of",
    "missing_words",
    "say",
    "voice_problems",
]
