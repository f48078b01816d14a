"""The main path in a real Chromium, with JavaScript and without."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
import uvicorn

from kvitto.app.house import House
from kvitto.web import create_app
from tests.web.browsing import DRAFT, MANAGER, ONE, PASSWORD, READER, TWO

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WRONG = "We won 99,999 deals because of the new website."
RIGHT = "We won {{deals_won}} deals."

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="the package playwright is not installed"
    )
    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def served(house: House) -> Iterator[str]:
    """The app on a free port of this machine."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(house), log_level="error"))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


def enter(page: Page, base: str, account: str) -> None:
    page.goto(f"{base}/sign-in")
    page.get_by_label("E-mail address").fill(account)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def write(page: Page, text: str) -> None:
    slot = page.locator(".slot").first
    if not slot.locator("textarea").is_visible():
        slot.get_by_text("Edit text").click()
    slot.locator("textarea").fill(text)
    slot.get_by_role("button", name="Save and check").click()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_signing_in_to_a_delivered_edition(
    chromium: Browser, house: House, script: bool
) -> None:
    with served(house) as base:
        context = chromium.new_context(
            java_script_enabled=script, viewport={"width": 1280, "height": 900}
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))

        enter(page, base, MANAGER)
        page.get_by_role("link", name="Northgate Hardware", exact=True).click()
        page.locator(".tile .figure").first.click()
        assert "The lines add up to the value." in page.content()
        page.get_by_role("button", name="Ask again").click()
        assert "the same value" in page.content()

        page.goto(f"{base}{DRAFT}")
        if script:
            page.locator("[data-chart]").first.scroll_into_view_if_needed()
            page.locator("[data-chart][data-live]").first.wait_for()
        write(page, WRONG)
        page.get_by_text("Saved.").wait_for()
        assert page.locator("mark.unresolved").first.is_visible()
        assert page.get_by_role("button", name="Approve").is_disabled()
        write(page, RIGHT)
        assert page.locator("mark.unresolved").count() == 0
        page.get_by_role("button", name="Approve").click()
        for step in ("Seal", "Deliver"):
            page.get_by_role("checkbox").check()
            page.get_by_role("button", name=step, exact=True).click()
        page.get_by_text("Sent to 3 people.").wait_for()
        page.get_by_role("button", name="Sign out").click()
        assert complaints == []

        enter(page, base, READER)
        assert page.get_by_role("heading", level=1).inner_text() == "Northgate Hardware"
        assert page.get_by_role("link", name="Findings").count() == 0
        page.get_by_role("link", name="Editions").click()
        assert page.locator(f'a[href="{DRAFT}"]').is_visible()
        answers = [page.goto(f"{base}{path}") for path in ("/clients", "/clients/acme")]
        assert [answer.status for answer in answers if answer is not None] == [403, 404]
        context.close()


def test_with_the_keyboard_alone_and_on_a_phone(chromium: Browser, house: House) -> None:
    with served(house) as base:
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        enter(page, base, MANAGER)
        page.get_by_role("heading", name="Clients").wait_for()
        page.goto(f"{base}/clients")
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")
        about = [f"/clients/northgate/{name}" for name in ("review", "labels", "health", "compare")]
        for path in ("/clients", "/clients/northgate", DRAFT, "/findings", "/sources", *about):
            page.goto(f"{base}{path}")
            assert page.locator("h1").count() == 1
            wider = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
            assert not wider, path
        page.close()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_two_records_become_one_and_two_again(
    chromium: Browser, deciding: House, script: bool
) -> None:
    with served(deciding) as base:
        context = chromium.new_context(
            java_script_enabled=script, viewport={"width": 390, "height": 844}
        )
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text))
        enter(page, base, MANAGER)
        page.goto(f"{base}/clients/northgate")
        page.get_by_role("link", name="Records", exact=True).click()
        assert page.get_by_role("heading", name="Pair 1 of 2").is_visible()
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        page.get_by_label("Why (optional)").fill("same company number")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.locator(":focus").inner_text() == "Merge: keep right"
        page.keyboard.press("Enter")
        page.get_by_text("Written down: one record.").wait_for()
        assert page.get_by_role("heading", name="Pair 1 of 1").is_visible()
        (made,) = deciding.reopened().workspace.decisions["northgate"].merges
        assert (made.keep, made.merge, made.why) == (TWO, (ONE,), "same company number")
        page.get_by_role("button", name="Svenska").click()
        assert page.get_by_role("heading", name="Par 1 av 1").is_visible()
        page.get_by_role("button", name="Ångra").click()
        page.get_by_text("1 beslut taget tillbaka.").wait_for()
        assert page.get_by_role("heading", name="Par 1 av 2").is_visible()
        assert complaints == []
        context.close()
