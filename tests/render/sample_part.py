"""The sections of the sample edition."""

from __future__ import annotations

from kvitto.model.block import (
    ActionsBlock,
    ActionShown,
    CellShown,
    Change,
    Column,
    Definition,
    DefinitionsBlock,
    GoalShown,
    Mark,
    MeetingBlock,
    NoticeBlock,
    Restatement,
    RestatementsBlock,
    Sentence,
    ShownFigure,
    TableBlock,
    TextBlock,
    Tile,
    TilesBlock,
    TrendPoint,
    WorkBlock,
    WorkItem,
)
from kvitto.model.edition import Section
from kvitto.model.locale import Formatter
from tests.render.sample_maker import METRICS, NAMES, Maker


def _tile(
    make: Maker,
    metric: str,
    number: float | None,
    relative: float | None,
    goal: float | None,
    *,
    status: str = "final",
) -> Tile:
    figure = make.figure(metric, number, "tile", status=status)
    changes = []
    if relative is not None and number is not None:
        before = make.figure(metric, number / (1 + relative), "before")
        sign = "+" if relative > 0 else "\u2212"
        percent = Formatter.of(make.language).share(abs(relative))
        good = (relative > 0) is (metric != "sales_cycle_length_median")
        changes.append(
            Change(
                against="previous",
                figure=before,
                display=make.say(
                    f"{sign}{percent} against November", f"{sign}{percent} mot november"
                ),
                number=number - (before.number or 0),
                relative=relative,
                arrow=("up" if relative > 0 else "down") if abs(relative) > 0.03 else None,
                good=good if abs(relative) > 0.03 else None,
            )
        )
    shown_goal = None
    if goal is not None:
        target = make.figure(metric, goal, "goal")
        reached = None if number is None else number / goal
        shown_goal = GoalShown(
            target=target,
            reached=reached,
            standing="unknown" if reached is None else "on_track" if reached > 0.9 else "behind",
            display=make.say(f"Goal {target.display}", f"Mål {target.display}"),
            objective=make.say("Grow new business", "Fler nya affärer"),
        )
    trend = tuple(
        TrendPoint(
            label=f"2017-{month:02d}",
            start=f"2017-{month:02d}-01",
            number=None
            if month == 5 or number is None
            else number * (0.7 + 0.03 * month + 0.08 * (month % 3)),
            display="x",
            provisional=month == 12 and status != "final",
        )
        for month in range(1, 13)
    )
    return Tile(figure=figure, changes=tuple(changes), goal=shown_goal, trend=trend)


def summary_section(make: Maker) -> Section:
    won = make.figure("bookings_amount", 1131573.0, "tile")
    text = make.say(
        f"We won {won.display} in December, up 18.2% against November. ",
        f"Vi vann {won.display} i december, upp 18,2 % mot november. ",
    )
    start = text.index(won.display)
    number = Mark(
        start=start, end=start + len(won.display), what="number", state="bound", receipt=won.receipt
    )
    more = make.say(
        "Of the change, the West region stands for the greater part; the rest is spread evenly. "
        "The median sales cycle is longer than in November, which coincides with "
        "the deals from spring that were closed. ",
        "Av förändringen står region Väst för den större delen; resten är jämnt fördelad. "
        "Säljcykeln är längre än i november, vilket sammanfaller med "
        "att affärer från i våras stängdes. ",
    )
    typed = make.say("We made about 40 calls.", "Vi ringde ungefär 40 samtal.")
    vouched = Mark(
        start=8, end=typed.index("4") + 2, what="number", state="vouched", by="Elin Sandberg"
    )
    return Section(
        id="summary",
        title=make.say("In short", "I korthet"),
        blocks=(
            TilesBlock(
                id="summary/tiles",
                tiles=(
                    _tile(make, "bookings_amount", 1131573.0, 0.182, 1000000.0),
                    _tile(make, "deals_won", 412, -0.021, 450),
                    _tile(make, "close_rate", 0.6315, 0.041, 0.65, status="provisional"),
                    _tile(make, "average_deal_size", None, None, 2300.0),
                    _tile(make, "sales_cycle_length_median", 57.0, 0.12, 60.0),
                ),
            ),
            TextBlock(
                id="summary/text",
                sentences=(
                    Sentence(text=text.strip(), marks=(number,)),
                    Sentence(text=more.strip()),
                    Sentence(text=typed, marks=(vouched,)),
                ),
            ),
            NoticeBlock(
                id="summary/notice",
                title=make.say("About the data", "Om datan"),
                tone="caution",
                lines=(
                    make.say(
                        "2 deals without an amount were left out.",
                        "2 affärer utan belopp lämnades utanför.",
                    ),
                    make.say(
                        "The close rate is provisional until 10 January.",
                        "Avslutsgraden är preliminär till den 10 januari.",
                    ),
                ),
            ),
        ),
    )


