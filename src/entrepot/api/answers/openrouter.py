"""One call, one key and the account in OpenRouter's shapes. What the hub does not know is null."""

from __future__ import annotations

from typing import Literal

from entrepot.api.answers.listing import Answer, Time


class Generation(Answer, frozen=True, kw_only=True):
    """One call. `latency` and `generation_time` are milliseconds; a cost that is null is not known."""

    id: str
    request_id: str
    upstream_id: None
    api_type: Literal["completions", "responses", "messages", "embeddings"]
    model: str
    provider_name: str | None
    total_cost: float | None
    usage: float | None
    estimated: bool
    upstream_inference_cost: None
    is_byok: bool
    cache_discount: None
    tokens_prompt: int
    tokens_completion: int
    native_tokens_prompt: int
    native_tokens_completion: int
    native_tokens_reasoning: int
    native_tokens_cached: int
    native_tokens_completion_images: None
    num_media_prompt: None
    num_input_audio_prompt: None
    num_media_completion: None
    num_search_results: None
    latency: int
    generation_time: int
    moderation_latency: None
    finish_reason: str | None
    native_finish_reason: str | None
    streamed: bool
    cancelled: bool
    created_at: Time
    status: int
    origin: str
    app_id: None
    external_user: None
    router: None
    service_tier: None
    provider_responses: None


class GenerationAnswer(Answer, frozen=True, kw_only=True):
    data: Generation


class KeyRate(Answer, frozen=True, kw_only=True):
    """-1 requests stand for no bound."""

    requests: int
    interval: str
    note: str


class KeyInfo(Answer, frozen=True, kw_only=True):
    """The key that calls. Money is in dollars."""

    label: str
    name: str
    limit: float | None
    limit_remaining: float | None
    limit_reset: Literal["daily", "weekly", "monthly"] | None
    include_byok_in_limit: bool
    usage: float
    usage_daily: float
    usage_weekly: float
    usage_monthly: float
    byok_usage: float
    byok_usage_daily: float
    byok_usage_weekly: float
    byok_usage_monthly: float
    is_free_tier: bool
    is_management_key: bool
    is_provisioning_key: bool
    creator_user_id: str | None
    expires_at: Time | None
    rate_limit: KeyRate


class KeyInfoAnswer(Answer, frozen=True, kw_only=True):
    data: KeyInfo


class Credits(Answer, frozen=True, kw_only=True):
    total_credits: float
    total_usage: float


class CreditsAnswer(Answer, frozen=True, kw_only=True):
    data: Credits
