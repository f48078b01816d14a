"""Declared REST interfaces keep the contract of all connectors over an interface."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from kvitto.testing import ConnectorContract
from tests.sources.connectors.stand_in import rest


class TestRest(ConnectorContract):
    kind = "rest"

    def stand_in(self) -> AbstractContextManager[Any]:
        return rest.stand_in()
