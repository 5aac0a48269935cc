"""A model page as Markdown, for agents and for people who read in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from entrepot.catalog import Benchmark
from entrepot.pages.records import Field, Latency, ModelPage, PriceLine, PriceTable, Snippet, Spread, Tool
from entrepot.pages.snippets import KEY_VARIABLE

AT_EVERY_LEVEL = ("curl", "python_requests")
"""Languages that all levels are shown in; the others have their minimal example here, and all in the page's data."""

Rows = Iterable[Sequence[str]]


def page_markdown(page: ModelPage) -> str:
    """The whole page, opening with a pointer to the index of all pages."""
    shown = [each for each in page.snippets if each.level == "minimal" or each.language in AT_EVERY_LEVEL]
    return _joined([f"> Index of all models: {page.addresses.index}", *_facts(page), *_use(page, shown), *_end(page)])


def card_markdown(page: ModelPage) -> str:
    """The facts and one example: for a text that holds all models."""
    shown = [each for each in page.snippets if each.level == "minimal" and each.language == "curl"]
    example = _examples(page, shown)
    return _joined([*_facts(page), example, f"Everything else: {page.addresses.markdown}"])


def _facts(page: ModelPage) -> Iterator[str]:
    yield f"# {page.name}"
    if page.banner:
        yield f"**{page.banner}**"
        yield page.lifecycle.note or ""
    yield page.summary
    yield f"Model id: `{page.id}`"
    if page.aliases:
        yield "Other names: " + ", ".join(f"`{name}`" for name in page.aliases)
    yield page.description
    yield _section("At a glance", _table(("", ""), ([each.name, each.value] for each in page.tiles)))
    rows = [[each.name, each.value, each.note or ""] for each in page.specifications]
    yield _section("Specifications", _table(("What", "Value", "Note"), rows))
    yield _section("Prices", *_prices(page))
    yield _section("Features", _bullets(each.label for each in page.features))
    names = ", ".join(f"`{name}`" for name in page.supported_parameters)
    yield _section("Supported parameters", names)
    yield _section("Good for", _bullets(page.use_cases))
    yield _section("Strengths", _bullets(page.strengths))
    yield _section("Limits", _bullets(page.limits))
    yield _section("Benchmarks", *(_scores(group.name, group.scores) for group in page.benchmarks))


def _use(page: ModelPage, shown: Sequence[Snippet]) -> Iterator[str]:
    rows = [[each.name, f"`{each.method} {each.url}`"] for each in page.endpoints]
    yield _section("Endpoints", _table(("What", "Address"), rows))
    yield _examples(page, shown)
    yield _section(
        "Request parameters",
        _fields("Required", page.required_fields),
        _fields("Optional", page.optional_fields),
    )
    yield _section("Use it with", *(_tool(tool) for tool in page.tools))


def _end(page: ModelPage) -> Iterator[str]:
    if page.latency is not None:
        yield _section("Latency on this hub", _latency(page.latency))
    yield _section("Questions", *(f"### {each.question}\n\n{each.answer}" for each in page.faq))
    rows = [
        [f"[{each.name}]({each.url}.md)", each.reason, _usd(each.input_usd), _usd(each.output_usd)]
        for each in page.related
    ]
    yield _section("Related models", _table(("Model", "Why", "Input, $ per million", "Output, $ per million"), rows))
    yield _section("Links", _bullets(f"[{each.title}]({each.url}) ({each.kind})" for each in page.links))
    yield _section("Sources", _bullets(page.sources))


def _prices(page: ModelPage) -> Iterator[str]:
    if not page.prices:
        yield "The price is unknown."
        return
    yield f"US dollars per million tokens, on {page.shown_on}."
    yield from (_price_table(table) for table in page.prices)
    rows = [
        [each.name, str(each.input_tokens), str(each.cached_tokens), str(each.output_tokens), f"${each.cost_usd}"]
        for each in page.typical_calls
    ]
    yield _table(("A call", "Input tokens", "of them cached", "Output tokens", "Costs"), rows)


