"""Clients in environments of their own (instructor, LlamaIndex, llm): a test key's sandbox, and llama.cpp."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.support.apart import python_of, run_apart
from tests.support.hub import Hub

ALMA = {"name": "Alma", "tons": 4200}
COUNTED = "1, 2, 3, 4, 5, 6, 7, 8, 9"
Environ = Mapping[str, str]
Llm = Callable[..., str]


@pytest.fixture
def environ(hub: Hub, local_hub: Hub, tmp_path: Path) -> Environ:
    return {
        "HUB_URL": hub.url,
        "HUB_KEY": hub.tokens.test,
        "ENGINE_URL": local_hub.url,
        "ENGINE_KEY": local_hub.tokens.live,
        "HOME": str(tmp_path),
        "LLM_USER_PATH": str(tmp_path),
    }


def found_by(environment: str, script: str, environ: Environ) -> Any:
    done = run_apart(environment, script, environ=environ)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_instructor_gives_structured_output(environ: Environ) -> None:
    modes = ("TOOLS", "JSON", "JSON_SCHEMA", "RESPONSES_TOOLS", "ANTHROPIC_TOOLS", "ANTHROPIC_JSON")
    answer = found_by("instructor", "instructor_flow.py", environ)
    assert answer["found"] == {mode: [ALMA, ALMA] for mode in modes}
    assert answer["flag"] in ("red", "white")


def test_llama_index(environ: Environ) -> None:
    answer = found_by("llama-index", "llama_index_flow.py", environ)
    assert answer["chat"] == answer["stream"] == COUNTED
    assert answer["complete"] == "hello"
    assert answer["dimensions"] == [1536, 1536]
    assert "1 image (1 × 1)" in answer["image"]
    assert answer["structured"] == ALMA
    assert answer["agent"] == "18 degrees in Paris"
    assert answer["engine"] == answer["engine stream"] != ""


@pytest.fixture
def llm(environ: Environ, tmp_path: Path) -> Llm:
    """The command `llm`, which knows the hubs' models as `hub` and `engine`."""
    abilities = {"supports_tools": True, "supports_schema": True, "vision": True}
    models = [
        {
            "model_id": where.lower(),
            "model_name": model,
            "api_base": f"{environ[f'{where}_URL']}/v1",
            "api_key_name": where.lower(),
            **abilities,
        }
        for where, model in (("HUB", "gpt-4.1-mini"), ("ENGINE", "local/tiny"))
    ]
    (tmp_path / "extra-openai-models.yaml").write_text(json.dumps(models))  # JSON is YAML
    (tmp_path / "keys.json").write_text(json.dumps({"hub": environ["HUB_KEY"], "engine": environ["ENGINE_KEY"]}))
    command = python_of("instructor").with_name("llm")

    def run(*arguments: str) -> str:
        done = run_apart("instructor", str(command), *arguments, environ=environ)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def test_llm_streams(llm: Llm) -> None:
    assert llm("-m", "hub", "Count to 9") == COUNTED


def test_llm_follows_a_schema(llm: Llm) -> None:
    assert json.loads(llm("-m", "hub", "--schema", "name, tons int", 'The "Alma" carries 4200 tons.')) == ALMA


def test_llm_runs_tools(llm: Llm) -> None:
    tool = 'def get_weather(city: str) -> str:\n    "Current weather of a city."\n    return f"18 degrees in {city}"'
    assert llm("-m", "hub", "--functions", tool, "What is the weather in Paris?") == "18 degrees in Paris"


def test_llm_shows_what_the_engine_says(llm: Llm) -> None:
    assert len(llm("-m", "engine", "-o", "temperature", "0", "--no-stream", "What is in the harbour?").split()) > 3
