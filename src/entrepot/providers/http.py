"""The one HTTP client: pooled, timed, follows no redirect. Its foreign exceptions become ours here."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Protocol

from pyreqwest import exceptions as pyreqwest
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.proxy import ProxyBuilder
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response

from entrepot import errors
from entrepot.dialects.openai_chat import read_error
from entrepot.providers.registry import Upstream
from entrepot.providers.retry_after import retry_after_s
from entrepot.settings import Upstream as Limits

# Ordered: the first class that matches decides.
_EXCEPTIONS: tuple[tuple[type[Exception], type[errors.UpstreamError], str], ...] = (
    (pyreqwest.ConnectTimeoutError, errors.UpstreamTimeout, "The upstream could not be reached in time."),
    (pyreqwest.ConnectError, errors.UpstreamUnreachable, "The upstream cannot be reached."),
    (pyreqwest.RequestTimeoutError, errors.UpstreamTimeout, "The upstream took too long."),
    (pyreqwest.NetworkError, errors.UpstreamBroken, "The connection to the upstream broke."),
    (pyreqwest.PyreqwestError, errors.UpstreamBroken, "The upstream did not answer in HTTP."),
)
_FINISH_S = 0.1
PLAIN_BUFFER_BYTES = 64 * 1024  # most plain answers arrive whole with their head, in one turn of the loop
# 4xx that judge the caller's own input; any other is between the hub and its provider.
_CALLERS_FAULT = (400, 409, 413, 415, 422)


class Answer(Protocol):
    """An answer whose head has arrived: read it whole with `body`, or piece by piece, then `close` it."""

    content_type: str

    async def body(self) -> bytes:
        """All of it. Raises UpstreamBroken when it is too large or breaks off."""

    async def piece(self) -> bytes | None:
        """The next bytes, None at the end. Raises UpstreamTimeout when nothing comes for too long."""

    async def finish(self) -> None:
        """Read what little may be left, so that the connection can be used again."""

    async def close(self) -> None:
        """Give the connection back, or shut it when the answer was not read to its end."""


class HttpAnswer:
    """An `Answer` that an upstream gives over HTTP."""

    def __init__(self, request: StreamRequest, response: Response, limits: Limits) -> None:
        self._request = request
        self._reader = response.body_reader
        self._limits = limits
        self._idle: _Idle | None = None
        self.header = response.get_header
        self.status = response.status
        self.content_type = (response.get_header("content-type") or "").partition(";")[0].strip().lower()

    async def body(self) -> bytes:
        pieces: list[bytes] = []
        size = 0
        try:
            while (piece := await self._reader.read_chunk()) is not None:
                _heed_cancellation()
                pieces.append(bytes(piece))
                size += len(piece)
                if size > self._limits.max_response_bytes:
                    raise errors.UpstreamBroken("The upstream's answer is too large.")
        except pyreqwest.PyreqwestError as error:
            raise _ours(error) from error
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def piece(self) -> bytes | None:
        idle = self._idle = self._idle or _Idle(self._limits.idle_timeout_s)
        idle.since_s = idle.now()
        try:
            piece = await self._reader.read_chunk()
            _heed_cancellation()
        except pyreqwest.PyreqwestError as error:
            raise _ours(error) from error
        except asyncio.CancelledError:
            if not idle.caught():
                raise
            message = f"The upstream sent nothing for {self._limits.idle_timeout_s:g} s."
            raise errors.UpstreamTimeout(message) from None
        finally:
            idle.since_s = None
        return None if piece is None else bytes(piece)

    async def finish(self) -> None:
        try:
            async with asyncio.timeout(_FINISH_S):
                while await self._reader.read_chunk() is not None:
                    pass
        except (TimeoutError, pyreqwest.PyreqwestError):
            return  # then the connection is shut instead

    async def close(self) -> None:
        if self._idle is not None:
            self._idle.end()
        await self._request.__aexit__(None, None, None)

    async def refusal(self) -> errors.EntrepotError:
        """The error that an answer with a status other than 200 stands for."""
        said = read_error(await self.body())
        wait = retry_after_s(self.header, time.time())
        if self.status in _CALLERS_FAULT:
            return errors.UpstreamRefusal(said.message, status=self.status, code=said.code, param=said.param)
        if self.status in (401, 403):
            return errors.UpstreamCredentialRefused("The upstream refused the hub's credential.")
        if self.status == 429:
            return errors.UpstreamRateLimited(f"The upstream is limiting the hub: {said.message}", retry_after_s=wait)
        if self.status in (503, 529):
            return errors.UpstreamOverloaded(f"The upstream is overloaded: {said.message}", retry_after_s=wait)
        if self.status in (408, 504):
            return errors.UpstreamTimeout(f"The upstream timed out: {said.message}")
        return errors.UpstreamError(f"The upstream answered {self.status}: {said.message}")


class _Idle:
    """Cancels the reading task when it has waited for too long: one timer a stream, not one an event.

    `since_s` is when the wait under way began; None while a slow client holds the task up instead.
    """

    def __init__(self, limit_s: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._limit_s = limit_s
        self._task = asyncio.current_task(self._loop)
        self.now = self._loop.time
        self.since_s: float | None = None
        self._timer = self._loop.call_later(limit_s, self._look)
        self._expired = False

    def caught(self) -> bool:
        """Whether the cancellation under way is this one's; then it is over."""
        if self._expired and self._task is not None:
            self._task.uncancel()
        return self._expired

    def end(self) -> None:
        self._timer.cancel()

    def _look(self) -> None:
        now_s = self.now()
        left_s = (self.since_s or now_s) + self._limit_s - now_s
        if left_s > 0:
            self._timer = self._loop.call_later(left_s, self._look)
        elif self._task is not None:
            self._expired = True
            self._task.cancel()


