"""Whom a source speaks to, and what is not carried along."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvitto.errors import AddressRefused, BadAnswer, SourceRefused, SourceUnreachable
from kvitto.sources.http import Http, guarded_session
from kvitto.sources.http.address import check_url, why_refused
from tests.sources.http.conftest import Client, opening
from tests.sources.http.scripted import Reply, Scripted, closed_port, data, scripted


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "172.16.9.9",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "fd12::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "100.100.100.200",
        "224.0.0.1",
    ],
)
def test_addresses_that_are_not_of_the_public_internet_are_refused(address: str) -> None:
    assert why_refused(address, allow_private=False)


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "0.0.0.0", "fe80::1%eth0"])
def test_metadata_services_are_refused_even_where_private_addresses_are_allowed(
    address: str,
) -> None:
    assert why_refused(address, allow_private=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_public_addresses_are_spoken_to(address: str) -> None:
    assert why_refused(address, allow_private=False) is None


@given(st.ip_addresses(v=4))
def test_an_address_written_as_an_ipv6_one_is_judged_like_itself(address: IPv4Address) -> None:
    mapped = str(IPv6Address(f"::ffff:{address}"))
    assert why_refused(mapped, allow_private=False) == why_refused(
        str(address), allow_private=False
    )


@given(st.ip_addresses())
def test_what_is_not_global_is_never_spoken_to(address: IPv4Address | IPv6Address) -> None:
    if not ip_address(str(address)).is_global:
        refused = why_refused(str(address), allow_private=False)
        embedded = isinstance(address, IPv6Address) and (
            address.ipv4_mapped or address.sixtofour or address.teredo or address.exploded[:9]
        )
        assert refused or embedded


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "https://localhost:8069",
        "https://erp.internal",
        "https://printer.local",
        "https://127.0.0.1",
        "https://[::1]/x",
        "https://10.0.0.8",
        "ftp://example.com/x",
        "file:///etc/passwd",
        "https://",
        "//example.com",
        "https://[::1",
        "",
    ],
)
def test_addresses_that_no_name_service_need_be_asked_about_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url, allow_private=False)


def test_a_name_that_leads_into_the_own_network_is_refused_when_connecting(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves(monkeypatch, {"crm.example.com": ["93.184.216.34", "127.0.0.1"]}, server.port)
    http = Http(opening(private=False), f"https://crm.example.com:{server.port}")
    with pytest.raises(AddressRefused, match=r"crm\.example\.com is at 127\.0\.0\.1"):
        http.get("deals")
    assert server.asked == []


def test_a_name_is_asked_for_once_per_connection_so_that_it_cannot_change_its_mind(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolves(monkeypatch, {"crm.example.com": ["127.0.0.1"]}, client.server.port)
    http = Http(opening(), f"http://crm.example.com:{client.server.port}")
    assert http.get("deals") == {}
    assert asked.count("crm.example.com") == 1


def resolves(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]], port: int) -> list[str]:
    """Let the machine's name service know ``names``; what was asked of it is returned."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def answer(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        if host in names:
            kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
            return [(*kind, (address, port)) for address in names[host]]
        if host.endswith(".example.com"):
            raise socket.gaierror(-2, "Name or service not known")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_without_a_network_the_source_is_unreachable(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolves(monkeypatch, {}, 1)
    http = Http(opening(private=False), "https://api.example.com", sleep=client.waits.append)
    with pytest.raises(SourceUnreachable, match=r"api\.example\.com has no address"):
        http.get("deals?api_key=abc123secret")


def test_a_port_on_which_nobody_listens_is_unreachable(client: Client) -> None:
    client.server.port = closed_port()
    with pytest.raises(SourceUnreachable, match="the connection was refused"):
        client.open().get("deals")


@pytest.fixture
def other(server: Scripted) -> Iterator[Scripted]:
    with scripted() as running:
        yield running


def test_a_redirect_to_a_metadata_address_is_refused(server: Scripted, client: Client) -> None:
    server.answers(Reply(302, b"", {"Location": "http://169.254.169.254/latest/meta-data"}))
    with pytest.raises(AddressRefused, match=r"169\.254\.169\.254"):
        client.open().get("deals")


def test_a_redirect_to_a_private_address_is_refused_where_they_are_not_allowed(
    server: Scripted,
) -> None:
    session = guarded_session(opening(private=False), where="the Acme API")
    with pytest.raises(AddressRefused, match="an address of this machine"):
        session.send(session.prepare_request(_request(f"https://127.0.0.1:{server.port}")))


def _request(url: str) -> Any:
    import requests

    return requests.Request("GET", url)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x/", "https://"])
def test_a_redirect_to_something_that_is_no_server_is_refused(
    server: Scripted, client: Client, target: str
) -> None:
    server.answers(Reply(302, b"", {"Location": target}))
    with pytest.raises(AddressRefused):
        client.open().get("deals")


def test_credentials_are_not_carried_to_another_server(
    server: Scripted, client: Client, other: Scripted
) -> None:
    server.answers(Reply(302, b"", {"Location": f"{other.url}/file"}))
    headers = {"Authorization": "Bearer abc", "Api-Token": "abc", "X-Odd": "abc"}
    client.open(headers=headers).get("deals")
    assert "abc" not in str(other.asked[0].headers)


def test_a_redirect_on_the_same_server_keeps_its_credentials(
    server: Scripted, client: Client
) -> None:
    server.answers(Reply(302, b"", {"Location": "/v2/deals"}), data([1]))
    assert client.open(headers={"Api-Token": "abc"}).get("deals") == [1]
    assert server.asked[1].headers["api-token"] == "abc"


def test_a_body_is_not_carried_to_another_server(
    server: Scripted, client: Client, other: Scripted
) -> None:
    server.answers(Reply(307, b"", {"Location": f"{other.url}/token"}))
    with pytest.raises(AddressRefused, match="another server"):
        client.open().post("token", data={"client_secret": "abc"})
    assert other.asked == []


def test_a_next_page_on_another_server_is_refused(client: Client, other: Scripted) -> None:
    with pytest.raises(AddressRefused, match="it leads to another server"):
        client.open().get(f"{other.url}/deals?page=2")
    assert other.asked == []


def test_redirects_without_end_are_a_bad_answer(server: Scripted, client: Client) -> None:
    server.answers(Reply(302, b"", {"Location": "/again"}))
    with pytest.raises(BadAnswer, match="redirects in a row"):
        client.open().get("deals")
    assert len(server.asked) < 10


def test_the_proxy_of_the_environment_is_used_and_may_be_a_private_address(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setenv("no_proxy", "")
    server.answers(data({"by": "proxy"}))
    http = Http(opening(), "http://crm.example.com")
    assert http.get("deals") == {"by": "proxy"}
    assert server.asked[0].path == "http://crm.example.com/deals"


def test_an_encrypted_server_is_reached_through_the_proxys_tunnel(
    server: Scripted, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://me:pr0xypass@127.0.0.1:{server.port}")
    http = Http(opening(private=False), "https://crm.example.com", sleep=client.waits.append)
    with pytest.raises(SourceUnreachable, match="the proxy that the environment names") as raised:
        http.get("deals")
    assert "pr0xypass" not in str(raised.value)


def test_a_proxy_does_not_open_the_own_network(
    server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", server.url)
    with pytest.raises(AddressRefused):
        Http(opening(private=False), "https://10.0.0.8/").get("deals")
    assert server.asked == []


def test_a_credential_that_no_header_can_hold_is_refused_without_being_shown(
    client: Client,
) -> None:
    for odd in ("abc\ndef", "абв-секрет"):
        with pytest.raises(SourceRefused, match="a credential that can be sent") as raised:
            client.open(headers={"Api-Token": odd}).get("deals")
        assert odd not in str(raised.value)


def test_a_password_in_the_home_folder_is_not_sent(
    server: Scripted, client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password netrcpass\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    client.open().get("deals")
    assert "authorization" not in server.asked[0].headers
