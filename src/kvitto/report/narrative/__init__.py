"""Sentences that say what statements claim, and the check that no text says more."""

from kvitto.report.narrative.binding import Bound, bind
from kvitto.report.narrative.catalogue import missing_words
from kvitto.report.narrative.check import Checker, check_text, checker_of, unresolved
from kvitto.report.narrative.fact import Fact, facts_of
from kvitto.report.narrative.name import Names
from kvitto.report.narrative.telling import say
from kvitto.report.narrative.vocabulary import Vocabulary
from kvitto.report.narrative.voice import VoiceProblem, voice_problems

__all__ = [
    "Bound",
    "Checker",
    "Fact",
    "Names",
    "Vocabulary",
    "VoiceProblem",
    "bind",
    "check_text",
    "checker_of",
    "facts_of",
    "missing_words",
    "say",
    "unresolved",
    "voice_problems",
]
