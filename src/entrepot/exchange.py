"""One request and what has become of it so far: the only record in the house that changes."""

from __future__ import annotations

import re
import time
from typing import Any, Protocol

from entrepot.catalog import Model
from entrepot.conversation import Request, Usage
from entrepot.dialects.fields import RawFields
from entrepot.dialects.table import MESSAGES, Dialect, Form
from entrepot.edge import Client, Headers
from entrepot.hub import Configuration
from entrepot.keys import Key, Mode
from entrepot.providers.registry import SANDBOX, Upstream
from entrepot.store import ExchangeRow

LONGEST_HEADER_CHARS = 2000
_UNSAFE = re.compile(r"[^ -~]")


class Outlet(Protocol):
    """Where an answer goes: the client, or what tells it otherwise on the way there. See `edge.Client`."""

    async def send(self, status: int, headers: Headers, body: bytes) -> None: ...

    async def start(self, status: int, headers: Headers) -> None: ...

    async def write(self, data: bytes) -> None: ...

    async def end(self, data: bytes = b"") -> None: ...


class Exchange:
    """Filled in step by step on its walk. `text` is what was delivered of an answer without usage.

    `counting` says that the client asks how many tokens the request has, and for no answer to it.
    `answer_id` is the id that the hub gives the answer, where it does not leave that to the upstream.
    """

    __slots__ = (
        "_parsed", "answer_id", "answered", "asked", "attempts", "began", "body", "client", "configuration",
        "counting", "dropped", "error_code", "fields", "finish", "form", "key", "model", "outlet", "started_at_ms",
        "status", "text", "ttft_ms", "upstream", "usage", "written",
    )  # fmt: skip

    def __init__(self, configuration: Configuration, client: Client, form: Form, *, counting: bool = False) -> None:
        self.configuration = configuration
        self.client = client
        self.outlet: Outlet = client
        self.form = form
        self.counting = counting
        self.began = time.monotonic()
        self.started_at_ms = time.time_ns() // 1_000_000
        self.key: Key | None = None
        self.body: dict[str, Any] = {}
        self.fields: RawFields = {}
        self._parsed: Any = None
        self.dropped: tuple[str, ...] = ()
        self.written: object = None  # the tap or writer that a stream goes through
        self.asked = ""
        self.model: Model | None = None
        self.upstream: Upstream | None = None
        self.attempts = 0
        self.answer_id: str | None = None
        self.answered: str | None = None
        self.finish: str | None = None
        self.usage: Usage | None = None
        self.text = ""
        self.ttft_ms: int | None = None
        self.status = 200
        self.error_code: str | None = None

    @property
    def dialect(self) -> Dialect:
        """The form of a conversation."""
        assert isinstance(self.form, Dialect)
        return self.form

    @property
    def parsed(self) -> Any:
        """The request as its form reads it from the body, when it is first needed. Raises InvalidRequest."""
        self._parsed = self._parsed or self.form.parse_request(self.body)
        return self._parsed

    @property
    def request(self) -> Request:
        """The request of a conversation in the neutral form. Raises InvalidRequest."""
        request: Request = self.parsed
        return request

    def count_input(self) -> int:
        """The request's tokens by the hub's own count. Slow: call it on another thread."""
        assert self.model is not None
        return self.form.count(self.parsed, self.model.image_tokens)

    @property
    def stream(self) -> bool:
        return self.body.get("stream") is True

    @property
    def simulated(self) -> bool:
        """Test keys never reach an upstream, and the sandbox's own models have none."""
        if self.key is not None and self.key.mode == "test":
            return True
        return self.model is not None and any(offer.provider == SANDBOX for offer in self.model.offers)

    @property
    def mode(self) -> Mode:
        return "test" if self.simulated else "live"

    @property
    def provider(self) -> str | None:
        if self.upstream is not None:
            return self.upstream.offer.provider
        return SANDBOX if self.attempts else None

    @property
    def by_own_engine(self) -> bool:
        """Whether llama.cpp in the hub's own child process answers."""
        return self.upstream is not None and self.upstream.own

    @property
    def passed_lines(self) -> bytes:
        """The header lines of the client's that an upstream of the same form needs."""
        given = ((name, self.client.headers.get(name)) for name in self.form.passed_headers)
        return b"".join(b"%b: %b\r\n" % (name, value) for name, value in given if value is not None)

    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self.began) * 1000)

    def delivering(self) -> None:
        """The first byte goes out now."""
        self.ttft_ms = self.elapsed_ms()

    def head(self, content_type: bytes) -> Headers:
        """The headers of any answer to this exchange."""
        client = self.client
        lines: Headers = [
            (b"content-type", content_type),
            (b"x-request-id", client.request_id.encode()),
            (b"openai-processing-ms", str(self.elapsed_ms()).encode()),
        ]
        if self.form is MESSAGES:  # where Anthropic's SDKs look for it
            lines.append((b"request-id", client.request_id.encode()))
        if self.key is not None:
            lines.append((b"x-entrepot-mode", self.mode.encode()))
        if self.model is not None:
            lines.append((b"x-entrepot-model", self.model.id.encode()))
            if self.model.lifecycle.shutdown_at is not None:
                lines.append((b"sunset", self.model.lifecycle.shutdown_at.strftime(_HTTP_DATE).encode()))
        if self.provider is not None:
            lines.append((b"x-entrepot-provider", self.provider.encode()))
            lines.append((b"x-entrepot-attempts", str(self.attempts).encode()))
        if self.dropped:
            lines.append((b"x-entrepot-dropped", _header_value(", ".join(self.dropped))))
        if client.client_request_id is not None:
            lines.append((b"x-client-request-id", client.client_request_id))
        return lines

    def row(self, usage: Usage) -> ExchangeRow:
        """The exchange as the store keeps it."""
        assert self.key is not None
        return ExchangeRow(
            request_id=self.client.request_id,
            started_at_ms=self.started_at_ms,
            key_id=self.key.id,
            mode=self.mode,
            dialect=self.form.name,
            asked=self.asked,
            model=self.model.id if self.model else None,
            provider=self.provider,
            offered=self.upstream.offer.upstream_model if self.upstream else None,
            answered=self.answered,
            stream=self.stream,
            status=self.status,
            error_code=self.error_code,
            finish=self.finish,
            attempts=self.attempts,
            usage=usage,
            ttft_ms=self.ttft_ms,
            duration_ms=self.elapsed_ms(),
        )


_HTTP_DATE = "%a, %d %b %Y 00:00:00 GMT"


def _header_value(text: str) -> bytes:
    """`text`, parts of which a client may have chosen, as something that is safe in a header."""
    return _UNSAFE.sub("?", text[:LONGEST_HEADER_CHARS]).encode()
