"""A workspace whose sources are a CRM and advertising over interfaces, and files."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from tests.sources.connectors.stand_in import google_ads, salesforce

RECORDS = 5_000
PAGE = 250
DAYS = 200
HERE = Path(__file__).parent


@dataclass(repr=False)
class Vendors:
    """The running stand-ins, and the environment that holds their credentials."""

    crm: salesforce.Server
    ads: google_ads.Ads
    environment: Mapping[str, str]
    sources: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def workspace(self, root: Path) -> Path:
        """A new workspace that reads them."""
        for folder in ("clients", "sources", "data"):
            (root / folder).mkdir(parents=True)
        (root / "kvitto.yml").write_text("agency: Live\n")
        (root / "clients" / "acme.yml").write_text("name: Acme\ncurrency: SEK\n")
        for name, told in self.sources.items():
            (root / "sources" / f"{name}.yml").write_text(yaml.safe_dump(dict(told)))
        with (root / "data" / "targets.csv").open("w", newline="") as file:
            lines = csv.writer(file)
            lines.writerow(["id", "amount", "status", "created"])
            lines.writerows([number, number * 10, "won", "2026-01-05"] for number in range(500))
        return root

    def requests(self) -> int:
        """How many requests for records there were so far."""
        asked = [path for _, path in self.crm.org.requests if "/query" in path]
        return len(asked) + len(self.ads.requests)


@contextmanager
def vendors(*, records: int = RECORDS, days: int = DAYS) -> Iterator[Vendors]:
    """Both stand-ins, with so many deals, and so many days up to yesterday."""
    with salesforce.stand_in() as crm, google_ads.stand_in() as ads:
        crm.org.page_size = PAGE
        add_deals(crm.org, records)
        today = datetime.now(UTC).date()
        for back in range(1, days):
            ads.day(f"{today - timedelta(days=back)}", "11", clicks=back)
        secrets = {f"LIVE_CRM_{name.upper()}": value for name, value in crm.secrets.items()}
        secrets |= {f"LIVE_ADS_{name.upper()}": value for name, value in ads.secrets.items()}
        yield Vendors(
            crm,
            ads,
            {**os.environ, **secrets, "PYTHONPATH": os.pathsep.join(sys.path)},
            {
                "ads": _source("google_ads", ads, "ADS", since=f"{today - timedelta(days=days)}"),
                "crm": _source("salesforce", crm, "CRM"),
                "files": {"kind": "file", "client": "acme", "path": "data/*.csv", "tables": FILL},
            },
        )


FILL = [
    {
        "file": "targets.csv",
        "fill": {
            "deals": {
                "deal_id": "id",
                "amount": "amount",
                "stage_id": "status",
                "created_at": "created",
            }
        },
    }
]


def add_deals(org: salesforce.Organisation, count: int) -> None:
    """Deals in the order of their last change, a minute apart."""
    like = org.rows["Opportunity"][-1]
    for number in range(count):
        at = org.tick(1)
        own = {"Id": f"006L{number:014d}", "CreatedDate": at, "SystemModstamp": at}
        org.rows["Opportunity"].append({**like, **own, "Name": f"Affär {number}"})


def _source(
    kind: str, server: salesforce.Server | google_ads.Ads, prefix: str, **more: object
) -> Mapping[str, object]:
    return {
        "kind": kind,
        "client": "acme",
        "settings": json.loads(json.dumps(dict(server.settings))),
        "secrets": {name: f"env:LIVE_{prefix}_{name.upper()}" for name in server.secrets},
        "allow_private": True,
        **more,
    }
