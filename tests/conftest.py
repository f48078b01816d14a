"""Settings of the whole suite."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# A person's run looks for new cases each time; a submission's must not depend on chance.
settings.register_profile("submission", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("submission")

# A run that was started in the background has the interrupt ignored, and its children inherit
# that: the tests that interrupt a command would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONGEST = (
    "test_live_kill.py",
    "test_live_sync_kill.py",
    "test_live_odoo.py",
    "test_live_offline.py",
    "test_live_sql.py",
    "test_app_chain.py",
    "test_docs_pages.py",
    "test_dirty_corpus.py",
    "test_connector_contract.py",
    "test_app_kill.py",
    "test_web_browser.py",
    "test_web_access.py",
    "test_layout_seeds.py",
    "test_metrics_catalogue.py",
    "test_demo_agency_sync.py",
    "test_audit_decisions.py",
    "test_bad_input_disk.py",
)
"""Modules that take long, the longest first."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests of servers wait much of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long: a worker that begins with it last is waited for."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))
