"""Järvilinna: software for cabin rentals in Finland, sold abroad too; still at Juhannus."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from kvitto.app.agency.client import Client
from kvitto.app.agency.layout import Feed
from kvitto.app.agency.layouts import analytics, board, desk, google_ads, hubspot, rates, survey
from kvitto.app.agency.plan import Plan
from kvitto.app.agency.profile import (
    Campaign,
    Channel,
    Foreign,
    Names,
    Product,
    Profile,
    Staff,
    Voice,
    pairs,
    words,
)
from kvitto.app.agency.season import Rhythm
from kvitto.app.agency.sheet import Form
from kvitto.app.agency.team import AINO, ELIN

_NAMES = Names(
    given=words(
        "Aino|Väinö|Eero|Päivi|Jyrki|Äijö|Kaisa|Mikko|Sanna|Tuomas|Riitta|Antti|Outi|Pekka|"
        "Leena|Juhani|Hanna|Matti|Tiina|Jari|Marjatta|Ilkka|Satu|Kalle|Elina|Timo|Anneli|Otso"
    ),
    family=words(
        "Virtanen|Mäkinen|Nieminen|Hämäläinen|Järvinen|Lehtonen|Saarinen|Salminen|Heikkilä|"
        "Kärkkäinen|Jääskeläinen|Rantanen|Väisänen|Mäkelä|Pöyry|Hyvärinen|Ojala|Lähteenmäki|"
        "Kivistö|Räsänen|Laitinen|Ylönen|Tuominen|Keränen|Aaltonen|Pöllänen|Niskanen|Karjalainen"
    ),
    trades=pairs(
        "Mökit: hospitality|Matkailu: tourism|Loma: tourism|Eräpalvelut: tourism|"
        "Kiinteistöt: real estate|Majatalo: hospitality|Safarit: tourism|Leirintä: hospitality|"
        "Saunat: hospitality|Kartano: hospitality"
    ),
    cities=words(
        "Jyväskylä|Rovaniemi|Kuopio|Hämeenlinna|Inari|Oulu|Levi|Savonlinna|Porvoo|Kuusamo|Kajaani"
    ),
    patterns=words(
        "{trade} {family} Oy|{city}n {trade} {family} Oy|{city}n {family} {trade} Ky|"
        "{family} {trade} {city} Tmi"
    ),
    titles=words("Toimitusjohtaja|Yrittäjä|Myyntipäällikkö|Markkinointipäällikkö|Emäntä"),
    phone="+358 40 ### ####",
    variants=((" Oy", " Osakeyhtiö"), (" Ky", " Kommandiittiyhtiö"), (" Tmi", " toiminimi")),
)
_VOICE = Voice(
    subjects=pairs(
        "Kalenteri ei synkronoidu: incident|Laskun osoite väärin: complaint|"
        "Miten lisään mökin: question|Salasanan vaihto: request|Varaus näkyy kahdesti: incident|"
        "Verokanta raportilla: question"
    ),
    comments=(
        "Säästää meiltä tunteja viikossa.",
        "Toimii, mutta haku on hidas.",
        "Tuki ei vastaa.",
    ),
    tasks=words(
        "Uutiskirje|Kuukausiraportti|Hakusanamainonta|Blogikirjoitus|Asiakastarina|"
        "Laskeutumissivu|Verkkosivujen tekstit|Kampanjasuunnitelma"
    ),
)
_MONTHS = [date(year, month, 1) for year in (2023, 2024, 2025) for month in range(1, 13)]
_KRONA = tuple((day, Decimal("0.0890") + Decimal(n % 7) / 10_000) for n, day in enumerate(_MONTHS))
_DOLLAR = tuple((day, Decimal("0.9150") + Decimal(n % 5) / 1_000) for n, day in enumerate(_MONTHS))
_PROFILE = Profile(
    id="jarvilinna",
    name="Järvilinna Oy",
    country="FI",
    country_spellings=words("Finland|Suomi|FI"),
    currency="EUR",
    timezone="Europe/Helsinki",
    rhythm=Rhythm(
        "FI",
        weekday=(1.35, 1.35, 1.3, 1.2, 1.0, 0.35, 0.45),
        months=(1.25, 1.3, 1.25, 1.1, 1.0, 0.7, 0.45, 0.9, 1.05, 1.1, 1.05, 0.75),
        growth=1.25,
    ),
    names=_NAMES,
    voice=_VOICE,
    sales=(
        Staff("Katja Rönkkö", "katja.ronkko@jarvilinna.example", "Myyntijohtaja", "Suomi"),
        Staff("Sampo Ylitalo", "sampo.ylitalo@jarvilinna.example", "Myyjä", "Suomi"),
        Staff("Linnéa Sjöberg", "linnea.sjoberg@jarvilinna.example", "Säljare", "Norden"),
    ),
    agency=(AINO, ELIN),
    desk=words("Noora Kettunen|Veikko Hyttinen|Anna-Maija Pöysti"),
    channels=(
        Channel(
            "google",
            words("Paid Search"),
            "Paid Search",
            0.38,
            0.36,
            0.34,
            0.03,
            google_ads.PLATFORM,
            (
                Campaign("FI_Haku_Varausjärjestelmä", 0.65, 3.9, 0.048, 0.032),
                Campaign("FI_Haku_Kilpailijat", 0.35, 5.6, 0.029, 0.021),
            ),
        ),
        Channel("organic", words("Organic Search"), "Organic Search", 0.31, 0.42, 0.4, 0.014),
        Channel("referral", words("Referrals"), "Referral", 0.16, 0.5, 0.48, 0.02),
        Channel("email", words("Email Marketing"), "Email", 0.07, 0.4, 0.4, 0.025),
        Channel("direct", words("Direct Traffic"), "Direct", 0.08, 0.35, 0.36, 0.008),
    ),
    products=(
        Product("Tupa Basic", 780, 0.2, 4),
        Product("Tupa Pro", 2_350, 0.25, 4),
        Product("Tupa Ketju", 9_600, 0.4, 1),
    ),
    stages=4,
    loss_reasons=words("Price|Chose competitor|No decision|Missing feature|Timing"),
    leads_per_day=4.6,
    cycle_days=24,
    round_to=10,
    tickets_per_day=3.2,
    answers_per_day=0.9,
    answer_kind="nps",
    hours_per_day=4.5,
    foreign=(
        Foreign("SEK", 0.09, 11.2, _KRONA),
        Foreign("USD", 0.04, 1.08, _DOLLAR[12:]),
    ),
)
_PLAN = Plan(
    doubles_every=90,
    twins_every=55,
    blank_every=50,
    orphans_every=85,
    overdue_every=23,
    negative_every=160,
    outage=(date(2025, 8, 11), date(2025, 8, 17)),
    dip=(7, "Finnish holidays: every July is low, and Juhannus is still"),
)
_FEEDS = (
    Feed(
        "jarvilinna_crm",
        "HubSpot: companies, contacts, leads and deals, and the sheet of exchange rates.",
        "HubSpot (CSV, UTF-8 with BOM)",
        (*hubspot.files(), *rates.files()),
        vendor="hubspot",
    ),
    Feed(
        "jarvilinna_google",
        "Google Ads, saved for Excel.",
        "Google Ads report (UTF-16, tabs)",
        google_ads.files(Form(encoding="utf-16", delimiter="\t")),
        settles_days=14,
    ),
    Feed(
        "jarvilinna_ga4",
        "Google Analytics 4, traffic by day and channel.",
        "GA4 (CSV with comment lines)",
        analytics.files(),
        settles_days=2,
    ),
    Feed("jarvilinna_desk", "Zendesk Explore.", "Zendesk Explore (CSV)", desk.files()),
    Feed("jarvilinna_nps", "Answers to the survey.", "NPS tool (XLSX)", survey.nps()),
    Feed("jarvilinna_work", "Our tasks, from ClickUp.", "ClickUp (JSON lines)", board.clickup()),
)
CLIENT = Client(_PROFILE, _PLAN, hubspot.ident, _FEEDS, "#1d5fa8")
"""The Finnish client."""
