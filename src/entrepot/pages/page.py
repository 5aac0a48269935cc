"""Makes the page of a model. What it says comes from the catalogue, the tariff and, for latency, the hub's records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from urllib.parse import quote

import msgspec

from entrepot.catalog import Benchmark, Catalogue, Lifecycle, Model, supported_parameters
from entrepot.catalog.records import Feature, ImageTiles, ImageTokens, Kind
from entrepot.money import Price
from entrepot.pages.clients import CLIENTS, SHELLS, Aim, Client, lines
from entrepot.pages.examples import LEVEL_LABELS, LEVELS, Body, as_messages, examples
from entrepot.pages.fields import request_fields
from entrepot.pages.prices import price_tables, rate_usd, typical_calls
from entrepot.pages.records import (
    Addresses,
    BenchmarkGroup,
    Endpoint,
    Fact,
    Latency,
    ModelPage,
    Named,
    Related,
    Snippet,
    Tool,
)
from entrepot.pages.related import related
from entrepot.pages.snippets import LABELS, SYNTAX, Call, Language, Protocol, languages, snippet
from entrepot.tariff import Tariff

ENDPOINTS: Mapping[Kind, tuple[tuple[str, str], ...]] = {
    "chat": (
        ("Chat Completions", "/v1/chat/completions"),
        ("Responses", "/v1/responses"),
        ("Messages", "/v1/messages"),
        ("Count tokens (Messages)", "/v1/messages/count_tokens"),
        ("Count tokens (Responses)", "/v1/responses/input_tokens"),
        ("Estimate the cost", "/v1/estimate"),
    ),
    "embedding": (("Embeddings", "/v1/embeddings"), ("Estimate the cost", "/v1/estimate")),
}

FEATURES: Mapping[Feature, str] = {
    "json_mode": "JSON mode",
    "max_completion_tokens": "Bound on answer and reasoning",
    "sampling": "Temperature and top p",
    "sampling_unless_thinking": "Temperature and top p while it does not think",
    "top_k": "Top k",
    "choices": "Several choices",
    "logprobs": "Log probabilities",
    "parallel_tools": "Parallel tool calls",
    "prediction": "Predicted outputs",
    "fine_tuning": "Fine-tuning",
    "stop": "Stop sequences",
}
"""Labels that are not the feature's name in words."""


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """What pages are made from. `plan` is that of the reader's organisation; without one, prices are those of all."""

    catalogue: Catalogue
    tariff: Tariff
    url: str
    at: datetime
    plan: str | None = None

    def price(self, model: Model) -> Price | None:
        """What the reader pays now."""
        return self.tariff.price(model, self.plan, self.at)


def make_page(shelf: Shelf, model: Model, latency: Latency | None = None) -> ModelPage:
    price = shelf.price(model)
    tables = price_tables(price, model.kind)
    required, optional = request_fields(shelf.catalogue.schema(model))
    return ModelPage(
        id=model.id,
        name=model.name,
        kind=model.kind,
        addresses=addresses(shelf.url, model),
        aliases=model.aliases,
        developer=model.developer,
        family=model.family,
        summary=model.summary,
        description=model.description.strip(),
        lifecycle=model.lifecycle,
        banner=banner(model.lifecycle),
        tiles=tuple(_tiles(model)),
        specifications=tuple(_specifications(model)),
        prices=tables,
        typical_calls=typical_calls(model, price),
        features=tuple(Named(name=each, label=feature_label(each)) for each in model.features),
        supported_parameters=supported_parameters(model),
        endpoints=tuple(_endpoints(shelf.url, model)),
        benchmarks=tuple(_benchmarks(model.benchmarks)),
        required_fields=required,
        optional_fields=optional,
        snippets=tuple(_snippets(shelf, model)),
        tools=tuple(_tools(shelf.url, model)),
        related=tuple(_related(shelf, model)),
        use_cases=model.use_cases,
        strengths=model.strengths,
        limits=model.limits,
        faq=model.faq,
        suggested_prompts=model.suggested_prompts,
        links=model.links,
        sources=model.sources,
        latency=latency,
        shown_on=shelf.at.date(),
    )


def addresses(url: str, model: Model) -> Addresses:
    id = quote(model.id, safe="/")
    page = f"{url}/models/{id}"
    return Addresses(
        page=page,
        markdown=f"{page}.md",
        llms=f"{page}/llms.txt",
        data=f"{url}/v1/models/{id}/page",
        index=f"{url}/llms.txt",
    )


def banner(lifecycle: Lifecycle) -> str | None:
    """What a reader must know before anything else; None for a model in full service."""
    if lifecycle.status == "active":
        return None
    if lifecycle.status == "preview":
        return "In preview: it may change or go away at short notice."
    told = []
    if lifecycle.status == "shut_down":
        told.append(f"Shut down{_on(' on', lifecycle.shutdown_at)}.")
    else:
        told.append(f"Deprecated{_on(' since', lifecycle.deprecated_at)}.")
        if lifecycle.shutdown_at is not None:
            told.append(f"Its provider shuts it down on {lifecycle.shutdown_at}.")
    if lifecycle.replaced_by is not None:
        told.append(f"Its replacement is {lifecycle.replaced_by}.")
    return " ".join(told)


def feature_label(feature: Feature) -> str:
    return FEATURES.get(feature) or feature.replace("_", " ").capitalize()


def tokens(count: int) -> str:
    return f"{count:,} tokens"


def _on(word: str, day: date | None) -> str:
    return f"{word} {day}" if day else ""


