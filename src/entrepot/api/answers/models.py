"""Models as lists show them, in OpenAI's form and in Anthropic's, and what calls of them would cost."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, UnsetType

from entrepot.api.answers.listing import Answer, Listing, Time, Usd
from entrepot.catalog import Benchmark, Lifecycle, Link
from entrepot.catalog.infos import InfoLifecycle
from entrepot.catalog.records import Feature, ImagePatches, ImageTiles, Kind, Line, Modality, Status
from entrepot.money import Tier
from entrepot.pages.snippets import Protocol
from entrepot.tariff.records import Source


class Pricing(Answer, frozen=True, kw_only=True):
    """US dollars for one unit, as decimal text. What has no rate is absent."""

    prompt: str | UnsetType = UNSET
    completion: str | UnsetType = UNSET
    input_cache_read: str | UnsetType = UNSET
    input_cache_write: str | UnsetType = UNSET
    input_cache_write_1h: str | UnsetType = UNSET
    internal_reasoning: str | UnsetType = UNSET
    audio: str | UnsetType = UNSET
    audio_output: str | UnsetType = UNSET
    image_token: str | UnsetType = UNSET
    request: str | UnsetType = UNSET


class PricingStep(Pricing, frozen=True, kw_only=True):
    """The rates of calls with more input than that."""

    min_prompt_tokens: int


class ModelPricing(Pricing, frozen=True, kw_only=True):
    overrides: tuple[PricingStep, ...] | UnsetType = UNSET


class Architecture(Answer, frozen=True, kw_only=True):
    modality: str
    input_modalities: tuple[Modality, ...]
    output_modalities: tuple[Modality, ...]
    tokenizer: str | None
    instruct_type: str | None


class TopProvider(Answer, frozen=True, kw_only=True):
    context_length: int | None
    max_completion_tokens: int | None
    is_moderated: bool


class Model(Answer, frozen=True, kw_only=True):
    """OpenAI's fields, OpenRouter's and the hub's own. `created` is the day of release, 0 where it is unknown."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str
    shutdown_date: str | None
    name: str
    kind: Kind
    canonical_slug: str
    hugging_face_id: str | None
    aliases: tuple[str, ...]
    summary: str
    description: str
    released: str | None
    context_length: int | None
    context_window: int | None
    max_output_tokens: int | None
    max_completion_tokens: int | None
    architecture: Architecture
    pricing: ModelPricing
    top_provider: TopProvider
    per_request_limits: None
    supported_parameters: tuple[str, ...]
    knowledge_cutoff: str | None
    knowledge_cutoff_label: str | None
    lifecycle: Lifecycle
    expiration_date: str | None
    family: str | None
    developer: str | None
    features: tuple[Feature, ...]
    parameter_count: str | None
    mixture_of_experts: bool | None
    multilingual: bool | None
    quantization: str | None
    quantization_note: str | None
    image_tokens: ImagePatches | ImageTiles | None
    benchmarks: tuple[Benchmark, ...]
    links: tuple[Link, ...]
    sources: tuple[str, ...]
    providers: tuple[str, ...]
    available: bool
    json_request_schema: dict[str, Any] | UnsetType = UNSET


class ModelList(Listing, frozen=True, kw_only=True):
    data: tuple[Model, ...]


class ModelInfo(Answer, frozen=True, kw_only=True):
    """A model as Anthropic's clients know it."""

    type: Literal["model"]
    id: str
    display_name: str
    line: Line | None
    created_at: Time
    lifecycle: InfoLifecycle
    deprecated_at: Time | None
    retires_at: Time | None
    max_input_tokens: int | None
    max_tokens: int | None
    capabilities: dict[str, Any] | None


class ModelInfoList(Answer, frozen=True, kw_only=True):
    data: tuple[ModelInfo, ...]
    has_more: bool
    first_id: str | None
    last_id: str | None


class Deprecation(Answer, frozen=True, kw_only=True):
    object: Literal["deprecation"] = "deprecation"
    id: str
    aliases: tuple[str, ...]
    status: Status
    deprecated_at: str | None
    shutdown_at: str | None
    replaced_by: str | None
    note: str | None
    source: str | None


class DeprecationList(Listing, frozen=True, kw_only=True):
    generated_at: Time
    data: tuple[Deprecation, ...]


class AppliedPrice(Answer, frozen=True, kw_only=True):
    source: Source
    plan: str | None
    tier: Tier
    pricing: ModelPricing


class Estimate(Answer, frozen=True, kw_only=True):
    """Costs and price are null where the price is unknown."""

    object: Literal["estimate"] = "estimate"
    model: str
    input_tokens: int
    likely_output_tokens: int
    most_output_tokens: int
    fits_context: bool | None
    likely_cost_nusd: int | None
    likely_cost_usd: Usd | None
    most_cost_nusd: int | None
    most_cost_usd: Usd | None
    price: AppliedPrice | None


class EstimateList(Listing, frozen=True, kw_only=True):
    protocol: Protocol
    data: tuple[Estimate, ...]
