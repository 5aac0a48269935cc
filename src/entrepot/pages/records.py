"""A model page as data: the one record that is sent as JSON and written as Markdown.

Amounts of money are decimal strings of US dollars. What is unknown is None or left out, never a guess.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from entrepot.catalog import Benchmark, Lifecycle, Link, Question
from entrepot.catalog.records import Kind, Modality
from entrepot.money import Meter
from entrepot.pages.examples import Level
from entrepot.pages.snippets import Language, Protocol


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the records of a page."""


class Fact(Part, frozen=True, kw_only=True):
    """One line of the tiles or the specifications."""

    name: str
    value: str
    note: str | None = None


class PriceLine(Part, frozen=True, kw_only=True):
    """What a million units of a meter cost by tier; `as_meter` names the meter whose rate applies where it has none."""

    meter: Meter
    label: str
    standard: str | None = None
    batch: str | None = None
    priority: str | None = None
    as_meter: Meter | None = None


class PriceTable(Part, frozen=True, kw_only=True):
    """The rates of calls with more input than `above_input_tokens`."""

    above_input_tokens: int
    lines: tuple[PriceLine, ...]


class TypicalCall(Part, frozen=True, kw_only=True):
    """What a call of such a size costs in the standard tier."""

    name: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_usd: str
    cost_nusd: int


class Named(Part, frozen=True, kw_only=True):
    name: str
    label: str


class Endpoint(Part, frozen=True, kw_only=True):
    name: str
    method: Literal["GET", "POST"]
    url: str


class BenchmarkGroup(Part, frozen=True, kw_only=True):
    name: str
    scores: tuple[Benchmark, ...]


class Field(Part, frozen=True, kw_only=True):
    """One field of the request, from the model's own schema, in words."""

    name: str
    title: str
    type: str
    description: str
    default: str | None = None
    bounds: str | None = None
    deprecated: bool = False


class Snippet(Part, frozen=True, kw_only=True):
    level: Level
    level_label: str
    language: Language
    label: str
    syntax: str
    protocol: Protocol
    code: str


class Tool(Part, frozen=True, kw_only=True):
    """How a client is pointed at this hub and model: lines for a shell, and a file where it reads one."""

    id: str
    name: str
    shell: str
    file: str | None = None
    path: str | None = None


class Related(Part, frozen=True, kw_only=True):
    id: str
    name: str
    reason: str
    url: str
    context_tokens: int | None
    input_usd: str | None
    output_usd: str | None


class Spread(Part, frozen=True, kw_only=True):
    """Percentiles."""

    p50: float
    p90: float
    p99: float


class Latency(Part, frozen=True, kw_only=True):
    """What this hub has measured of live calls that succeeded in the last `window_s` seconds."""

    window_s: int
    requests: int
    ttft_ms: Spread | None
    duration_ms: Spread
    output_tokens_per_s: Spread | None


class Addresses(Part, frozen=True, kw_only=True):
    page: str
    markdown: str
    llms: str
    data: str
    index: str


class CardPrices(Part, frozen=True, kw_only=True):
    """Dollars for a million tokens in the standard tier; None where there is no rate of its own."""

    input: str | None
    cached_input: str | None
    output: str | None


class Card(Part, frozen=True, kw_only=True):
    """What catalogues and pickers show of a model. `callable` says whether a live call could go out now, `sandbox`
    whether the model is there for tests only."""

    id: str
    name: str
    kind: Kind
    object: Literal["model_card"] = "model_card"
    aliases: tuple[str, ...]
    developer: str | None
    family: str | None
    summary: str
    lifecycle: Lifecycle
    banner: str | None
    released: date | None
    context_tokens: int | None
    max_output_tokens: int | None
    input_modalities: tuple[Modality, ...]
    output_modalities: tuple[Modality, ...]
    features: tuple[Named, ...]
    supported_parameters: tuple[str, ...]
    prices: CardPrices
    providers: tuple[str, ...]
    callable: bool
    sandbox: bool
    suggested_prompts: tuple[str, ...]


class Cards(Part, frozen=True, kw_only=True):
    object: Literal["list"] = "list"
    data: tuple[Card, ...]


class ModelPage(Part, frozen=True, kw_only=True):
    """Everything a model page shows, in the order in which it shows it."""

    id: str
    name: str
    kind: Kind
    object: Literal["model_page"] = "model_page"
    addresses: Addresses
    aliases: tuple[str, ...]
    developer: str | None
    family: str | None
    summary: str
    description: str
    lifecycle: Lifecycle
    banner: str | None
    tiles: tuple[Fact, ...]
    specifications: tuple[Fact, ...]
    prices: tuple[PriceTable, ...]
    typical_calls: tuple[TypicalCall, ...]
    features: tuple[Named, ...]
    supported_parameters: tuple[str, ...]
    endpoints: tuple[Endpoint, ...]
    benchmarks: tuple[BenchmarkGroup, ...]
    required_fields: tuple[Field, ...]
    optional_fields: tuple[Field, ...]
    snippets: tuple[Snippet, ...]
    answer: str | None = None
    tools: tuple[Tool, ...]
    related: tuple[Related, ...]
    use_cases: tuple[str, ...]
    strengths: tuple[str, ...]
    limits: tuple[str, ...]
    faq: tuple[Question, ...]
    suggested_prompts: tuple[str, ...]
    links: tuple[Link, ...]
    sources: tuple[str, ...]
    latency: Latency | None = None
    shown_on: date
