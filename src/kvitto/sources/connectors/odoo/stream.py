"""All streams, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kvitto.sources.connectors.odoo.activity import ACTIVITY
from kvitto.sources.connectors.odoo.entity import Entity
from kvitto.sources.connectors.odoo.people import PEOPLE
from kvitto.sources.connectors.odoo.sale import SALE
from kvitto.sources.connectors.odoo.trade import TRADE
from kvitto.sources.connectors.odoo.work import WORK

ENTITIES: Mapping[str, Entity] = MappingProxyType(
    {entity.stream.name: entity for entity in (*PEOPLE, *SALE, *ACTIVITY, *TRADE, *WORK)}
)
