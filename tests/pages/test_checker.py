"""Every page of every model over HTTP: links lead somewhere, facts are the catalogue's, code is code."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.conftest import MakeHub
from tests.support.running import RunningHub

from entrepot.money import TIERS, Meter, Tier
from entrepot.pages.prices import LABELS

URL = "http://127.0.0.1:8080"
LINK = re.compile(rf"{re.escape(URL)}(/[^\s)`\"'|\\]*)")
FENCE = re.compile(r"^(?P<mark>`{3,})(?P<syntax>\w+)\n(?P<text>.*?)\n(?P=mark)$", re.DOTALL | re.MULTILINE)
WAYS: dict[str, Meter] = {"in": "input", "out": "output"}
CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
async def texts(make_hub: MakeHub) -> tuple[RunningHub, dict[str, str]]:
    """What is at every address that the index leads to, and at every model's llms.txt and data."""
    hub = make_hub()
    paths = ["/llms.txt", "/llms-full.txt"]
    for id in hub.hub.configuration.catalogue.models:
        paths += [f"/models/{id}.md", f"/models/{id}/llms.txt", f"/v1/models/{id}/page"]
    found = {}
    for path in paths:
        answer = await hub.get(path, token=hub.test)
        assert answer.status == 200, path
        found[path] = answer.body.decode()
    return hub, found


async def test_no_link_of_the_hubs_own_is_dead(texts: tuple[RunningHub, dict[str, str]]) -> None:
    hub, found = texts
    links = {link.rstrip(".,") for text in found.values() for link in LINK.findall(text)}
    assert {f"/models/{id}.md" for id in hub.hub.configuration.catalogue.models} <= links
    pages = [json.loads(text) for path, text in found.items() if path.endswith("/page")]
    called = {each["url"].removeprefix(URL) for page in pages for each in page["endpoints"] if each["method"] == "POST"}
    answers = {link: await hub.get(link, token=hub.test) for link in links - {"/v1"}}  # OpenAI's clients add to that
    assert called <= set(answers)
    dead = {link for link, answer in answers.items() if answer.status != (405 if link in called else 200)}
    assert dead == set()


async def test_every_page_opens_with_the_index(texts: tuple[RunningHub, dict[str, str]]) -> None:
    for path, text in texts[1].items():
        if path.endswith((".md", ".txt")) and path != "/llms.txt":
            assert text.startswith(f"> Index of all models: {URL}/llms.txt\n"), path


async def test_facts_are_those_of_the_catalogue(texts: tuple[RunningHub, dict[str, str]]) -> None:
    hub, found = texts
    for model in hub.hub.configuration.catalogue.models.values():
        text = CODE.sub("", found[f"/models/{model.id}.md"])
        rows = dict(_rows(text))
        assert _number(rows.get("Context")) == model.context_tokens
        assert _number(rows.get("Max output")) == model.max_output_tokens
        assert rows.get("Released") == (str(model.released) if model.released else None)
        cutoff = model.knowledge_cutoff
        assert rows.get("Knowledge cutoff") == (str(cutoff.date) if cutoff else None)
        for day in (model.lifecycle.deprecated_at, model.lifecycle.shutdown_at):
            assert day is None or str(day) in text
        for name in model.names:
            assert f"`{name}`" in text


async def test_prices_are_those_of_the_catalogue_and_no_other_is_named(
    texts: tuple[RunningHub, dict[str, str]],
) -> None:
    hub, found = texts
    for model in hub.hub.configuration.catalogue.models.values():
        expected = {
            (rate.above_input_tokens, LABELS[rate.meter], rate.tier): rate.nusd_per_million
            for rate in (model.price.rates if model.price else ())
        }
        told = dict(_told_prices(found[f"/models/{model.id}.md"]))
        assert {place: told[place] for place in expected} == expected
        inherited = {place: nusd for place, nusd in told.items() if place not in expected}
        for (_, label, tier), nusd in inherited.items():  # a rate below the step that still holds above it
            assert expected[0, label, tier] == nusd
        data = json.loads(found[f"/v1/models/{model.id}/page"])
        assert bool(data["prices"]) is (model.price is not None)


async def test_indexes_name_the_catalogues_prices(texts: tuple[RunningHub, dict[str, str]]) -> None:
    hub, found = texts
    lines = {line.partition("`")[2].partition("`")[0]: line for line in found["/llms.txt"].splitlines()}
    for model in hub.hub.configuration.catalogue.models.values():
        told = {way: int(Decimal(usd) * 10**9) for usd, way in re.findall(r"\$([\d.]+) (in|out)", lines[model.id])}
        sheet = model.price.in_force() if model.price else {}
        expected = {way: sheet.get(meter) for way, meter in WAYS.items()}
        assert told == {way: nusd for way, nusd in expected.items() if nusd is not None}


async def test_all_code_is_code(texts: tuple[RunningHub, dict[str, str]], tmp_path: Path) -> None:
    shells, seen = [], set()
    for path, text in texts[1].items():
        if not path.endswith((".md", "full.txt")):
            continue
        for fence in FENCE.finditer(text):
            code, syntax = fence["text"], fence["syntax"]
            seen.add(syntax)
            if syntax == "python":
                ast.parse(code)
            elif syntax == "json":
                json.loads(code)
            elif syntax == "toml":
                tomllib.loads(code)
            elif syntax == "sh":
                shells.append(f"( {code}\n)")
            else:
                assert syntax in ("js", "php", "yaml"), syntax  # parsed where snippets and clients are tested
    script = tmp_path / "all.sh"
    script.write_text("\n".join(shells), "utf-8")
    subprocess.run(["sh", "-n", str(script)], check=True)
    assert seen == {"python", "json", "toml", "sh", "js", "php", "yaml"}


def _rows(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and len(cells) > 1:
            yield cells[0], cells[1]


def _number(text: str | None) -> int | None:
    return int(re.sub(r"\D", "", text)) if text else None


def _told_prices(text: str) -> Iterator[tuple[tuple[int, str, Tier], int]]:
    """The price tables read back: step, label and tier with nano-dollars for a million."""
    section = text.partition("## Prices\n")[2].partition("\n## ")[0]
    step, tiers = 0, list[Tier]()
    for line in section.splitlines():
        if found := re.fullmatch(r"With more than ([\d,]+) input tokens:", line):
            step = int(found[1].replace(",", ""))
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == "Meter":
            tiers = [tier for tier in TIERS if tier.capitalize() in cells]
        elif cells[0] in LABELS.values() and not cells[1].startswith("as "):
            for tier, cell in zip(tiers, cells[1:], strict=True):
                if cell:
                    yield (step, cells[0], tier), int(Decimal(cell.removeprefix("$")) * 10**9)
        elif cells[0] == "A call":
            return