def results_section(make: Maker) -> Section:
    columns = (
        Column(key="owner", label=make.label("deals_won") + make.say(" by", " per")),
        Column(key="first", label=make.say("First won", "Första vunna"), kind="date"),
        *(Column(key=metric, label=make.label(metric), kind="figure") for metric in METRICS),
    )
    rows = tuple(_row(make, index) for index in range(60))
    total = (
        CellShown(text=make.say("Total", "Summa")),
        CellShown(text=""),
        *(
            _cell(make.figure(metric, value, "total"))
            for metric, value in zip(METRICS, (1131573.0, 412, 0.6315, 2746.5, 57.0), strict=True)
        ),
    )
    return Section(
        id="results",
        title=make.say("Results", "Resultat"),
        blocks=(
            TableBlock(
                id="results/table",
                title=make.say("Each salesperson's December", "Varje säljares december"),
                columns=columns,
                rows=rows,
                total=total,
                note=make.say("Sorted by won value.", "Sorterad efter vunnet värde."),
            ),
            TableBlock(
                id="results/empty",
                title=make.say("Deals lost to competitors", "Affärer som gick till konkurrenter"),
                columns=columns[:3],
                rows=(),
                empty=make.say(
                    "No deal was lost to a named competitor.",
                    "Ingen affär gick till en namngiven konkurrent.",
                ),
            ),
        ),
    )


def _cell(figure: ShownFigure, arrow: str | None = None) -> CellShown:
    good = None if arrow is None else arrow == "up"
    return CellShown.model_validate(
        {"text": figure.display, "figure": figure, "arrow": arrow, "good": good}
    )


def _row(make: Maker, index: int) -> tuple[CellShown, ...]:
    name = NAMES[index % len(NAMES)] + (f" {index}" if index >= len(NAMES) else "")
    missing = index % 7 == 3
    values = (
        98000.5 - index * 1313,
        31 - index // 2,
        0.71 - index / 200,
        3100.0 - index * 20,
        40.0 + index,
    )
    cells = [
        _cell(
            make.figure(
                metric,
                None if missing and metric != "deals_won" else value,
                f"row{index}",
                status="provisional" if index % 11 == 5 else "final",
            ),
            ("up", "down", None)[index % 3] if metric == "bookings_amount" else None,
        )
        for metric, value in zip(METRICS, values, strict=True)
    ]
    return (CellShown(text=name), CellShown(text=f"2017-12-{index % 28 + 1:02d}"), *cells)


def work_section(make: Maker) -> Section:
    return Section(
        id="work",
        title=make.say("What we did", "Vad vi gjorde"),
        blocks=(
            WorkBlock(
                id="work/done",
                title=make.say("Done in December", "Gjort i december"),
                items=(
                    WorkItem(
                        title="Win/loss interviews with twelve buyers",
                        kind="Research",
                        who="Elin Sandberg",
                        done="2017-12-08",
                        status="done",
                        link="https://docs.brightlane.example/northgate/win-loss-q4",
                    ),
                    WorkItem(
                        title="Cleaned product names in the CRM mapping",
                        kind="Data",
                        who="Jonas Lind",
                        done="2017-12-19",
                        hours="6 h",
                        status="done",
                    ),
                    WorkItem(
                        title="Draft plan for reviving deals open since spring",
                        kind="Planning",
                        who="Elin Sandberg",
                        hours="9 h",
                        status="doing",
                        note="unfinished; the draft is shared in our folder",
                    ),
                ),
            ),
            WorkBlock(
                id="work/plan",
                title=make.say("Planned", "Planerat"),
                items=(),
                empty=make.say("Nothing is planned yet.", "Inget är planerat ännu."),
            ),
        ),
    )


def next_section(make: Maker) -> Section:
    return Section(
        id="next",
        title=make.say("Next steps", "Nästa steg"),
        blocks=(
            ActionsBlock(
                id="next/actions",
                title=make.say("Who does what", "Vem gör vad"),
                us_label=make.say("We", "Vi"),
                client_label=make.say("You", "Ni"),
                items=(
                    ActionShown(
                        title="Name one person per region who decides on stalled deals",
                        who="Dana Whitfield",
                        side="client",
                        due="2018-01-12",
                        need="a name and an e-mail address per region",
                    ),
                    ActionShown(
                        title="Allow us to read the amount field of open deals",
                        who="Marcus Oyelaran",
                        side="client",
                        due="2018-01-15",
                        need="read access in the CRM",
                    ),
                    ActionShown(
                        title="Send the list of stalled deals per manager",
                        who="Elin Sandberg",
                        side="us",
                        due="2018-01-10",
                    ),
                ),
            ),
            MeetingBlock(
                id="next/meeting",
                title=make.say("Our call", "Vårt samtal"),
                when=make.say("16 January 2018, 15:00", "16 januari 2018 15:00"),
                minutes=30,
                where="Video call",
                agenda=("Results of December", "Your two actions"),
            ),
        ),
    )


def appendix_section(make: Maker) -> Section:
    return Section(
        id="appendix",
        title=make.say("How we count", "Så räknar vi"),
        appendix=True,
        blocks=(
            DefinitionsBlock(
                id="appendix/definitions",
                title=make.say("Definitions", "Definitioner"),
                items=tuple(
                    Definition(
                        metric=metric,
                        name=make.label(metric),
                        version=1,
                        text="Sum of the amounts of deals won, on the day they were closed.",
                    )
                    for metric in METRICS
                ),
            ),
            RestatementsBlock(
                id="appendix/restated",
                title=make.say("Changed since the last edition", "Ändrat sedan förra utgåvan"),
                items=(
                    Restatement(
                        metric="deals_won",
                        label=make.label("deals_won"),
                        edition="northgate/R13/2017-11/1",
                        said=make.figure("deals_won", 312, "said"),
                        now=make.figure("deals_won", 298, "now"),
                        difference="\u221214",
                        because=make.say("14 deals were cancelled", "14 affärer makulerades"),
                        records=("crm:deals:1188",),
                    ),
                ),
            ),
        ),
    )