def _tiles(model: Model) -> Iterator[Fact]:
    if model.context_tokens is not None:
        yield Fact(name="Context", value=tokens(model.context_tokens))
    if model.max_output_tokens is not None:
        yield Fact(name="Max output", value=tokens(model.max_output_tokens))
    if model.dimensions is not None:
        yield Fact(name="Dimensions", value=f"{model.dimensions:,}")
    if model.released is not None:
        yield Fact(name="Released", value=str(model.released))
    if model.knowledge_cutoff is not None:
        label = model.knowledge_cutoff.label
        yield Fact(name="Knowledge cutoff", value=str(model.knowledge_cutoff.date), note=f"The source says {label}.")
    modalities = f"{', '.join(model.input_modalities)} → {', '.join(model.output_modalities)}"
    yield Fact(name="Modalities", value=modalities)


def _specifications(model: Model) -> Iterator[Fact]:
    known = {
        "Developer": model.developer,
        "Family": model.family,
        "Parameters": model.parameter_count,
        "Mixture of experts": _yes(model.mixture_of_experts),
        "Context": model.context_tokens and tokens(model.context_tokens),
        "Max output": model.max_output_tokens and tokens(model.max_output_tokens),
        "Dimensions": model.dimensions and f"{model.dimensions:,}",
        "Multilingual": _yes(model.multilingual),
        "Tokenizer": model.tokenizer,
        "Instruction format": model.instruct_type,
        "Images": model.image_tokens and image_rule(model.image_tokens),
        "Weights": model.weights,
        "Licence": model.licence,
        "Repository": model.hugging_face_id,
    }
    notes = {"Images": model.image_tokens.note} if model.image_tokens else {}
    for name, value in known.items():
        if value:
            yield Fact(name=name, value=value, note=notes.get(name))
    if model.quantization is not None or model.quantization_note is not None:
        yield Fact(name="Quantization", value=model.quantization or "unknown", note=model.quantization_note)


def image_rule(rule: ImageTokens) -> str:
    """What an image costs, in words."""
    if isinstance(rule, ImageTiles):
        tile = f"{rule.tile_tokens:,} tokens for each tile of {rule.tile_px} × {rule.tile_px} px"
        return f"{rule.base_tokens:,} tokens and {tile}; {rule.base_tokens:,} at low detail"
    bounds = [f"a side of at most {rule.max_side_px:,} px"] if rule.max_side_px else []
    bounds += [f"at most {rule.max_patches:,} patches"] if rule.max_patches else []
    scaled = f", scaled down to {' and '.join(bounds)}" if bounds else ""
    each = "1 token" if rule.multiplier == 1 else f"{rule.multiplier:g} tokens"
    return f"{each} for each patch of {rule.patch_px} × {rule.patch_px} px{scaled}"


def _yes(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _endpoints(url: str, model: Model) -> Iterator[Endpoint]:
    for name, path in ENDPOINTS[model.kind]:
        yield Endpoint(name=name, method="POST", url=url + path)
    address = f"{url}/v1/models/{quote(model.id, safe='/')}"
    yield Endpoint(name="This model", method="GET", url=address)
    yield Endpoint(name="Its request schema", method="GET", url=f"{address}/schema")
    yield Endpoint(name="All models", method="GET", url=f"{url}/v1/models")


def _benchmarks(scores: tuple[Benchmark, ...]) -> Iterator[BenchmarkGroup]:
    for group in dict.fromkeys(score.group for score in scores):
        yield BenchmarkGroup(name=group, scores=tuple(score for score in scores if score.group == group))


def _snippets(shelf: Shelf, model: Model) -> Iterator[Snippet]:
    """Levels that show no more than the one before are left out."""
    shown: list[Body] = []
    bodies = examples(shelf.catalogue, model)
    for level in LEVELS:
        if bodies[level] in shown:
            continue
        shown.append(bodies[level])
        for language, protocol in _languages(model.kind):
            body = as_messages(bodies[level], model) if protocol == "anthropic_messages" else bodies[level]
            yield Snippet(
                level=level,
                level_label=LEVEL_LABELS[level],
                language=language,
                label=LABELS[language],
                syntax=SYNTAX[language],
                protocol=protocol,
                code=snippet(Call(url=shelf.url, protocol=protocol, body=body), language),
            )


def _languages(kind: Kind) -> Iterator[tuple[Language, Protocol]]:
    """Every language in the protocol of the kind, and Anthropic's SDK in its own."""
    if kind == "embedding":
        yield from ((language, "openai_embeddings") for language in languages("openai_embeddings"))
        return
    for language in LABELS:
        yield language, "anthropic_messages" if language == "python_anthropic" else "openai_chat"


def _tools(url: str, model: Model) -> Iterator[Tool]:
    aim = Aim(url, model.id)
    ordered = sorted(CLIENTS.items(), key=lambda each: each[0] != "claude-code")
    for id, client in ordered:
        if model.kind == "chat" or client.embeds:
            yield Tool(
                id=id,
                name=client.name,
                shell=_shell(client, aim),
                file=client.file(aim) if client.file else None,
                path=client.path or None,
            )


def _shell(client: Client, aim: Aim) -> str:
    written = [*lines(client, aim, None, SHELLS["sh"]), client.command or client.start]
    return "\n".join(line for line in written if line) + "\n"


def _related(shelf: Shelf, model: Model) -> Iterator[Related]:
    for other, reason in related(shelf.catalogue, model, shelf.price):
        tables = price_tables(shelf.price(other), other.kind)
        yield Related(
            id=other.id,
            name=other.name,
            reason=reason,
            url=addresses(shelf.url, other).page,
            context_tokens=other.context_tokens,
            input_usd=rate_usd(tables, "input"),
            output_usd=rate_usd(tables, "output"),
        )
