"""The hubs that these tests share, and an upstream that all of them can script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import agents
from tests.support.hub import Hub, Hubs, eventually
from tests.support.threaded_upstream import PROVIDER_ENVIRON, ThreadedUpstream
from tests.support.tiny_gguf import write_tiny_gguf
from tests.support.upstream import plain


@pytest.fixture(scope="session")
def hubs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hubs]:
    """Starts hubs that share their keys; all still running are stopped at the end and must exit with 0."""
    made = Hubs(tmp_path_factory.mktemp("hubs"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def _shared_upstream() -> Iterator[ThreadedUpstream]:
    server = ThreadedUpstream()
    yield server
    server.close()


@pytest.fixture
def upstream(_shared_upstream: ThreadedUpstream) -> ThreadedUpstream:
    """The upstream of the model `fault`, with nothing received yet and a plain answer."""
    _shared_upstream.play(plain())
    return _shared_upstream


@pytest.fixture(scope="session")
def hub(hubs: Hubs, _shared_upstream: ThreadedUpstream) -> Hub:
    """The hub most tests share: the sandbox behind its test key, the fault upstream behind its live key."""
    return hubs("shared", _shared_upstream.provider, environ=PROVIDER_ENVIRON)


@pytest.fixture(scope="session")
def models_hub(hubs: Hubs) -> Hub:
    """The upstream of `agents_hub`: its test key is answered in each dialect by a model that plays coding tasks."""
    return hubs("models")


@pytest.fixture(scope="session")
def agents_hub(hubs: Hubs, models_hub: Hub) -> Hub:
    """A hub whose live key reaches `models_hub` in the dialect that is the model's name; two known names in Chat."""
    return hubs("agents", agents.settings(models_hub.api), environ={"HUB_KEY": hubs.tokens.test})


@pytest.fixture(scope="session")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="session")
def local_hub(hubs: Hubs, gguf: Path) -> Hub:
    """A hub whose live key reaches llama.cpp with two tiny models: `local/tiny`, and `local/vectors` for embeddings."""
    vectors = write_tiny_gguf(gguf.with_name("vectors.gguf"), embeds=True)
    models = ("--local", str(gguf), "--local", str(vectors))
    hub = hubs("local", arguments=("--port", "0", *models, "--local-parallel", "2", "--local-threads", "1"))
    eventually(lambda: all(f"local/{name} is loaded" in hub.log for name in ("tiny", "vectors")), 30)
    return hub