class Http:
    """Pooled connections to every upstream. Make it inside a running event loop; close it at the end."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        builder = (
            ClientBuilder()
            .follow_redirects(False)
            .referer(False)
            .user_agent("entrepot")
            .connect_timeout(timedelta(seconds=limits.connect_timeout_s))
            .read_timeout(timedelta(seconds=limits.first_byte_timeout_s))
            .default_headers({"content-type": "application/json", "accept-encoding": "identity"})
        )
        builder = builder.proxy(ProxyBuilder.all(limits.proxy)) if limits.proxy else builder.no_proxy()
        self._client: Client = builder.build()

    async def post(self, upstream: Upstream, body: bytes, *, stream: bool, within_s: float) -> HttpAnswer:
        """POST `body` and wait for the answer's head; the caller closes the answer.

        Raises the error that the upstream's failure, or its status other than 200, stands for, and
        UpstreamTimeout when the whole answer takes longer than `within_s`.
        """
        request = (
            self._client.post(upstream.url)
            .headers(upstream.headers)
            .timeout(timedelta(seconds=within_s))
            .streamed_read_buffer_limit(0 if stream else PLAIN_BUFFER_BYTES)
            .body_bytes(body)
            .build_streamed()
        )
        try:
            response = await request.__aenter__()
        except pyreqwest.PyreqwestError as error:
            raise _ours(error) from error
        answer = HttpAnswer(request, response, self._limits)
        if answer.status == 200:
            return answer
        try:
            raise await answer.refusal()
        finally:
            await answer.close()

    async def close(self) -> None:
        await self._client.close()


def _heed_cancellation() -> None:
    """Raise CancelledError when one is due: pyreqwest loses a cancellation that a result meets halfway."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _ours(error: pyreqwest.PyreqwestError) -> errors.UpstreamError:
    if isinstance(error, pyreqwest.ConnectError) and not _names(error, "(Connect)"):
        # A connection that breaks under a request is a ConnectError too, but the request may have been read.
        return errors.UpstreamBroken("The connection to the upstream broke.")
    for theirs, ours, message in _EXCEPTIONS:
        if isinstance(error, theirs):
            return ours(message)
    raise error


def _names(error: pyreqwest.DetailedPyreqwestError, kind: str) -> bool:
    return any(cause["message"].endswith(kind) for cause in error.details["causes"] or ())
