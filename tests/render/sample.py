"""A rich edition made by hand: what an R13 looks like, in English and Swedish.

Long names, missing figures, a table of sixty rows, every shape of chart.
"""

from __future__ import annotations

from kvitto.model.edition import Edition, Labels, Vouch
from tests.render.sample_chart import charts_section
from tests.render.sample_maker import BRAND, METRICS, WORDS, Maker
from tests.render.sample_part import (
    appendix_section,
    next_section,
    results_section,
    summary_section,
    work_section,
)

__all__ = ["BRAND", "make_edition"]


def make_edition(language: str = "en") -> Edition:
    """The whole edition; the same every time."""
    make = Maker(language, "USD" if language == "en" else "SEK")
    sections = (
        summary_section(make),
        results_section(make),
        charts_section(make),
        work_section(make),
        next_section(make),
        appendix_section(make),
    )
    return Edition(
        id="northgate/R13/2017-12/1",
        client="northgate",
        client_name="Northgate Hardware",
        report="R13",
        report_version=1,
        title=make.say("Monthly report", "Månadsrapport"),
        subtitle=make.say(
            "What we did, what it gave, what comes next",
            "Vad vi gjorde, vad det gav, vad som kommer",
        ),
        period="2017-12",
        first_day="2017-12-01",
        last_day="2017-12-31",
        period_text=make.say("December 2017", "december 2017"),
        language=language,
        currency=make.currency,
        timezone="America/Chicago",
        brand="northgate",
        agency="Bright Lane Agency",
        manager="Elin Sandberg",
        data_as_of="2018-01-03T06:00:00Z",
        data_as_of_text=make.say("3 January 2018, 06:00", "3 januari 2018 06:00"),
        warehouse="v0003-1a2b3c4d",
        agreed=tuple(METRICS),
        labels=Labels(**WORDS[language]),
        sections=sections,
        receipts=make.receipts,
        vouches=(
            Vouch(
                text_id="summary/text",
                phrase="about 40 calls",
                by="Elin Sandberg",
                at="2018-01-05T09:00:00Z",
                reason="counted by hand",
            ),
        ),
    )
