"""A request is ASGI's to whoever speaks that: a framework of another's making is served as it expects."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from tests.edge.conftest import OpenDoor
from tests.support.listening import Handler, eventually

from entrepot.edge import Line


async def _tell(request: Request) -> Response:
    told = {
        "method": request.method,
        "url": str(request.url),
        "name": request.path_params["name"],
        "query": request.query_params.multi_items(),
        "type": request.headers["Content-Type"],
        "body": (await request.body()).decode(),
        "client": request.client.host if request.client else None,
    }
    return JSONResponse(told, status_code=201, headers={"X-A": "b"})


async def _stream(request: Request) -> Response:
    read = [piece async for piece in request.stream()]

    async def pieces() -> AsyncIterator[bytes]:
        for piece in read:
            yield piece
            await asyncio.sleep(0)

    return StreamingResponse(pieces(), media_type="text/plain")


FRAMEWORK = Starlette(routes=[Route("/tell/{name}", _tell, methods=["POST"]), Route("/stream", _stream)])


async def _framed(line: Line) -> None:
    await FRAMEWORK(line.scope, line.receive, line.send)


async def test_a_framework_reads_and_answers_a_request(open_door: OpenDoor) -> None:
    client = await (await open_door(_framed)).client()
    await client.say(
        b"POST /tell/a%2Db?c=d&c=e%2F HTTP/1.1\r\nHost: hub:8080\r\nContent-Type: text/plain\r\n"
        b"Content-Length: 5\r\n\r\nhello"
    )
    answer = await client.answer()
    assert (answer.status, answer.headers["x-a"], answer.headers["content-type"]) == (201, "b", "application/json")
    assert json.loads(answer.body) == {
        "method": "POST",
        "url": "http://hub:8080/tell/a-b?c=d&c=e%2F",
        "name": "a-b",
        "query": [["c", "d"], ["c", "e/"]],
        "type": "text/plain",
        "body": "hello",
        "client": "127.0.0.1",
    }


async def test_a_framework_reads_and_writes_streams(open_door: OpenDoor) -> None:
    door = await open_door(_framed)
    client = await door.client()
    await client.say(b"GET /stream HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n")
    await eventually(lambda: door.desk.lines)
    await client.say(b"3\r\nllo\r\n0\r\n\r\n")
    assert b"transfer-encoding: chunked\r\n" in await client.until(b"\r\n\r\n")
    told = await client.until(b"0\r\n\r\n")
    assert told.startswith((b"2\r\nhe\r\n3\r\nllo\r\n", b"5\r\nhello\r\n"))


async def test_a_framework_stops_a_stream_whose_client_has_left(open_door: OpenDoor) -> None:
    stopped = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"on and on"
                await asyncio.sleep(0.01)
        finally:
            stopped.set()

    async def handler(line: Line) -> None:
        await StreamingResponse(endless())(line.scope, line.receive, line.send)

    client = await (await open_door(handler)).client()
    await client.say(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    await client.until(b"on and on")
    client.leave()
    await asyncio.wait_for(stopped.wait(), 5)


async def test_a_framework_is_told_that_its_client_has_left(open_door: OpenDoor) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()

    async def wait(request: Request) -> Response:
        try:
            return Response(await request.body())
        except ClientDisconnect:
            told.put_nowait("left")
            raise

    def served(framework: Starlette) -> Handler:
        async def handler(line: Line) -> None:
            await framework(line.scope, line.receive, line.send)

        return handler

    door = await open_door(served(Starlette(routes=[Route("/", wait, methods=["POST"])])))
    client = await door.client()
    await client.say(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhel")
    await eventually(lambda: door.desk.lines)
    client.leave()
    assert await asyncio.wait_for(told.get(), 5) == "left"
