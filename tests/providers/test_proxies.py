"""Calls through a proxy: what it is told, and what it cannot get around."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from tests.support.sockets import REQUEST, USER, Echo, Proxy, answered, serving, upstream_at

from entrepot import errors
from entrepot.providers.http import Http
from entrepot.providers.pool import Origin, Pool
from entrepot.settings import Upstream as Limits


@pytest.mark.usefixtures("trusted")
async def test_a_proxy_connects_and_tls_goes_through_it(tls: ssl.SSLContext) -> None:
    echo, proxy = Echo(), Proxy()
    async with serving(echo, tls) as port, serving(proxy) as proxy_port:
        pool = Pool(connect_timeout_s=2, proxy=f"http://user:p%40ss@127.0.0.1:{proxy_port}")
        origin = Origin("localhost", port, True)
        for _ in range(2):
            pool.give(origin, await answered(pool, origin))
        await asyncio.sleep(0.05)
        assert echo.heads == [REQUEST, REQUEST]  # on one connection, with no word of the proxy's
        pool.close()
        await asyncio.wait_for(proxy.ended.wait(), 1)
    target = f"localhost:{port}"
    line = f"proxy-authorization: Basic {USER}"
    assert proxy.heads == [f"CONNECT {target} HTTP/1.1\r\nhost: {target}\r\n{line}\r\n\r\n".encode()]


async def test_a_proxys_tunnel_does_not_make_up_for_a_certificate(tls: ssl.SSLContext) -> None:
    echo, proxy = Echo(), Proxy()
    async with serving(echo, tls) as port, serving(proxy) as proxy_port:
        with pytest.raises(errors.UpstreamUnreachable, match="TLS"):
            await Pool(connect_timeout_s=2, proxy=f"http://127.0.0.1:{proxy_port}").dial(
                Origin("localhost", port, True)
            )
        await asyncio.wait_for(proxy.ended.wait(), 1)
    assert echo.heads == []


REFUSALS = [
    b"HTTP/1.1 407 Who are you\r\nproxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 502 No\r\n\r\n",
    b"SSH-2.0-OpenSSH_9\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000,
    b"HTTP/1.1 200 OK\r\n\r\nnot a handshake",
]


@pytest.mark.parametrize("answer", REFUSALS, ids=range(len(REFUSALS)))
async def test_a_proxy_that_does_not_connect_is_shut(answer: bytes) -> None:
    proxy = Proxy(answer)
    async with serving(proxy) as proxy_port:
        pool = Pool(connect_timeout_s=0.3, proxy=f"http://127.0.0.1:{proxy_port}")
        with pytest.raises((errors.UpstreamUnreachable, errors.UpstreamTimeout)):
            await pool.dial(Origin("localhost", 1, True))
        await asyncio.wait_for(proxy.ended.wait(), 1)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["before CONNECT", "before TLS"])
async def test_cancelling_a_dial_through_a_proxy_shuts_it(answer: bytes) -> None:
    proxy = Proxy(answer)
    async with serving(proxy) as proxy_port:
        pool = Pool(connect_timeout_s=5, proxy=f"http://127.0.0.1:{proxy_port}")
        dialling = asyncio.create_task(pool.dial(Origin("localhost", 1, True)))
        while not proxy.heads:
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        dialling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await dialling
        await asyncio.wait_for(proxy.ended.wait(), 1)


async def test_an_ipv6_address_is_named_in_brackets_to_a_proxy() -> None:
    proxy = Proxy(b"HTTP/1.1 502 No\r\n\r\n")
    async with serving(proxy) as proxy_port:
        with pytest.raises(errors.UpstreamUnreachable, match="502"):
            await Pool(connect_timeout_s=1, proxy=f"http://127.0.0.1:{proxy_port}").dial(Origin("::1", 443, True))
    assert proxy.heads == [b"CONNECT [::1]:443 HTTP/1.1\r\nhost: [::1]:443\r\n\r\n"]


@pytest.mark.parametrize("proxy", ["proxy.invalid:3128", "http://proxy.invalid", "http://127.0.0.1:70000"])
async def test_a_proxy_that_cannot_be_reached_is_not_passed_by(proxy: str) -> None:
    echo = Echo()
    async with serving(echo) as port:
        with pytest.raises(errors.UpstreamUnreachable):
            await Pool(connect_timeout_s=1, proxy=proxy).dial(Origin("127.0.0.1", port, False))
    assert echo.heads == []


async def test_a_plain_call_names_its_target_and_the_proxys_credential_to_the_proxy() -> None:
    echo = Echo()
    async with serving(echo) as port:
        http = Http(Limits(proxy=f"http://user:p%40ss@127.0.0.1:{port}"))
        await (await http.post(upstream_at(9), b"", within_s=5)).close()
        http.close()
    first, second, third, *_ = echo.heads[0].decode().split("\r\n")
    assert first == "POST http://127.0.0.1:9/v1/chat/completions HTTP/1.1"
    assert (second, third) == (f"proxy-authorization: Basic {USER}", "host: 127.0.0.1:9")


async def test_an_engine_of_the_hubs_own_is_called_past_the_proxy() -> None:
    echo = Echo()
    async with serving(echo) as port:
        http = Http(Limits(proxy="http://user:pass@127.0.0.1:1"))
        await (await http.post(upstream_at(port, own=True), b"", within_s=5)).close()
        http.close()
    assert echo.heads[0].startswith(b"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:")
    assert b"proxy" not in echo.heads[0]
