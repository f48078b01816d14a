"""The YAML of the workspace: the agency, its clients, their sources, rules and brands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.resources import files

from kvitto.app.agency.client import Client
from kvitto.app.agency.layout import Feed
from kvitto.app.agency.plan import Gap
from kvitto.app.agency.team import AGENCY

_MAIN = f"""\
# Who we are, and what holds for all clients. Made by the generator of the demo agency.
agency: {AGENCY}
timezone: Europe/Stockholm
currency: SEK
language: en
engine: duckdb
state: sqlite
mail:
  sender: {AGENCY} <reports@norrsken.example>
"""
_FOOTERS = {"sv": "Skriven för {title} av {agency}", "en": "Prepared for {title} by {agency}"}
"""The foot of each page, in the language of the client's reports."""

_GOOGLE_LEAD = """\
# One thing that two sources tell: the CRM by record, Google Ads by day. They are never added.
word: google_lead
names: {{en: Enquiries through Google Ads, sv: Förfrågningar via Google Ads}}
noun: leads
definitions:
  - version: 1
    clients: [{client}]
    says: An enquiry in the CRM whose channel is Google Ads; without a CRM, what Google Ads counts.
    alternatives: true
    counts:
      - name: crm
        table: leads
        date: created_at
        where: {{source: [{labels}]}}
      - name: ads
        table: ad_spend
        date: spend_on
        quantity: conversions
        where: {{platform: {platform}}}
"""
"""What is bridged where the ad platform and the CRM do not agree."""

_RULES = """\
# What is done where the CRM leaves something open.
clients: [{client}]
fields:
  - {{table: deals, column: amount, where: "outcome = 'won'", missing: review}}
"""


def folder_of(client: Client, feed: Feed, *, is_older: bool = False) -> str:
    """Where the files of a source lie, below the workspace."""
    name = feed.id.removeprefix(f"{client.profile.id}_")
    return f"data/{client.profile.id}/{'older/' if is_older else ''}{name}"


def definitions(clients: tuple[Client, ...], until: date) -> Iterator[tuple[str, str]]:
    """Path and text of each file, ``kvitto.yml`` last."""
    for client in clients:
        name = client.profile.id
        title = client.profile.name.replace('"', "'")
        yield f"clients/{name}.yml", f'name: "{title}"\n{_definition(name)}'
        yield f"brands/{name}.yml", _brand(client, title)
        yield f"rules/{name}.yml", _RULES.format(client=name)
        if client.plan.gap is not None:
            yield "meanings/google_lead.yml", _meaning(client, client.plan.gap)
        for feed in client.feeds:
            yield f"sources/{feed.id}.yml", _source(client, feed, until)
    yield "kvitto.yml", _MAIN


def _meaning(client: Client, gap: Gap) -> str:
    channel = next(one for one in client.profile.channels if one.key == gap.channel)
    return _GOOGLE_LEAD.format(
        client=client.profile.id,
        labels=", ".join(channel.spellings),
        platform=channel.platform,
    )


def _definition(name: str) -> str:
    return files("kvitto.app.agency").joinpath(f"data/{name}.yml").read_text(encoding="utf-8")


def _language(name: str) -> str:
    """The language that a client's reports are written in."""
    stated = (line.partition(":") for line in _definition(name).splitlines())
    return next((value.strip() for key, _, value in stated if key == "language"), "en")


def _brand(client: Client, title: str) -> str:
    footer = _FOOTERS[_language(client.profile.id)].format(title=title, agency=AGENCY)
    return (
        f'id: {client.profile.id}\nname: "{title}"\naccent: "{client.accent}"\nfooter: "{footer}"\n'
    )


def _source(client: Client, feed: Feed, until: date) -> str:
    lines = [
        f"# {feed.title}",
        "kind: file",
        f"client: {client.profile.id}",
        f"path: {folder_of(client, feed)}/*",
        f"as_of: {until}",
        f"currency: {client.profile.currency}",
    ]
    if feed.vendor:
        lines.append(f"vendor: {feed.vendor}")
    if feed.timezone:
        lines.append(f"timezone: {feed.timezone}")
    if feed.settles_days:
        lines.append(f"settles_days: {feed.settles_days}")
    return "\n".join(lines) + "\n" + feed.told
