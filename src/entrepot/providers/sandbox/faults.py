"""How a caller steers the sandbox: by the model's name, or by a header beside any model.

    x-entrepot-sandbox: latency_ms=200, tokens_per_s=50, fault=cut-after:3

Says what shall go wrong and when; knows nothing of answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from entrepot import errors

HEADER = "x-entrepot-sandbox"
PREFIX = "sandbox/"

FaultKind = Literal[
    "error",
    "timeout",
    "unreachable",
    "cut-after",
    "stall-after",
    "bad-tool-json",
    "empty",
    "refusal",
    "content-filter",
]

# HTTP statuses a caller can ask for, and the code that comes with those an upstream blames on the caller.
REFUSALS: Mapping[int, str] = {
    400: "invalid_request",
    401: "invalid_api_key",
    403: "model_not_allowed",
    404: "model_not_found",
    408: "request_timeout",
    409: "conflict",
    413: "request_too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
}
FAILURES: Mapping[int, type[errors.UpstreamError]] = {
    429: errors.UpstreamRateLimited,
    500: errors.UpstreamError,
    502: errors.UpstreamError,
    503: errors.UpstreamOverloaded,
    504: errors.UpstreamTimeout,
    529: errors.UpstreamOverloaded,
}
STATUSES = (*REFUSALS, *FAILURES)


class Fault(msgspec.Struct, frozen=True):
    """`number` is the status of an error, or the tokens that pass before a cut or a stall."""

    kind: FaultKind
    number: int = 0


class Steering(msgspec.Struct, frozen=True, kw_only=True):
    """Pace, manner and fault of one answer. No `tokens_per_s` means as fast as it can be read."""

    latency_ms: int = 0
    tokens_per_s: float | None = None
    retry_after_s: float = 1.0
    echo: bool = False
    reasoning: bool = False
    task: bool = False
    fault: Fault | None = None

    @classmethod
    def parse(cls, header: str | None, model: str) -> Steering:
        """What the model's name presets and the header overrides.

        Raises NotFound for a sandbox model that does not exist, InvalidRequest for a header that
        cannot be followed.
        """
        steering = _preset(model)
        return msgspec.structs.replace(steering, **_read(header)) if header else steering


MODELS: Mapping[str, tuple[str, Steering]] = {
    "sandbox/echo": ("Repeats the last user message exactly.", Steering(echo=True)),
    "sandbox/slow": (
        "Answers at 20 tokens a second after half a second.",
        Steering(latency_ms=500, tokens_per_s=20),
    ),
    "sandbox/reasoning": ("Thinks before it answers.", Steering(reasoning=True)),
    "sandbox/agent": ("Does a coding task step by step with the tools it is offered.", Steering(task=True)),
    "sandbox/empty": ("Ends without a word.", Steering(fault=Fault("empty"))),
    "sandbox/refusal": ("Refuses every request.", Steering(fault=Fault("refusal"))),
    "sandbox/bad-tool-json": ("Calls tools with arguments that are not JSON.", Steering(fault=Fault("bad-tool-json"))),
    "sandbox/cut-stream": ("Breaks off after five tokens.", Steering(fault=Fault("cut-after", 5))),
    "sandbox/stall": ("Falls silent after three tokens.", Steering(fault=Fault("stall-after", 3))),
    **{
        f"sandbox/error-{status}": (f"Fails with status {status}.", Steering(fault=Fault("error", status)))
        for status in STATUSES
    },
}


def error(steering: Steering) -> errors.EntrepotError | None:
    """The error that stands in for the whole answer, if one was asked for."""
    fault = steering.fault
    if fault is None:
        return None
    if fault.kind == "timeout":
        return errors.UpstreamTimeout("The sandbox did not answer in time, as asked.")
    if fault.kind == "unreachable":
        return errors.UpstreamUnreachable("The sandbox cannot be reached, as asked.")
    if fault.kind == "error":
        return _status_error(fault.number, steering.retry_after_s)
    return None


def _status_error(status: int, retry_after_s: float) -> errors.EntrepotError:
    message = f"The sandbox fails with status {status}, as asked."
    if status in REFUSALS:
        return errors.UpstreamRefusal(message, status=status, code=REFUSALS[status])
    waits = retry_after_s if status in (429, 503, 529) else None
    failure = FAILURES[status](message, retry_after_s=waits)
    failure.status = status
    return failure


def _preset(model: str) -> Steering:
    if not model.startswith(PREFIX):
        return Steering()
    if model not in MODELS:
        known = ", ".join(MODELS)
        raise errors.NotFound(f"No sandbox model {model!r}; there are {known}.", code="model_not_found", param="model")
    return MODELS[model][1]


def _read(header: str) -> dict[str, object]:
    values: dict[str, object] = {}
    for pair in filter(None, map(str.strip, header.split(","))):
        key, _, text = (word.strip() for word in pair.partition("="))
        if key not in _READERS:
            raise _invalid(f"has no key {key!r}; it knows {', '.join(_READERS)}")
        if key in values:
            raise _invalid(f"gives {key!r} twice")
        values[key] = _READERS[key](key, text)
    return values


def _invalid(problem: str) -> errors.InvalidRequest:
    return errors.InvalidRequest(f"The header {HEADER} {problem}.", param=HEADER)


def _number(low: float, high: float) -> Callable[[str, str], float]:
    def read(key: str, text: str) -> float:
        if not re.fullmatch(r"\d{1,7}(\.\d{1,3})?", text) or not low <= float(text) <= high:
            raise _invalid(f"needs a number from {low:g} to {high:g} for {key!r}, not {text!r}")
        return float(text)

    return read


def _integer(low: int, high: int) -> Callable[[str, str], int]:
    def read(key: str, text: str) -> int:
        if not re.fullmatch(r"\d{1,7}", text, re.ASCII) or not low <= int(text) <= high:
            raise _invalid(f"needs a whole number from {low} to {high} for {key!r}, not {text!r}")
        return int(text)

    return read


def _switch(key: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise _invalid(f"needs true or false for {key!r}, not {text!r}")
    return text == "true"


def _fault(key: str, text: str) -> Fault:
    kind, _, number = text.partition(":")
    if kind in ("cut-after", "stall-after"):
        return Fault(kind, _integer(0, 1_000_000)(f"{key}={kind}", number or "0"))  # type: ignore[arg-type]
    if text in ("timeout", "unreachable", "bad-tool-json", "empty", "refusal", "content-filter"):
        return Fault(text)  # type: ignore[arg-type]
    if text.removeprefix("error-") in map(str, STATUSES):
        return Fault("error", int(text.removeprefix("error-")))
    statuses = ", ".join(f"error-{status}" for status in STATUSES)
    raise _invalid(
        f"knows no fault {text!r}; there are {statuses}, timeout, unreachable, cut-after:N, stall-after:N, "
        "bad-tool-json, empty, refusal, content-filter"
    )


_READERS: Mapping[str, Callable[[str, str], object]] = {
    "latency_ms": _integer(0, 600_000),
    "tokens_per_s": _number(0.1, 100_000),
    "retry_after_s": _number(0, 3_600),
    "fault": _fault,
    "echo": _switch,
    "reasoning": _switch,
    "task": _switch,
}
