"""The few words that the outputs need beyond the edition's own labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Words of one language.

    ``actions`` are the audit's decisions, ``kinds`` those kinds of source that
    are not the proper name of a product.
    """

    summary: str
    figures: str
    data: str
    place: str
    unit: str
    status: str
    final: str
    rows: str
    open_report: str
    synced: str
    complete_to: str
    not_final: str
    replaced: str
    vouched: str
    unresolved: str
    corrects: str
    said: str
    now: str
    because: str
    records: str
    minutes: str
    dashed: str
    more: str
    goal: str
    against: Mapping[str, str]
    kinds: Mapping[str, str]
    actions: Mapping[str, str]


_ENGLISH = Words(
    summary="Summary",
    figures="All figures",
    data="Data",
    place="Where",
    unit="Unit",
    status="Status",
    final="final",
    rows="rows",
    open_report="Open the full report",
    synced="synced",
    complete_to="complete to",
    not_final="not final yet",
    replaced="Some characters could not be printed and stand as \u25a1; the web page shows them.",
    vouched="Vouched for",
    unresolved="does not resolve to a measured value",
    corrects="This edition corrects",
    said="We said",
    now="It is now",
    because="Because",
    records="Records",
    minutes="min",
    dashed="Dashed or hollow: provisional",
    more="More in the full report",
    goal="Goal",
    against={"previous": "the period before", "last_year": "the same period last year"},
    kinds={},
    actions={
        "excluded": "left out",
        "defaulted": "filled with a default",
        "merged": "merged",
        "set_aside": "set aside for review",
        "review": "waiting for a decision",
        "unknown_value": "without a value",
        "source_priority": "left to another source",
        "gap": "days without data",
    },
)

_SWEDISH = Words(
    summary="Sammanfattning",
    figures="Alla siffror",
    data="Data",
    place="Var",
    unit="Enhet",
    status="Status",
    final="slutgiltig",
    rows="rader",
    open_report="Öppna hela rapporten",
    synced="hämtad",
    complete_to="komplett till",
    not_final="ännu inte slutgiltig",
    replaced="Några tecken kunde inte tryckas här och står som \u25a1; webbsidan visar dem.",
    vouched="Intygat",
    unresolved="motsvarar inget uppmätt värde",
    corrects="Den här utgåvan rättar",
    said="Vi skrev",
    now="Det är nu",
    because="Därför att",
    records="Poster",
    minutes="min",
    dashed="Streckat eller ofyllt: preliminärt",
    more="Mer i hela rapporten",
    goal="Mål",
    against={"previous": "perioden före", "last_year": "samma period förra året"},
    kinds={"file": "fil", "calendar": "kalender"},
    actions={
        "excluded": "utelämnat",
        "defaulted": "ifyllt med standardvärde",
        "merged": "sammanslaget",
        "set_aside": "lagt åt sidan för granskning",
        "review": "väntar på beslut",
        "unknown_value": "utan värde",
        "source_priority": "överlåtet till en annan källa",
        "gap": "dagar utan data",
    },
)

_BY_LANGUAGE = {"en": _ENGLISH, "sv": _SWEDISH}


def words_of(language: str) -> Words:
    """The words of a language; English where there are none yet."""
    return _BY_LANGUAGE.get(language, _ENGLISH)
