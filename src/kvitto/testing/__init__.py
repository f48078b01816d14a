"""What a connector must do, as tests that anybody's connector can run.

In a test module::

    from kvitto.testing import ConnectorContract

    class TestShop(ConnectorContract):
        kind = "shop"

        def stand_in(self):
            return running_shop()   # a context manager that gives a StandIn
"""

from kvitto.testing.contract import ConnectorContract
from kvitto.testing.stand_in import StandIn

__all__ = ["ConnectorContract", "StandIn"]
