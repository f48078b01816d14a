"""Every shape of chart, for the sample edition."""

from __future__ import annotations

from kvitto.model.block import ChartBlock, Series
from kvitto.model.edition import Section
from tests.render.sample_maker import NAMES, Maker


def _series(make: Maker, name: str, metric: str, numbers: list[float | None]) -> Series:
    last = len(numbers) - 1
    return Series(
        name=name,
        values=tuple(
            make.figure(
                metric,
                number,
                f"{name}{index}",
                status="provisional" if index == last and metric == "close_rate" else "final",
            )
            for index, number in enumerate(numbers)
        ),
    )


def _chart(
    make: Maker,
    shape: str,
    title: str,
    categories: tuple[str, ...],
    series: tuple[Series, ...],
    **more: object,
) -> ChartBlock:
    figure = series[0].values[0]
    return ChartBlock.model_validate(
        {
            "id": f"charts/{shape}{more.pop('mark', '')}",
            "title": title,
            "chart": shape,
            "category_label": make.say("Category", "Kategori"),
            "value_label": make.label(figure.metric),
            "categories": categories,
            "series": series,
            "unit": figure.unit,
            "currency": figure.currency,
            "alt": make.say(f"{title}: the highest is first.", f"{title}: den högsta är först."),
            **more,
        }
    )


MONTHS = {
    "en": tuple(
        f"{m} 2017"
        for m in [
            "Jan",
            "Feb",
            "Mar",
            "Apr",
            "May",
            "Jun",
            "Jul",
            "Aug",
            "Sep",
            "Oct",
            "Nov",
            "Dec",
        ]
    ),
    "sv": tuple(
        f"{m} 2017"
        for m in [
            "jan",
            "feb",
            "mars",
            "apr",
            "maj",
            "juni",
            "juli",
            "aug",
            "sep",
            "okt",
            "nov",
            "dec",
        ]
    ),
}
REGIONS = (
    "West",
    "Central",
    "East",
    "A very long region name that goes on, northern parts of the inner archipelago included",
)


def charts_section(make: Maker) -> Section:
    months = MONTHS[make.language]
    money: list[float | None] = [
        720e3,
        810e3,
        None,
        690e3,
        905e3,
        880e3,
        960e3,
        1002e3,
        None,
        940e3,
        957e3,
        1131e3,
    ]
    rates: list[float | None] = [
        0.58,
        0.6,
        0.61,
        0.59,
        None,
        None,
        0.62,
        0.6,
        0.63,
        0.61,
        0.607,
        0.6315,
    ]
    west: list[float | None] = [n and n * 0.4 for n in money]
    east: list[float | None] = [n and n * 0.35 for n in money]
    target = make.figure("bookings_amount", 1000e3, "goal", label=make.say("Goal", "Mål"))
    blocks = (
        _chart(
            make,
            "line",
            make.say("Won value by month", "Vunnet värde per månad"),
            months,
            (_series(make, make.label("bookings_amount"), "bookings_amount", money),),
            target=target,
        ),
        _chart(
            make,
            "line",
            make.say("Close rate by region", "Avslutsgrad per region"),
            months,
            (
                _series(make, "West", "close_rate", rates),
                _series(make, "Central", "close_rate", [r and r - 0.02 for r in rates]),
                _series(make, "East", "close_rate", [r and r - 0.025 for r in rates]),
            ),
            mark="2",
        ),
        _chart(
            make,
            "column",
            make.say("Deals won by quarter", "Vunna affärer per kvartal"),
            ("Q1 2017", "Q2 2017", "Q3 2017", "Q4 2017"),
            (_series(make, make.label("deals_won"), "deals_won", [531, 1254, None, 1199]),),
        ),
        _chart(
            make,
            "stacked",
            make.say("Won value by region", "Vunnet värde per region"),
            months,
            (
                _series(make, "West", "bookings_amount", west),
                _series(make, "East", "bookings_amount", east),
            ),
        ),
        _chart(
            make,
            "waterfall",
            make.say("From November to December", "Från november till december"),
            ("November", *REGIONS, "December"),
            (
                _series(
                    make,
                    make.label("bookings_amount"),
                    "bookings_amount",
                    [957e3, 190e3, -42.5e3, 30e3, -3e3, 1131.5e3],
                ),
            ),
            roles=("total", "change", "change", "change", "change", "total"),
            note=make.say("The parts add up exactly.", "Delarna summerar exakt."),
        ),
        _chart(
            make,
            "bar",
            make.say("Won value by salesperson", "Vunnet värde per säljare"),
            NAMES,
            (
                _series(
                    make,
                    make.label("bookings_amount"),
                    "bookings_amount",
                    [98e3, 91e3, 80e3, None, 62e3, 50e3, 48e3, 31e3, 20e3, -4e3],
                ),
            ),
        ),
        _chart(
            make,
            "funnel",
            make.say("Deals by stage", "Affärer per steg"),
            (
                make.say("Prospecting", "Kontakt"),
                make.say("Engaging", "Dialog"),
                make.say("Won", "Vunnen"),
            ),
            (_series(make, make.label("deals_won"), "deals_won", [880, 655, 412]),),
        ),
        _chart(
            make,
            "bar",
            make.say("Reasons for losing", "Skäl till förlust"),
            ("Price", "Time"),
            (_series(make, make.label("deals_won"), "deals_won", [None, None]),),
            mark="3",
        ),
    )
    return Section(id="charts", title=make.say("Why", "Varför"), blocks=blocks)
