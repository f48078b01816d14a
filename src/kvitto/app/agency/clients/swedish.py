"""Åkerströms Värme: heat pumps for houses and co-operatives in Sweden; nobody buys in July."""

from __future__ import annotations

from datetime import date, datetime

from kvitto.app.agency.client import Client
from kvitto.app.agency.layout import Feed
from kvitto.app.agency.layouts import (
    analytics,
    billing,
    board,
    dynamics,
    google_ads,
    meta_ads,
)
from kvitto.app.agency.plan import Gap, Plan
from kvitto.app.agency.profile import (
    Campaign,
    Channel,
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
from kvitto.app.agency.team import ELIN, JONAS

_NAMES = Names(
    given=words(
        "Åsa|Björn|Elsa|Göran|Märta|Lars|Ingrid|Håkan|Sofia|Jörgen|Maja|Östen|Karin|Mattias|"
        "Lovisa|Per|Annika|Rasmus|Ebba|Stig|Frida|Nils|Åke|Hanna|Emil|Birgitta|Oskar|Ylva"
    ),
    family=words(
        "Bergström|Åkesson|Lindqvist|Öberg|Sjögren|Nyström|Hägglund|Forsberg|Ekström|Wallin|"
        "Björklund|Söderlund|Ångström|Lundgren|Holmqvist|Norén|Sandström|Hedlund|Mårtensson|"
        "Östlund|Dahlberg|Engström|Åström|Lindgren|Nordin|Fält|Månsson|Grönlund"
    ),
    trades=pairs(
        "Bygg: Bygg|Fastigheter: Fastigheter|Åkeri: Transport|Trädgård: Lantbruk|"
        "Snickeri: Bygg|Hotell: Hotell och restaurang|Bageri: Livsmedel|Mekaniska: Tillverkning|"
        "Redovisning: Ekonomi|Förskola: Utbildning|Möbler: Handel|Måleri: Bygg"
    ),
    cities=words(
        "Örebro|Umeå|Västerås|Malmö|Göteborg|Skellefteå|Växjö|Borås|Luleå|Östersund|Gävle|Kalmar"
    ),
    patterns=words(
        "{family}s {trade} AB|{family} {trade} i {city} AB|{trade} {city} {family} HB|"
        "{family} & Söner {trade} AB"
    ),
    titles=words("Vd|Fastighetsförvaltare|Inköpare|Ekonomichef|Ordförande|Platschef"),
    phone="+46 70 ### ## ##",
    variants=(
        (" AB", " Aktiebolag"),
        (" & Söner", " och Söner"),
        (" HB", " Handelsbolag"),
    ),
)
_VOICE = Voice(
    subjects=pairs("Pumpen låter: incident|Fråga om filter: question"),
    comments=("Proffsigt och snabbt.", "Helt okej.", "Fick vänta för länge."),
    tasks=words(
        "Annonstexter för bergvärme|Månadsrapport|Budgetgenomgång|Landningssida för BRF|"
        "Uppföljning av offerter|Bildval till kampanj|Sökordsgenomgång|Avstämning med säljarna"
    ),
)
_PROFILE = Profile(
    id="akerstroms",
    name="Åkerströms Värme & Energi AB",
    country="SE",
    country_spellings=words("SE|Sweden|Sverige|SE|Sverige|sverige"),
    currency="SEK",
    timezone="Europe/Stockholm",
    rhythm=Rhythm(
        "SE",
        weekday=(1.2, 1.2, 1.1, 1.05, 0.9, 0.7, 0.85),
        months=(1.1, 1.0, 0.95, 0.9, 0.85, 0.75, 0.42, 0.9, 1.3, 1.45, 1.35, 1.05),
        growth=1.12,
    ),
    names=_NAMES,
    voice=_VOICE,
    sales=(
        Staff("Kerstin Öhman", "kerstin.ohman@akerstroms.example", "Säljchef", "Mitt"),
        Staff("Fredrik Sjöholm", "fredrik.sjoholm@akerstroms.example", "Säljare", "Norr"),
        Staff("Amira Haddad", "amira.haddad@akerstroms.example", "Säljare", "Syd"),
        Staff("Tor-Björn Älv", "tor-bjorn.alv@akerstroms.example", "Säljare", "Mitt"),
    ),
    agency=(ELIN, JONAS),
    desk=(),
    channels=(
        Channel(
            "google",
            words("Google Ads|google ads|AdWords|google / cpc|Google"),
            "Paid Search",
            0.50,
            0.40,
            0.42,
            0.045,
            google_ads.PLATFORM,
            (
                Campaign("SE | Sök | Bergvärme", 0.55, 14.5, 0.062, 0.055),
                Campaign("SE | Sök | Luft-vatten", 0.30, 11.0, 0.051, 0.047),
                Campaign("SE | Varumärke", 0.15, 3.2, 0.145, 0.09),
            ),
        ),
        Channel(
            "meta",
            words("Facebook|facebook|Meta|FB"),
            "Paid Social",
            0.17,
            0.27,
            0.30,
            0.018,
            meta_ads.PLATFORM,
            (
                Campaign("Villaägare Mellansverige", 0.6, 5.4, 0.012, 0.017),
                Campaign("BRF-styrelser", 0.4, 7.8, 0.009, 0.014),
            ),
        ),
        Channel(
            "organic",
            words("Organisk sökning|organic|SEO"),
            "Organic Search",
            0.19,
            0.45,
            0.45,
            0.012,
        ),
        Channel(
            "referral",
            words("Rekommendation|rekommendation|Tips"),
            "Referral",
            0.08,
            0.6,
            0.6,
            0.03,
        ),
        Channel("direct", words("Webb|webben|Direkt"), "Direct", 0.06, 0.4, 0.42, 0.009),
    ),
    products=(
        Product("Bergvärme Fjäll 12", 189_000, 0.25, 3),
        Product("Luft-vatten Älv 8", 118_000, 0.2, 4),
        Product("Luft-luft Bris", 29_500, 0.15, 3),
        Product("Serviceavtal Trygg", 4_900, 0.2, 2),
    ),
    stages=4,
    loss_reasons=words("Price|Competitor|No budget|Timing|No answer"),
    leads_per_day=7.0,
    cycle_days=32,
    round_to=100,
    hours_per_day=5.0,
    has_invoices=True,
    labels=4,
)
_PLAN = Plan(
    doubles_every=75,
    twins_every=60,
    blank_every=45,
    impossible_every=20,
    negative_every=1,
    spellings=True,
    gap=Gap("google", date(2025, 9, 1), 145),
    twice=datetime(2025, 10, 26, 2, 15),
    never=datetime(2025, 3, 30, 2, 30),
    dip=(7, "Swedish holidays: every July is low"),
)
_META = Form(encoding="utf-8-sig", is_quoted=True, end="\n")
_FEEDS = (
    Feed(
        "akerstroms_crm",
        "Dynamics 365, exported to Excel on the last day of the year.",
        "Dynamics 365 (XLSX)",
        dynamics.files(),
        vendor="dynamics365",
    ),
    Feed(
        "akerstroms_google",
        "Google Ads, the ad group report by day, one for each year, and the log of conversions that"
        " was\n# exported when September did not agree with the CRM. The account stands in London.",
        "Google Ads report (CSV with title lines and totals), results of sent conversions",
        (
            *google_ads.files(Form(end="\n")),
            google_ads.uploads(Form(end="\n"), "Conversion uploads-2025-09", "Europe/London"),
        ),
        settles_days=14,
        timezone="Europe/London",
    ),
    Feed(
        "akerstroms_meta",
        "Meta Ads, exported in Swedish.",
        "Meta Ads (CSV, Swedish headers)",
        meta_ads.files("SEK", "sv", _META),
        settles_days=7,
    ),
    Feed(
        "akerstroms_ga4",
        "Google Analytics 4, traffic by day and channel.",
        "GA4 (CSV with comment lines)",
        analytics.files(),
        settles_days=2,
    ),
    Feed(
        "akerstroms_fakturor",
        "The accounting system's list of invoices.",
        "Swedish accounting export (CSV, CP1252)",
        billing.fortnox(),
    ),
    Feed(
        "akerstroms_tid",
        "Our own hours, from Toggl.",
        "Toggl Track (CSV)",
        board.toggl(),
    ),
)
CLIENT = Client(_PROFILE, _PLAN, dynamics.ident, _FEEDS, "#0a5c7a")
"""The Swedish client."""
