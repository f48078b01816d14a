"""Any REST interface, by declaration: address, sign-in, paging, streams."""

from __future__ import annotations

from kvitto.sources.connector import SecretField
from kvitto.sources.connectors.rest.settings import RestSettings
from kvitto.sources.oauth import OAuthProvider
from kvitto.sources.pull import api_connector
from kvitto.sources.stream import Api, Opening

_SECRETS = (
    SecretField("token", "Access token", "For auth: kind: bearer.", optional=True),
    SecretField("key", "API key", "For auth: kind: key.", optional=True),
    SecretField("user", "User", "For auth: kind: basic without user:.", optional=True),
    SecretField("password", "Password", "For auth: kind: basic.", optional=True),
    SecretField("client_id", "Client id", "For OAuth 2: the app's id.", optional=True),
    SecretField("client_secret", "Client secret", "For OAuth 2: the app's secret.", optional=True),
    SecretField("refresh_token", "Refresh token", "For auth: kind: refresh_token.", optional=True),
)

_OAUTH = OAuthProvider(
    name="the service",
    authorise="{auth.authorise_url}",
    exchange="{auth.token_url}",
    scopes="{auth.scopes}",
    needs={"auth.kind": "refresh_token"},
    help="The service's page about apps says how to make one and which callback it allows.",
)


def _open(opening: Opening) -> Api:
    from kvitto.sources.connectors.rest.api import RestApi

    return RestApi(opening)


CONNECTOR = api_connector(
    kind="rest",
    title="Any REST interface",
    reads="Whatever streams the source's file declares, from any JSON interface over HTTPS.",
    settings=RestSettings,
    secrets=_SECRETS,
    streams=(),
    open=_open,
    oauth=_OAUTH,
    settles="As each stream declares (settles_days); at once where it says nothing.",
    limits="As declared (per_second), and the server's own word on how long to wait.",
    tested="A stateful stand-in over loopback with every way of paging, and a declaration of "
    "Pipedrive's second interface, which a client not written here reads as well.",
)
