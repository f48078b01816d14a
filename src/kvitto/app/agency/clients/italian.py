"""Torrefazione Dell'Orto: coffee and machines for bars and offices in Italy; shut in August."""

from __future__ import annotations

from datetime import date

from kvitto.app.agency.client import Client
from kvitto.app.agency.layout import Feed
from kvitto.app.agency.layouts import (
    analytics,
    billing,
    gestionale,
    google_ads,
    mail,
    meta_ads,
)
from kvitto.app.agency.plan import Plan
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
from kvitto.app.agency.team import GIULIA, JONAS

_NAMES = Names(
    given=words(
        "Niccolò|Giulia|Alessandro|Chiara|Francesco|Martina|Noè|Elena|Lorenzo|Sofia|Matteo|"
        "Federica|Andrea|Beatrice|Pietro|Ilaria|Davide|Aurora|Tommaso|Irene|Salvatore|Lucia|"
        "Giosuè|Rosa|Enzo|Caterina|Bruno|Nicolò"
    ),
    family=words(
        "Rossi|D'Angelo|Esposito|Colombo|De Luca|Ferrari|Dell'Acqua|Ricci|Conti|Marino|Cantù|"
        "Galli|Costa|Giordano|Lo Presti|Rizzo|Lombardi|Moretti|Barbieri|Fontana|Dal Prà|Santoro|"
        "Mariani|Rinaldi|Caruso|Ferrara|Nicolò|Testa"
    ),
    trades=pairs(
        "Caffè: hospitality|Bar Pasticceria: hospitality|Hotel: hospitality|Uffici: services|"
        "Gelateria: food|Ristorante: hospitality|Panificio: food|Alimentari: retail|"
        "Studio Legale: services|Palestra: leisure"
    ),
    cities=words(
        "Milano|Torino|Bologna|Forlì|Napoli|Verona|Bari|L'Aquila|Padova|Genova|Catania|Trento"
    ),
    patterns=words(
        "{trade} {family} S.r.l.|{trade} {family} di {city} S.n.c.|{family} {trade} {city} S.p.A.|"
        "Antico {trade} {family} {city} S.a.s."
    ),
    titles=words("Titolare|Direttore acquisti|Responsabile sala|Amministratore|Socio"),
    phone="+39 3## #######",
    variants=(
        (" S.r.l.", " Srl"),
        (" S.n.c.", " snc"),
        (" S.p.A.", " SpA"),
        (" S.a.s.", " sas"),
    ),
)
_VOICE = Voice(
    subjects=(),
    comments=("Ottimo caffè.", "Va bene.", "Consegna in ritardo."),
    tasks=words("Piano editoriale|Report mensile|Creatività per Meta|Newsletter|Analisi campagne"),
    mailings=words(
        "La miscela del mese|Offerta per i bar|Nuove macchine in arrivo|Corso di latte art|"
        "Natale in caffetteria|Le origini: Etiopia"
    ),
)
_PROFILE = Profile(
    id="dellorto",
    name="Torrefazione Dell'Orto S.r.l.",
    country="IT",
    country_spellings=words("Italia|IT|Italy|ITALIA"),
    currency="EUR",
    timezone="Europe/Rome",
    rhythm=Rhythm(
        "IT",
        weekday=(1.3, 1.25, 1.2, 1.15, 1.0, 0.6, 0.5),
        months=(0.95, 1.0, 1.05, 1.0, 1.0, 0.95, 0.85, 0.4, 1.2, 1.25, 1.2, 1.1),
        growth=1.06,
        windows=(((8, 8), (8, 22), 0.3), ((12, 27), (12, 31), 0.5)),
    ),
    names=_NAMES,
    voice=_VOICE,
    sales=(
        Staff("Paola Dell'Orto", "paola.dellorto@dellorto.example", "Responsabile", "Nord"),
        Staff("Ciro Esposito", "ciro.esposito@dellorto.example", "Agente", "Sud"),
        Staff("Marta Dal Prà", "marta.dalpra@dellorto.example", "Agente", "Nord"),
    ),
    agency=(GIULIA, JONAS),
    desk=(),
    channels=(
        Channel(
            "google",
            words("Google Ads|google ads|GOOGLE|Adwords"),
            "Paid Search",
            0.27,
            0.42,
            0.40,
            0.035,
            google_ads.PLATFORM,
            (
                Campaign("Macchine caffè ufficio", 0.6, 1.9, 0.044, 0.034),
                Campaign("Fornitura bar", 0.4, 1.4, 0.038, 0.03),
            ),
        ),
        Channel(
            "meta",
            words("Facebook|facebook|Instagram|Meta Ads"),
            "Paid Social",
            0.24,
            0.30,
            0.30,
            0.017,
            meta_ads.PLATFORM,
            (
                Campaign("Lead Bar Nord", 0.5, 0.85, 0.014, 0.016),
                Campaign("Lead Bar Sud & Isole", 0.5, 0.62, 0.016, 0.015),
            ),
        ),
        Channel(
            "organic",
            words("Ricerca organica|organica|SEO"),
            "Organic Search",
            0.22,
            0.4,
            0.4,
            0.012,
        ),
        Channel("email", words("Newsletter|newsletter|e-mail"), "Email", 0.10, 0.5, 0.5, 0.02),
        Channel(
            "referral", words("Passaparola|passaparola|Agente"), "Referral", 0.17, 0.6, 0.55, 0.03
        ),
    ),
    products=(
        Product("Miscela Cento Giorni", 640, 0.35, 5),
        Product("Macchina Lario 2 gruppi", 5_200, 0.2, 2),
        Product("Noleggio ufficio", 1_450, 0.25, 3),
    ),
    stages=4,
    loss_reasons=words("Prezzo|Concorrenza|Nessuna decisione|Tempi|Budget"),
    leads_per_day=5.2,
    cycle_days=19,
    round_to=10,
    hours_per_day=4.0,
    mail_every=14,
    mail_list=5_200,
    pay_days=60,
    has_invoices=True,
    labels=4,
)
_PLAN = Plan(
    doubles_every=50,
    twins_every=40,
    blank_every=60,
    impossible_every=35,
    spellings=True,
    dip=(8, "Italian holidays: every August is low"),
    late=("google_ads", date(2025, 12, 10)),
)
_ITALIAN = Form(encoding="utf-8-sig", delimiter=";")
_FEEDS = (
    Feed(
        "dellorto_crm",
        "The company's own CRM: semicolons, decimal commas, days before months.",
        "Italian CRM (CSV, CP1252)",
        gestionale.files(),
    ),
    Feed(
        "dellorto_google",
        "Google Ads, downloaded in Italian. An older export of the last days lies beside.",
        "Google Ads report (CSV, Italian headers)",
        google_ads.files(_ITALIAN, "it"),
        settles_days=14,
        older=google_ads.older(_ITALIAN, date(2025, 12, 10), "it"),
    ),
    Feed(
        "dellorto_meta",
        "Meta Ads, exported in Italian.",
        "Meta Ads (CSV, Italian headers)",
        meta_ads.files("EUR", "it", _ITALIAN),
        settles_days=7,
    ),
    Feed(
        "dellorto_ga4",
        "Google Analytics 4, traffic by day and channel.",
        "GA4 (CSV with comment lines)",
        analytics.files(),
        settles_days=2,
    ),
    Feed(
        "dellorto_mail",
        "Mailchimp's campaigns.",
        "Mailchimp campaign report (CSV)",
        mail.mailchimp(),
    ),
    Feed(
        "dellorto_fatture",
        "The list of invoices.",
        "Italian accounting export (CSV)",
        billing.fatture(),
    ),
)
CLIENT = Client(_PROFILE, _PLAN, gestionale.ident, _FEEDS, "#7a3b12")
"""The Italian client."""
