"""The registry finds items by name and says clearly when it cannot."""

from __future__ import annotations

import pytest

from kvitto.errors import BadDefinition, MissingExtra, UnknownName
from kvitto.registry import Registry


def test_an_item_is_loaded_on_first_use() -> None:
    registry: Registry[type] = Registry("thing", {"path": "pathlib:Path"})
    assert registry.get("path").__name__ == "Path"
    assert registry.names() == ("path",)


def test_an_unknown_name_suggests_the_nearest() -> None:
    registry: Registry[type] = Registry("format", {"html": "pathlib:Path", "pdf": "pathlib:Path"})
    with pytest.raises(UnknownName, match="Did you mean 'html'"):
        registry.get("htlm")


def test_a_missing_package_names_the_extra() -> None:
    registry: Registry[type] = Registry("source", {"ads": "no_such_module:X"}, {"ads": "google"})
    with pytest.raises(MissingExtra, match=r"kvitto\[google\]"):
        registry.get("ads")


def test_two_packages_cannot_claim_one_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    from kvitto import registry as module

    point = EntryPoint("html", "other.package:Html", "kvitto.format")
    monkeypatch.setattr(module, "_entry_points", lambda kind: (point,))
    registry: Registry[type] = Registry("format", {"html": "pathlib:Path"})
    with pytest.raises(BadDefinition, match=r"pathlib:Path and other\.package:Html"):
        registry.get("html")
