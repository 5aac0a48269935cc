"""What a call may use and cost before it is made: the same numbers for an estimate and for a reservation. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from entrepot.catalog import Model
from entrepot.conversation import Audio, Image, Part, Request, ToolResult, Usage
from entrepot.money import TEXT_METERS, Meter, Price, Tier, ceiling, cost

LIKELY_OUTPUT_TOKENS = 1024  # of an answer whose length the client leaves open
UNKNOWN_OUTPUT_TOKENS = 32_768  # the longest answer of a model that says nothing of it


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of all choices together: `likely` is what is reserved, `most` what can come at worst."""

    likely_tokens: int
    most_tokens: int


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens and nano-USD of one call of one model; the costs are None without a price for them."""

    input_tokens: int
    output: Output
    likely_nusd: int | None
    most_nusd: int | None


def output(model: Model, *, asked_tokens: int | None, choices: int = 1) -> Output:
    """How long the answer may be; `asked_tokens` is the bound that the client has set for each choice."""
    if model.kind == "embedding":
        return Output(likely_tokens=0, most_tokens=0)
    most = model.max_output_tokens or UNKNOWN_OUTPUT_TOKENS
    if asked_tokens is not None:
        most = min(most, asked_tokens)
    likely = most if asked_tokens is not None else min(most, LIKELY_OUTPUT_TOKENS)
    return Output(likely_tokens=likely * choices, most_tokens=most * choices)


def estimate(request: Any, model: Model, input_tokens: int, price: Price | None, tier: Tier) -> Estimate:
    """What a request, as its form has read it, may use of a model and cost at a price.

    The reservation for a request that bounds its answer is `most_nusd`.
    """
    asked_tokens, choices = (request.max_output_tokens, request.n) if isinstance(request, Request) else (None, 1)
    found = output(model, asked_tokens=asked_tokens, choices=choices)
    likely_nusd = most_nusd = None
    if price is not None and sells(price, tier, model):
        likely = Usage(input_tokens=input_tokens, output_tokens=found.likely_tokens)
        likely_nusd = cost(likely, price, tier)
        most_nusd = ceiling(input_tokens, found.most_tokens, price, tier, meters=meters_of(request))
    return Estimate(input_tokens=input_tokens, output=found, likely_nusd=likely_nusd, most_nusd=most_nusd)


def tier_of(service_tier: object) -> Tier:
    """The tier that a request asks for. A discount such as flex is none: not every upstream grants it."""
    return "priority" if service_tier in ("priority", "fast") else "standard"


def meters_of(request: Any) -> frozenset[Meter]:
    """The meters that may count a request's tokens."""
    return TEXT_METERS | set(_further_meters(request)) if isinstance(request, Request) else TEXT_METERS


def sells(price: Price, tier: Tier, model: Model) -> bool:
    """Whether a price list has what it takes to charge for any call of the model in a tier."""
    rates = price.in_force(tier)
    return "input" in rates and ("output" in rates or model.kind == "embedding")


def charged_tier(price: Price, asked: Tier, served: Tier | None, model: Model) -> Tier:
    """What a client pays for: what was served, but nothing dearer than it has asked for.

    A batch's discount is passed on where the list has it.
    """
    if served == asked or served in (None, "priority"):
        return asked
    fitting: tuple[Tier, ...] = ("batch", "standard") if served == "batch" else ("standard",)
    return next((tier for tier in fitting if sells(price, tier, model)), asked)


def owed_tier(price: Price, asked: Tier, served: Tier | None, model: Model) -> Tier | None:
    """What a provider bills: what it says that it has served, else what it was asked for; None for no price of that."""
    billed = served or asked
    if sells(price, billed, model):
        return billed
    return "standard" if billed == "batch" and sells(price, "standard", model) else None


def _further_meters(request: Request) -> Iterator[Meter]:
    parts = [part for message in request.messages for part in _flat(message.parts)]
    hint = request.foreign.get("cache_control")
    kept = {getattr(part, "cache", None) for part in (*parts, *request.tools)}
    if "1h" in kept or (isinstance(hint, Mapping) and hint.get("ttl") == "1h"):
        yield "cache_write_1h"
    if any(isinstance(part, Audio) for part in parts):
        yield "audio_input"
    if any(isinstance(part, Image) for part in parts):
        yield "image_input"
    if "audio" in request.foreign:
        yield "audio_output"


def _flat(parts: tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        yield part
        if isinstance(part, ToolResult):
            yield from part.parts
