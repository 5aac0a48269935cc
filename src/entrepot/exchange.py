"""One request and what has become of it so far: the only record in the house that changes."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from entrepot import notices, tokens
from entrepot.books import Bill, now, now_ms
from entrepot.catalog import Model
from entrepot.conversation import Request, Usage
from entrepot.dialects.fields import RawFields, raw
from entrepot.dialects.table import CHAT, MESSAGES, Dialect, Form
from entrepot.edge import Client, Headers
from entrepot.errors import InvalidRequest
from entrepot.hub import Configuration
from entrepot.keys import Key, Mode
from entrepot.limits import Gate
from entrepot.money import Line, usd
from entrepot.providers.registry import SANDBOX, Upstream
from entrepot.store import ExchangeRow

LONGEST_HEADER_CHARS = 2000
BYTES_PER_TOKEN = 4  # about, in English
_HTTP_DATE = "%a, %d %b %Y 00:00:00 GMT"
_UNSAFE = re.compile(r"[^ -~]")


class Outlet(Protocol):
    """Where an answer goes: the client, or what tells it otherwise on the way there. See `edge.Client`."""

    async def send(self, status: int, headers: Headers, body: bytes) -> None: ...

    async def start(self, status: int, headers: Headers) -> None: ...

    async def write(self, data: bytes) -> None: ...

    async def end(self, data: bytes = b"") -> None: ...


class Exchange(msgspec.Struct, eq=False):
    """Filled in step by step on its walk. `texts` are the pieces of the answer so far, as long as it may lack usage.

    `failed` are upstreams that may bill an attempt though it failed.

    `counting` says that the client asks how many tokens the request has, and for no answer to it.
    `gates` are those of the rules that bind the call. `written` is the tap or writer that a stream goes through.
    `answer_id` is the id that the hub gives the answer, where it does not leave that to the upstream; `given_id` is
    the upstream's, as the client's dialect writes it. `tells_sides` has the cost told by input and output, too.
    """

    configuration: Configuration
    client: Client
    form: Form
    outlet: Outlet
    counting: bool = False
    began: float = msgspec.field(default_factory=time.monotonic)
    started_at_ms: int = msgspec.field(default_factory=now_ms)
    key: Key | None = None
    body: dict[str, Any] = {}
    fields: RawFields = {}
    _parsed: Any = None
    simulated: bool = False
    dropped: tuple[str, ...] = ()
    written: object = None
    asked: str = ""
    model: Model | None = None
    upstream: Upstream | None = None
    attempts: int = 0
    answer_id: str | None = None
    tells_sides: bool = False
    given_id: str | None = None
    answered: str | None = None
    finish: str | None = None
    usage: Usage | None = None
    texts: list[str] = []
    failed: list[Upstream] = []
    ttft_ms: int | None = None
    size_bytes: int = 0
    gates: Sequence[Gate] = ()
    bill: Bill | None = None
    bounded_tokens: int | None = None
    charge_nusd: int | None = None
    debt_nusd: int | None = None
    lines: tuple[Line, ...] = ()
    status: int = 200
    error_code: str | None = None

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
        """The request's tokens by the hub's own count. Slow: call it on another thread. Raises InvalidRequest."""
        assert self.model is not None
        return self.form.count(self.parsed, self.model.image_tokens)

    def estimate_input(self) -> int:
        """As `count_input`, for a request that was sent: one that passed though the hub cannot read it is estimated."""
        try:
            return self.count_input()
        except InvalidRequest:
            return self.size_bytes // BYTES_PER_TOKEN

    def estimate(self) -> Usage:
        """The hub's own count, where the upstream reported none. Slow: call it on another thread."""
        return Usage(input_tokens=self.estimate_input(), output_tokens=tokens.count(self.text), estimated=True)

    @property
    def text(self) -> str:
        """What the model has written so far."""
        return "".join(self.texts)

    @property
    def output_limit(self) -> int | None:
        """How many tokens the client lets each choice of the answer have at most."""
        for name in self.form.output_fields:
            limit = self.body.get(name)
            if isinstance(limit, int):
                return limit
        return None

    def want_usage(self) -> None:
        """Have a stream of Chat Completions tell its usage, whether or not the client asked for it."""
        options = self.body.get("stream_options")
        if self.form is CHAT and self.stream and isinstance(options, dict | None):
            self.body["stream_options"] = (options or {}) | {"include_usage": True}

    def bound_output(self, most_tokens: int) -> None:
        """Let each choice of the answer have no more tokens than this."""
        given = [name for name in self.form.output_fields if self.body.get(name) is not None]
        for name in given or self.form.output_fields[:1]:
            self.body[name] = most_tokens
            self.fields[name] = raw(most_tokens)
        self._parsed = None
        self.bounded_tokens = most_tokens

    @property
    def choices(self) -> int:
        choices = self.body.get("n") if self.form is CHAT else None
        return choices if isinstance(choices, int) and choices > 0 else 1

    @property
    def delivered(self) -> bool:
        """Whether the client has got anything of an answer."""
        return self.ttft_ms is not None

    @property
    def stream(self) -> bool:
        return self.body.get("stream") is True

    def made_with(self, key: Key) -> None:
        """Test keys never reach an upstream."""
        self.key = key
        self.simulated = self.simulated or key.mode == "test"

    def is_for(self, model: Model) -> None:
        """The sandbox's own models have no upstream."""
        self.model = model
        self.simulated = self.simulated or any(offer.provider == SANDBOX for offer in model.offers)

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
        client, request_id = self.client, self.client.request_id.encode()
        lines: Headers = [
            (b"content-type", content_type),
            (b"x-request-id", request_id),
            (b"openai-processing-ms", b"%d" % self.elapsed_ms()),
        ]
        if self.form is MESSAGES:  # where Anthropic's SDKs look for it
            lines.append((b"request-id", request_id))
        if self.key is not None:
            lines.append((b"x-entrepot-mode", self.mode.encode()))
        if self.model is not None:
            lines.append((b"x-entrepot-model", self.model.id.encode()))
            if self.model.lifecycle.shutdown_at is not None:
                lines.append((b"sunset", self.model.lifecycle.shutdown_at.strftime(_HTTP_DATE).encode()))
        if self.provider is not None:
            lines.append((b"x-entrepot-provider", self.provider.encode()))
            lines.append((b"x-entrepot-attempts", b"%d" % self.attempts))
        if self.dropped:
            lines.append((b"x-entrepot-dropped", _header_value(", ".join(self.dropped))))
        if self.bounded_tokens is not None:
            lines.append((b"x-entrepot-max-output-tokens", str(self.bounded_tokens).encode()))
        if self.charge_nusd is not None:
            lines.append((b"x-entrepot-cost-usd", usd(self.charge_nusd).encode()))
        if self.gates:
            lines += notices.headers(self.gates, now(), "anthropic" if self.form is MESSAGES else "openai")
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
            organisation_id=self.key.organisation_id,
            member_id=self.key.member_id,
            project=self.key.project,
            charge_nusd=self.charge_nusd,
            debt_nusd=self.debt_nusd,
            lines=self.lines,
            answer_id=self.answer_id or self.given_id,
            ttft_ms=self.ttft_ms,
            duration_ms=self.elapsed_ms(),
        )


def _header_value(text: str) -> bytes:
    """`text`, parts of which a client may have chosen, as something that is safe in a header."""
    return _UNSAFE.sub("?", text[:LONGEST_HEADER_CHARS]).encode()
