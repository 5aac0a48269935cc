"""llms.txt: what an agent reads first, as an index of all models, as all models at once, and for one model.

The form is that of https://llmstxt.org: a title, a quoted summary, then sections of links with a word on each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from entrepot.catalog import Model
from entrepot.pages.markdown import card_markdown
from entrepot.pages.page import Shelf, addresses, make_page, tokens
from entrepot.pages.prices import price_tables, rate_usd
from entrepot.pages.records import ModelPage
from entrepot.pages.snippets import KEY_VARIABLE

SUMMARY = "A model hub: one address and one key for every model, in the protocols of OpenAI and Anthropic."


def index(shelf: Shelf, models: Iterable[Model]) -> str:
    """The hub, how it is called, and every model by its developer."""
    parts = [f"# Entrepôt\n\n> {SUMMARY}", _calling(shelf.url), _documents(shelf.url)]
    by_developer: dict[str, list[Model]] = {}
    for model in models:
        by_developer.setdefault(model.developer or "Other models", []).append(model)
    for developer, theirs in by_developer.items():
        parts.append("\n".join([f"## {developer}", "", *(_line(shelf, model) for model in theirs)]))
    return "\n\n".join(parts) + "\n"


def full(shelf: Shelf, models: Iterable[Model]) -> str:
    """Every model's facts in one text."""
    head = f"> Index of all models: {shelf.url}/llms.txt\n\n# Entrepôt\n\n> {SUMMARY}\n\n{_calling(shelf.url)}\n"
    return "\n---\n\n".join([head, *(card_markdown(make_page(shelf, model)) for model in models)])


def of_model(page: ModelPage) -> str:
    """Where everything about one model is found."""
    lines = [
        f"> Index of all models: {page.addresses.index}",
        "",
        f"# {page.name}",
        "",
        f"> {page.summary or page.name}",
        "",
        *([f"**{page.banner}**", ""] if page.banner else []),
        f"Model id: `{page.id}`. Other names: {', '.join(f'`{name}`' for name in page.aliases) or 'none'}.",
        "",
        "## Pages",
        "",
        f"- [Model page]({page.addresses.markdown}): facts, prices, parameters, examples",
        f"- [The same as JSON]({page.addresses.data})",
        f"- [Request schema]({page.addresses.data.removesuffix('page')}schema): what a request may hold",
        "",
        "## Facts",
        "",
        *(f"- {each.name}: {each.value}" for each in page.tiles),
        *(f"- {line}" for line in _prices(page)),
        "",
        "## Endpoints",
        "",
        *(f"- {each.name}: `{each.method} {each.url}`" for each in page.endpoints),
        "",
        "## Related models",
        "",
        *(f"- [{each.name}]({each.url}/llms.txt): {each.reason}" for each in page.related),
    ]
    return "\n".join(lines) + "\n"


def _calling(url: str) -> str:
    return "\n".join(
        [
            f"Every call carries a key: `Authorization: Bearer ${KEY_VARIABLE}`.",
            "Keys that begin with `ep-test-` are answered by a simulator and cost nothing.",
            "",
            f"- OpenAI's clients take the base URL `{url}/v1`",
            f"- Anthropic's clients take the base URL `{url}`",
        ]
    )


def _documents(url: str) -> str:
    return "\n".join(
        [
            "## Documents",
            "",
            f"- [All models in full]({url}/llms-full.txt): facts and prices of every model in one text",
            f"- [OpenAPI]({url}/openapi.json): every route, and what it refuses with",
            f"- [Models as JSON]({url}/v1/models): needs a key",
        ]
    )


def _line(shelf: Shelf, model: Model) -> str:
    said = [model.summary] if model.summary else []
    if model.context_tokens is not None:
        said.append(f"{tokens(model.context_tokens)} of context")
    tables = price_tables(shelf.price(model), model.kind)
    found = {"in": rate_usd(tables, "input"), "out": rate_usd(tables, "output")}
    costs = [f"${amount} {way}" for way, amount in found.items() if amount is not None]
    if costs:
        said.append(f"{', '.join(costs)} per million tokens")
    if model.lifecycle.status != "active":
        said.append(model.lifecycle.status.replace("_", " "))
    return f"- [{model.name}]({addresses(shelf.url, model).markdown}): {'; '.join([f'`{model.id}`', *said])}"


def _prices(page: ModelPage) -> Iterator[str]:
    for line in page.prices[0].lines if page.prices else ():
        if line.standard is not None:
            yield f"{line.label}: ${line.standard} per million"