def _price_table(table: PriceTable) -> str:
    heading = f"With more than {table.above_input_tokens:,} input tokens:\n\n" if table.above_input_tokens else ""
    return heading + _table(("Meter", "Standard", "Batch", "Priority"), (_price_row(line) for line in table.lines))


def _price_row(line: PriceLine) -> list[str]:
    if line.as_meter is not None:
        return [line.label, f"as {line.as_meter.replace('_', ' ')}", "", ""]
    return [line.label, *(_usd(each) for each in (line.standard, line.batch, line.priority))]


def _usd(amount: str | None) -> str:
    return f"${amount}" if amount is not None else ""


def _scores(group: str, scores: Sequence[Benchmark]) -> str:
    rows = [
        [
            each.name,
            f"{each.score:g} {each.unit}".replace(" %", " %").replace(" /", "/"),
            each.gloss or "",
            f"{each.source}{f', {each.version}' if each.version else ''}",
            str(each.retrieved_at),
        ]
        for each in scores
    ]
    return f"### {group}\n\n" + _table(("Benchmark", "Score", "What it measures", "Source", "Read on"), rows)


def _examples(page: ModelPage, shown: Sequence[Snippet]) -> str:
    blocks = [f"### {each.label}, {each.level_label.lower()}\n\n{_fence(each.code, each.syntax)}" for each in shown]
    more = f"The longer examples in every language are in {page.addresses.data}."
    told = "### Answer\n\nOf the first example with a test key.\n\n"
    answer = told + _fence(page.answer, "json") if page.answer else ""
    return _section("Example requests", f"The key is read from `{KEY_VARIABLE}`.", *blocks, more, answer)


def _fields(name: str, fields: Sequence[Field]) -> str:
    rows = [
        [
            f"`{each.name}`",
            each.type,
            f"`{each.default}`" if each.default is not None else "",
            each.bounds or "",
            f"{'Deprecated. ' if each.deprecated else ''}{each.description}",
        ]
        for each in fields
    ]
    table = _table(("Field", "Type", "Default", "Bounds", "Description"), rows)
    return f"### {name}\n\n{table}" if table else ""


def _tool(tool: Tool) -> str:
    parts = [f"### {tool.name}", _fence(tool.shell, "sh")]
    if tool.file and tool.path:
        parts += [f"`{tool.path}`:", _fence(tool.file, tool.path.rpartition(".")[2])]
    return _joined(parts).rstrip()


def _latency(latency: Latency) -> str:
    rows = [
        (name, *(f"{value:g}" for value in (spread.p50, spread.p90, spread.p99)))
        for name, spread in _spreads(latency).items()
        if spread is not None
    ]
    said = f"{latency.requests} live calls of the last {latency.window_s // 3600} hours."
    return f"{said}\n\n" + _table(("", "Median", "p90", "p99"), rows)


def _spreads(latency: Latency) -> dict[str, Spread | None]:
    return {
        "First token, ms": latency.ttft_ms,
        "Whole call, ms": latency.duration_ms,
        "Output tokens per second": latency.output_tokens_per_s,
    }


# Form ---------------------------------------------------------------------------------------------


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _section(heading: str, *parts: str) -> str:
    """Nothing where there is nothing to say."""
    found = [part for part in parts if part]
    return _joined([f"## {heading}", *found]) if found else ""


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _table(header: Sequence[str], rows: Rows) -> str:
    """A table without the columns that nothing stands in."""
    found = [[_cell(each) for each in row] for row in rows]
    kept = [index for index in range(len(header)) if any(row[index] for row in found)]
    lines = [[header[index] for index in kept], ["---"] * len(kept), *([row[index] for index in kept] for row in found)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) if kept else ""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _fence(code: str, syntax: str) -> str:
    """Fenced by more backticks than stand anywhere in it."""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{syntax}\n{code.rstrip()}\n{fence}"
