"""What the tests of the render room share: the sample in all forms, made once."""

from __future__ import annotations

import pytest

from kvitto.model.edition import Edition
from kvitto.render import render_all
from tests.render.sample import BRAND, make_edition

FORMS = ("html", "pdf", "xlsx", "json", "csv", "md")


@pytest.fixture(scope="session")
def edition() -> Edition:
    return make_edition("en")


@pytest.fixture(scope="session")
def swedish() -> Edition:
    return make_edition("sv")


@pytest.fixture(scope="session")
def made(edition: Edition) -> dict[str, bytes]:
    return render_all(edition, BRAND, FORMS)


@pytest.fixture(scope="session")
def made_swedish(swedish: Edition) -> dict[str, bytes]:
    return render_all(swedish, BRAND, FORMS)
