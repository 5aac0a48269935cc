"""Model, Offer, Provider and the facts about them, as frozen records.

What a fact's absence means is always the same: unknown is None or empty, never a guess.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from entrepot.conversation import ReasoningEffort
from entrepot.money import Price

Modality = Literal["text", "image", "audio", "video", "file", "embeddings"]
Status = Literal["active", "deprecated", "shut_down", "preview"]
DialectName = Literal["openai_chat", "openai_responses", "anthropic_messages"]
OutputLimit = Literal["max_completion_tokens", "max_tokens"]
AuthScheme = Literal["bearer", "x-api-key", "api-key", "none"]
Kind = Literal["chat", "embedding"]
Weights = Literal["open", "closed"]
Line = Literal["haiku", "sonnet", "opus", "fable", "mythos"]
Name = Annotated[str, msgspec.Meta(pattern=r"^\S+$")]
Count = Annotated[int, msgspec.Meta(ge=1)]
Feature = Literal[
    "streaming",
    "batch",
    "fine_tuning",
    "max_completion_tokens",
    "sampling",
    "sampling_unless_thinking",
    "top_k",
    "penalties",
    "stop",
    "seed",
    "choices",
    "logprobs",
    "logit_bias",
    "tools",
    "parallel_tools",
    "json_mode",
    "structured_outputs",
    "prediction",
    "reasoning",
    "reasoning_budget",
    "reasoning_between_tools",
    "verbosity",
    "web_search",
    "server_tools",
    "programmatic_tools",
    "context_editing",
    "citations",
    "audio_output",
    "service_tiers",
    "prompt_caching",
    "storage",
]


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of the catalogue's records."""


class Lifecycle(Fact, frozen=True, kw_only=True):
    """Where a model stands upstream. Dates are calendar days in UTC."""

    status: Status = "active"
    deprecated_at: date | None = None
    shutdown_at: date | None = None
    replaced_by: str | None = None
    note: str | None = None
    source: str | None = None


class Cutoff(Fact, frozen=True, kw_only=True):
    """The last day of training data, and the words the source uses for it."""

    date: date
    label: str


class Benchmark(Fact, frozen=True, kw_only=True):
    """One score with the place and day it was read."""

    name: str
    group: str
    score: float
    unit: Literal["%", "/100", "points"]
    source: str
    retrieved_at: date
    version: str | None = None
    gloss: str | None = None


class Question(Fact, frozen=True, kw_only=True):
    question: str
    answer: str


class Link(Fact, frozen=True, kw_only=True):
    title: str
    url: str
    kind: Literal["documentation", "announcement", "weights", "discussion", "video"]


class ImagePatches(Fact, tag_field="method", tag="patches", frozen=True, kw_only=True):
    """An image costs one token per square patch, times `multiplier`.

    It is scaled down to `max_side_px` and then to `max_patches` before that.
    """

    patch_px: Count = 32
    max_side_px: Count | None = None
    max_patches: Count | None = None
    multiplier: float = 1.0
    note: str | None = None


class ImageTiles(Fact, tag_field="method", tag="tiles", frozen=True, kw_only=True):
    """An image costs `base_tokens` (all it costs at low detail) and `tile_tokens` for every square tile."""

    base_tokens: Count
    tile_tokens: Count
    tile_px: Count = 512
    note: str | None = None


ImageTokens = ImagePatches | ImageTiles


class Offer(Fact, frozen=True, kw_only=True):
    """One provider's offer of a model: whom to call, and by which name the upstream knows it.

    `price` is what the upstream charges (buy price); None means unknown. `output_limit` is the field by which the
    upstream bounds an answer in Chat Completions.
    """

    provider: str
    upstream_model: Name
    dialect: DialectName = "openai_chat"
    output_limit: OutputLimit = "max_completion_tokens"
    price: Price | None = None


class ProviderFacts(Fact, frozen=True, kw_only=True):
    """What a provider's row may say; `Provider` adds its id and its origin."""

    name: str = ""
    base_url: str | None = None
    dialect: DialectName = "openai_chat"
    output_limit: OutputLimit | None = None
    auth: AuthScheme = "bearer"
    api_key_env: str | None = None
    api_key_file: str | None = None
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    docs_url: str | None = None


class Provider(ProviderFacts, frozen=True, kw_only=True):
    """An upstream service.

    `base_url` ends before `/chat/completions`; it is None where only the operator can know it and for
    providers that run inside the hub. The credential comes from the environment variable `api_key_env`
    or the file `api_key_file`, never from a request. `declared` is true when the operator wrote a row.
    """

    id: str
    declared: bool = False


class ModelFacts(Fact, frozen=True, kw_only=True):
    """What a model's row may say apart from prices and offers. `context_tokens` includes the output.

    `dimensions` is how many numbers a vector of an embedding model has, unless fewer are asked for.

    `parameters` lays JSON Schema keywords over the generated schema of single request fields.
    """

    id: Name
    name: str = ""
    kind: Kind = "chat"
    aliases: tuple[Name, ...] = ()
    canonical_slug: str | None = None
    weights: Weights | None = None
    licence: str | None = None
    hugging_face_id: str | None = None
    family: str | None = None
    line: Line | None = None
    developer: str | None = None
    summary: str = ""
    description: str = ""
    released: date | None = None
    lifecycle: Lifecycle = Lifecycle()
    context_tokens: Count | None = None
    max_output_tokens: Count | None = None
    dimensions: Count | None = None
    knowledge_cutoff: Cutoff | None = None
    input_modalities: tuple[Modality, ...] = ("text",)
    output_modalities: tuple[Modality, ...] = ("text",)
    features: tuple[Feature, ...] = ()
    parameters: dict[str, dict[str, Any]] = {}
    parameter_count: str | None = None
    mixture_of_experts: bool | None = None
    multilingual: bool | None = None
    quantization: str | None = None
    quantization_note: str | None = None
    tokenizer: str | None = None
    instruct_type: str | None = None
    image_tokens: ImageTokens | None = None
    benchmarks: tuple[Benchmark, ...] = ()
    use_cases: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    faq: tuple[Question, ...] = ()
    links: tuple[Link, ...] = ()
    suggested_prompts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


class Model(ModelFacts, frozen=True, kw_only=True):
    """Everything the hub knows of one model. `offers` stand in the order in which they are tried."""

    price: Price | None = None
    offers: tuple[Offer, ...] = ()

    def samples(self, *, thinking: bool) -> bool:
        """Whether it takes temperature and its like. Unknown features are no reason to refuse them."""
        asked = {"sampling"} if thinking else {"sampling", "sampling_unless_thinking"}
        return not self.features or not asked.isdisjoint(self.features)

    @property
    def efforts(self) -> tuple[ReasoningEffort, ...]:
        """The reasoning efforts that the model knows by name; empty where nobody has said."""
        return tuple(self.parameters.get("reasoning_effort", {}).get("enum", ()))

    @property
    def names(self) -> tuple[str, ...]:
        return (self.id, *self.aliases)
