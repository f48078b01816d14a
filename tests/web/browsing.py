"""Browsers for the tests of the app: opening pages, signing in, reading forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

TODAY = date(2018, 1, 5)
PASSWORD = "three plain words"
OWNER, MANAGER, OTHER, READER = (
    "owner@brightlane.example",
    "elin@brightlane.example",
    "jonas@brightlane.example",
    "dana@northgate.example",
)
DRAFT = "/editions/northgate/brief/2017-12/1"
SEALED = "/editions/northgate/brief/2017-11/1"
MONTHLY = "/editions/northgate/R13/2017-12/1"
ONE, TWO = "crm:account:Betasoloin", "crm:account:Betatech"
PAIRS = (
    (
        ONE,
        TWO,
        0.9731,
        '[{"said": "company name alike 0.93", "weight": 4.5},'
        ' {"said": "another country", "weight": -2.1}]',
    ),
    ("crm:account:Bioholding", "crm:account:Bioplex", 0.8123, "[]"),
)
"""Pairs of companies of the demo that may be one: ids, score, reasons."""

BRIEF = """\
id: brief
title: {en: Brief report, sv: Kort rapport}
audience: client
kpis: [deals_won, close_rate]
rules: []
sections:
  - id: overview
    title: {en: "{period} at a glance", sv: "{period} i korthet"}
    blocks:
      - {kind: text, id: summary, about: [changes]}
      - {kind: tiles, id: kpis, metrics: [agreed], compare: [previous]}
      - {kind: trend, id: trends, metrics: [deals_won]}
"""
"""A report of one section: it has few receipts, so it is sealed quickly."""

Enter = Callable[[str], TestClient]


def browser(app: FastAPI) -> TestClient:
    return TestClient(app, follow_redirects=False)


def signed_in(app: FastAPI, email: str) -> TestClient:
    client = browser(app)
    answer = sign_in(client, email)
    assert answer.status_code == 303, answer.text
    return client


def sign_in(client: TestClient, email: str, password: str = PASSWORD, **more: str) -> Response:
    data = {"account": email, "password": password, "form_token": token_of(client), **more}
    return client.post("/sign-in", data=data)


def token_of(client: TestClient, path: str = "/sign-in") -> str:
    """The form token of the page at ``path``."""
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', client.get(path).text)
    assert found is not None
    return found[1]
