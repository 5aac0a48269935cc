"""LangChain's standard integration tests for its OpenAI and Anthropic classes. Runs in an environment of its own.

HUB_URL and HUB_KEY say where the hub is and with which key to call it.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from langchain_tests.integration_tests import ChatModelIntegrationTests, EmbeddingsIntegrationTests, chat_models

URL, KEY = os.environ["HUB_URL"], os.environ["HUB_KEY"]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SAMPLES = {
    ".png": PIXEL,
    ".pdf": b"%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Count 0/Kids[]>> endobj\n",
    ".wav": b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x40\x1f\0\0\1\0\x08\0data\0\0\0\0",
}


@pytest.fixture(autouse=True)
def _samples_are_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite fetches its pictures, documents and sounds from the web: serve it ours."""

    def get(url: str, **_: Any) -> httpx.Response:
        return httpx.Response(200, content=SAMPLES[url[-4:]], request=httpx.Request("GET", url))

    monkeypatch.setattr(chat_models.httpx, "get", get)


@pytest.fixture
def vcr_cassette_dir(tmp_path: Path) -> str:
    """The suite's streaming case records what it fetches."""
    return str(tmp_path)


class _Everything(ChatModelIntegrationTests):
    """Nothing is said to be missing, so nothing is skipped."""

    supports_json_mode = True
    supports_image_inputs = True
    supports_image_urls = True
    supports_image_tool_message = True
    supports_pdf_inputs = True
    supports_pdf_tool_message = True
    supports_anthropic_inputs = True
    enable_vcr_tests = True
    model_override_value = "gpt-4.1"


class TestChatCompletions(_Everything):
    chat_model_class = ChatOpenAI
    chat_model_params: ClassVar[Mapping[str, Any]] = {
        "model": "gpt-4.1-mini",
        "base_url": f"{URL}/v1",
        "api_key": KEY,
        "max_retries": 0,
        "stream_usage": True,
    }
    supports_audio_inputs = True
    supported_usage_metadata_details: ClassVar[Mapping[str, Any]] = {
        "invoke": ["reasoning_output"],
        "stream": ["reasoning_output"],
    }

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> AIMessage:
        model = self.chat_model_class(**{**self.chat_model_params, "model": "sandbox/reasoning"})
        return _gathered(model.stream("Say hello")) if stream else model.invoke("Say hello")


class TestResponses(TestChatCompletions):
    chat_model_params: ClassVar[Mapping[str, Any]] = {
        **TestChatCompletions.chat_model_params,
        "use_responses_api": True,
    }


class TestMessages(_Everything):
    chat_model_class = ChatAnthropic
    chat_model_params: ClassVar[Mapping[str, Any]] = {
        "model": "gpt-4.1-mini",
        "base_url": URL,
        "api_key": KEY,
        "max_retries": 0,
    }


class TestEmbeddings(EmbeddingsIntegrationTests):
    embeddings_class = OpenAIEmbeddings
    embedding_model_params: ClassVar[Mapping[str, Any]] = {
        "model": "text-embedding-3-small",
        "base_url": f"{URL}/v1",
        "api_key": KEY,
        "max_retries": 0,
        "check_embedding_ctx_length": False,  # else it fetches a tokenizer from the web
    }


def _gathered(pieces: Any) -> Any:
    first, *rest = pieces
    return sum(rest, start=first)
