"""O'Hara & Finch: hampers and gifts for companies in Britain; the year hangs on December."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from kvitto.app.agency.client import Client
from kvitto.app.agency.layout import Feed
from kvitto.app.agency.layouts import analytics, billing, board, google_ads, meta_ads, salesforce
from kvitto.app.agency.plan import Plan, Rename, Undo
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
from kvitto.app.agency.team import ELIN, NIAMH

_NAMES = Names(
    given=words(
        "Olivia|Rhys|Siobhán|Alistair|Priya|Gareth|Imogen|Callum|Zoë|Tariq|Bronwyn|Fergus|"
        "Charlotte|Kwame|Eilidh|Oliver|Niamh|Harriet|Rajesh|Poppy|Angus|Renée|Marcus|Ffion|"
        "Declan|Beatrix|Hamish|Amara"
    ),
    family=words(
        "O'Brien|Smythe|MacLeod|Patel|Pemberton|D'Arcy|Okafor|Llewellyn|Ashworth|O'Neill|Khan|"
        "Featherstone|McAllister|Griffiths|Brontë|Haddock|Whitcombe|Sinclair|Adeyemi|Thistlewood|"
        "Cavendish|Ó Súilleabháin|Barraclough|Singh|Pryce-Jones|Murray|Trelawny|Hughes"
    ),
    trades=pairs(
        "Solicitors: legal|Estates: real estate|Joinery: construction|Brewing: food|"
        "Logistics: transport|Dental: health|Partners: finance|Garden Centres: retail|"
        "Schools Trust: education|Engineering: manufacturing|Insurance: finance"
    ),
    cities=words(
        "Leeds|Bristol|Edinburgh|Cardiff|Norwich|Belfast|Stoke-on-Trent|Bath|York|Truro|"
        "King's Lynn|Dundee"
    ),
    patterns=words(
        "{family} {trade} Ltd|{family} & Co {trade} ({city}) Ltd|{city} {family} {trade} Limited|"
        "{family} Brothers {trade} {city} LLP"
    ),
    titles=words("Office Manager|Managing Director|HR Lead|Head of People|PA to the CEO|Partner"),
    phone="+44 7### ######",
    variants=(
        (" Limited", " Ltd."),
        (" Ltd", " Limited"),
        (" LLP", " L.L.P."),
    ),
)
_VOICE = Voice(
    subjects=pairs("Where is my hamper: question|Broken jar: complaint"),
    comments=("Lovely, as ever.", "Fine.", "Arrived after Christmas."),
    tasks=words(
        "Monthly report|Ad copy for corporate gifting|Christmas landing page|Call with sales|"
        "Search term review|Creative for hampers|Post-purchase survey|Budget pacing"
    ),
)
_PROFILE = Profile(
    id="oharafinch",
    name="O'Hara & Finch Ltd",
    country="GB",
    country_spellings=words("United Kingdom|UK|GB"),
    currency="GBP",
    timezone="Europe/London",
    rhythm=Rhythm(
        "GB",
        weekday=(1.3, 1.3, 1.25, 1.2, 1.0, 0.4, 0.45),
        months=(0.55, 0.75, 0.85, 0.95, 0.9, 0.85, 0.75, 0.8, 1.0, 1.4, 2.1, 1.5),
        growth=1.1,
        windows=(((12, 19), (12, 31), 0.3),),
    ),
    names=_NAMES,
    voice=_VOICE,
    sales=(
        Staff("Harriet Finch", "harriet.finch@oharafinch.example", "Sales Director", "South"),
        Staff("Callum O'Hara", "callum.ohara@oharafinch.example", "Account Executive", "North"),
        Staff("Zoë Adeyemi", "zoe.adeyemi@oharafinch.example", "Account Executive", "South"),
    ),
    agency=(NIAMH, ELIN),
    desk=(),
    channels=(
        Channel(
            "google",
            words("Google Ads|Google AdWords|google"),
            "Paid Search",
            0.34,
            0.38,
            0.38,
            0.032,
            google_ads.PLATFORM,
            (
                Campaign("UK - Search - Corporate Hampers", 0.6, 2.4, 0.055, 0.035),
                Campaign("UK - Search - Client Gifts", 0.4, 2.9, 0.043, 0.03),
            ),
        ),
        Channel(
            "meta",
            words("Facebook|facebook|Meta"),
            "Paid Social",
            0.16,
            0.25,
            0.28,
            0.016,
            meta_ads.PLATFORM,
            (
                Campaign("HR teams - lookalike", 0.55, 1.1, 0.013, 0.017),
                Campaign("Returning buyers", 0.45, 0.9, 0.02, 0.026),
            ),
        ),
        Channel(
            "organic", words("Organic Search|Web|SEO"), "Organic Search", 0.24, 0.4, 0.42, 0.013
        ),
        Channel("referral", words("Partner Referral|Referral"), "Referral", 0.14, 0.55, 0.55, 0.03),
        Channel("direct", words("Web Direct|Direct"), "Direct", 0.12, 0.4, 0.4, 0.01),
    ),
    products=(
        Product("The Foreman's Hamper", 1_900, 0.5, 4),
        Product("Client Gift Programme", 7_800, 0.45, 2),
        Product("Team Christmas Box", 3_400, 0.5, 4),
    ),
    stages=4,
    loss_reasons=words("Price|Competitor|No decision|Budget cut|Too late"),
    leads_per_day=5.0,
    cycle_days=21,
    round_to=5,
    hours_per_day=5.0,
    has_invoices=True,
)
_RENAME = Rename("generate_lead", "form_submit_v2", date(2025, 5, 13), date(2025, 6, 9))
_UNDO = Undo(
    datetime(2025, 10, 21, 15, 20),
    date(2025, 11, 3),
    datetime(2025, 11, 12, 9, 45),
    Decimal("48000.00"),
)
_PLAN = Plan(
    doubles_every=80,
    twins_every=65,
    blank_every=65,
    orphans_every=110,
    overdue_every=29,
    negative_every=1,
    tests=(date(2025, 2, 4), date(2025, 9, 17)),
    rename=_RENAME,
    churn=date(2025, 7, 31),
    undo=_UNDO,
)
_FEEDS = (
    Feed(
        "oharafinch_crm",
        "Salesforce's weekly export. The opportunities as they stood on 3 November lie beside.",
        "Salesforce objects (CSV)",
        salesforce.files(),
        vendor="salesforce",
        older=salesforce.older(_UNDO.reported),
    ),
    Feed(
        "oharafinch_google",
        "Google Ads, the ad group report by day.",
        "Google Ads report (CSV with title lines and totals)",
        google_ads.files(Form(end="\n")),
        settles_days=14,
    ),
    Feed(
        "oharafinch_meta",
        "Meta Ads, exported in English.",
        "Meta Ads (CSV)",
        meta_ads.files("GBP"),
        settles_days=7,
    ),
    Feed(
        "oharafinch_ga4",
        "Google Analytics 4: traffic by channel, and events by name.",
        "GA4 (CSV with comment lines)",
        analytics.files(_RENAME),
        settles_days=2,
    ),
    Feed(
        "oharafinch_billing", "Stripe's invoices.", "Stripe invoices (JSON lines)", billing.stripe()
    ),
    Feed(
        "oharafinch_work",
        "Our tasks from Asana and our hours from Toggl.",
        "Asana (CSV), Toggl Track (CSV)",
        (*board.asana(), *board.toggl()),
    ),
)
CLIENT = Client(_PROFILE, _PLAN, salesforce.ident, _FEEDS, "#5b2a5e")
"""The British client."""
