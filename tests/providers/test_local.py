"""The local engine with a real, tiny model: what it answers, how it starts, fails and ends."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import logging
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema_rs
import openai
import pytest
from tests.support.tiny_gguf import CONTEXT_TOKENS, NAME, WIDTH, write_tiny_gguf

from entrepot import catalog
from entrepot.errors import ConfigurationError
from entrepot.providers.local import LocalEngine

pytest.importorskip("xllamacpp")

Start = Callable[..., Awaitable[LocalEngine]]

SCHEMA = {
    "type": "object",
    "properties": {
        "ship": {"type": "string"},
        "tons": {"type": "integer"},
        "cargo": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "flag": {"enum": ["red", "white"]},
    },
    "required": ["ship", "tons", "cargo", "flag"],
    "additionalProperties": False,
}
UNTIL_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from entrepot.providers.local import LocalEngine

async def main():
    engine = LocalEngine(Path(sys.argv[1]), context_tokens=512, parallel=1)
    await engine.start()
    print(engine.base_url, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "Tiny Harbour.gguf")


@pytest.fixture
async def start(model: Path) -> AsyncIterator[Start]:
    """Start an engine; it is stopped after the test."""
    engines: list[LocalEngine] = []

    async def begin(path: Path = model) -> LocalEngine:
        engines.append(LocalEngine(path, context_tokens=1024, parallel=2, threads=1))
        await engines[-1].start()
        return engines[-1]

    yield begin
    for engine in engines:
        await engine.stop()


def _client(engine: LocalEngine, api_key: str | None = None) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        base_url=engine.base_url,
        api_key=api_key or engine.api_key,
        max_retries=0,
        _strict_response_validation=True,
    )


async def test_answers_a_chat(start: Start) -> None:
    engine = await start()
    async with _client(engine) as client:
        answer = await client.chat.completions.create(
            model=engine.model_id, messages=[{"role": "user", "content": "What is in the harbour?"}], temperature=0
        )
    assert answer.model == "local/tiny-harbour"
    assert answer.choices[0].finish_reason == "stop"
    assert (answer.choices[0].message.content or "").endswith(".")
    assert answer.usage is not None
    assert answer.usage.completion_tokens > 1
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


async def test_streams_token_by_token(start: Start) -> None:
    engine = await start()
    async with _client(engine) as client:
        stream = await client.chat.completions.create(
            model=engine.model_id,
            messages=[{"role": "user", "content": "Go on."}],
            max_tokens=5,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert len(texts) == 5
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "length"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 5


@pytest.mark.parametrize("temperature", [0, 1])
async def test_answer_fits_the_json_schema(start: Start, temperature: int) -> None:
    engine = await start()
    async with _client(engine) as client:
        answer = await client.chat.completions.create(
            model=engine.model_id,
            messages=[{"role": "user", "content": "Name a ship."}],
            response_format={"type": "json_schema", "json_schema": {"name": "ship", "strict": True, "schema": SCHEMA}},
            temperature=temperature,
            seed=7,
        )
    assert answer.choices[0].finish_reason == "stop"
    jsonschema_rs.validate(SCHEMA, json.loads(answer.choices[0].message.content or ""))


async def test_calls_the_tool_when_it_must(start: Start) -> None:
    engine = await start()
    async with _client(engine) as client:
        answer = await client.chat.completions.create(
            model=engine.model_id,
            messages=[{"role": "user", "content": "Register a ship."}],
            tools=[{"type": "function", "function": {"name": "register", "parameters": SCHEMA}}],
            tool_choice="required",
            temperature=0,
        )
    assert answer.choices[0].finish_reason == "tool_calls"
    (call,) = answer.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert call.function.name == "register"
    jsonschema_rs.validate(SCHEMA, json.loads(call.function.arguments))


async def test_embedding_model_embeds(start: Start, tmp_path: Path) -> None:
    engine = await start(write_tiny_gguf(tmp_path / "embed.gguf", embeds=True))
    async with _client(engine) as client:
        answer = await client.embeddings.create(model=engine.model_id, input=["quay", "wharf"], encoding_format="float")
    assert [len(row.embedding) for row in answer.data] == [WIDTH, WIDTH]
    model = catalog.load(engine.tables).models[engine.model_id]
    assert (model.kind, model.output_modalities, model.features) == ("embedding", ("embeddings",), ())


async def test_only_the_hub_has_the_key(start: Start) -> None:
    engine = await start()
    async with _client(engine, api_key="another") as client:
        with pytest.raises(openai.AuthenticationError):
            await client.models.list()
    assert LocalEngine(engine.path, context_tokens=1024, parallel=1).api_key != engine.api_key


async def test_stopping_one_engine_leaves_the_other(start: Start, tmp_path: Path) -> None:
    staying, leaving = await start(), await start(write_tiny_gguf(tmp_path / "other.gguf", seed=2))
    await leaving.stop()
    assert (staying.is_running, leaving.is_running) == (True, False)
    async with _client(staying) as client:
        assert [model.id async for model in client.models.list()] == ["local/tiny-harbour"]


async def test_event_loop_runs_while_the_model_loads(start: Start) -> None:
    loading = asyncio.ensure_future(start())
    beats = 0
    while not loading.done():
        await asyncio.sleep(0.005)
        beats += 1
    assert beats > 5


async def test_stop_is_quick_in_the_middle_of_an_answer(start: Start) -> None:
    engine = await start()
    async with _client(engine) as client:
        stream = await client.chat.completions.create(
            model=engine.model_id,
            messages=[{"role": "user", "content": "Never stop."}],
            stream=True,
            extra_body={"ignore_eos": True},
        )
        await anext(stream)
        before = time.monotonic()
        await engine.stop()
        assert time.monotonic() - before < 2
        with pytest.raises(openai.APIConnectionError):
            await client.models.list()
        await stream.close()


async def test_stop_before_start_does_nothing(model: Path) -> None:
    engine = LocalEngine(model, context_tokens=1024, parallel=1)
    assert await engine.stop() == []
    assert not engine.is_running


async def test_cancelled_start_leaves_nothing_running(model: Path) -> None:
    engine = LocalEngine(model, context_tokens=1024, parallel=1)
    loading = asyncio.create_task(engine.start())
    await asyncio.sleep(0.02)
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert not engine.is_running
    assert await engine.stop() == []


async def test_engine_dies_with_a_killed_hub(model: Path) -> None:
    hub = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UNTIL_KILLED, str(model), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await hub.communicate()
    assert hub.returncode == -signal.SIGKILL
    address = urlsplit(said.decode().strip())
    async with asyncio.timeout(5):
        while await _accepts(address.hostname, address.port):
            await asyncio.sleep(0.01)


async def _accepts(host: str | None, port: int | None) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_log_goes_to_debug_and_not_to_the_terminal(
    start: Start, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await start()
    with caplog.at_level(logging.DEBUG, "entrepot.providers.local"):
        engine = await start()
        async with asyncio.timeout(5):  # it logs on a thread of its own
            while not any("model loaded" in record.getMessage() for record in caplog.records):
                await asyncio.sleep(0.01)
        await engine.stop()
    assert {record.levelno for record in caplog.records if record.name.startswith("entrepot")} == {logging.DEBUG}
    assert capfd.readouterr() == ("", "")


async def test_engine_that_ends_by_itself_is_reported(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    engine = await start()
    assert engine._process is not None
    engine._process.kill()
    await engine._process.wait()
    await asyncio.sleep(0.01)
    assert not engine.is_running
    assert "local/tiny-harbour is gone" in caplog.text


async def test_load_failure_carries_the_reason_of_llama_cpp(start: Start, model: Path, tmp_path: Path) -> None:
    whole = model.read_bytes()
    incomplete = tmp_path / "incomplete.gguf"
    incomplete.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigurationError, match=r"incomplete\.gguf: tensor .* is not within the file bounds"):
        await start(incomplete)


def test_missing_file_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="No such file"):
        LocalEngine(tmp_path / "none.gguf", context_tokens=1024, parallel=1)


async def test_missing_extra_is_named(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'entrepot\[local\]'"):
        await LocalEngine(model, context_tokens=1024, parallel=1).start()


async def test_catalogue_reads_the_row(start: Start) -> None:
    engine = await start()
    found = catalog.load(engine.tables)
    model = found.find("local/Tiny-Harbour.gguf")
    assert model is found.models["local/tiny-harbour"]
    assert (model.name, model.family, model.parameter_count, model.quantization) == (NAME, "llama", "142K", "F32")
    assert (model.context_tokens, model.tokenizer) == (1024, "gpt-2")
    assert {"tools", "structured_outputs", "streaming"} <= set(model.features)
    assert found.schema(model)["properties"]["n"]["maximum"] == 2
    assert model.offers[0].price is not None
    assert model.offers[0].price.in_force()["output"] == 0
    assert found.providers[model.offers[0].provider].base_url == engine.base_url


@pytest.mark.parametrize(("configured", "given"), [(1024, 1024), (1_000_000, CONTEXT_TOKENS)])
def test_context_is_the_smaller_of_model_and_setting(model: Path, configured: int, given: int) -> None:
    assert LocalEngine(model, context_tokens=configured, parallel=1).context_tokens == given
