"""Settings that change under a running hub: good ones are taken over, bad ones never."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.hub import Hub, Hubs, eventually
from tests.support.threaded_upstream import PROVIDER_ENVIRON, ThreadedUpstream
from tests.support.upstream import plain, stream
from tests.support.wire import Wire

WORDS = [f"word{number} " for number in range(40)]
MODEL = '\n[[models]]\nid = "{name}"\n\n[[models.offers]]\nprovider = "fault"\nupstream_model = "m"\n'
BAD = {
    "broken": '[server\nport = "',
    "half-written": '[providers.fault]\nbase_url = "http://127.0.0.1',
    "empty": "",
    "blank": "\n\n",
    "unknown setting": "[server]\nprot = 1\n",
    "provider gone, offer left": MODEL.format(name="orphan"),
    "not text": "\udcff\udcfe",
}


@pytest.fixture(scope="module")
def settings(_shared_upstream: ThreadedUpstream) -> str:
    return _shared_upstream.provider


@pytest.fixture(scope="module")
def reloading(hubs: Hubs, settings: str) -> Hub:
    return hubs("reloading", settings, environ=PROVIDER_ENVIRON)


@pytest.fixture(autouse=True)
def _good_settings_return(reloading: Hub, settings: str) -> Iterator[None]:
    yield
    _write(reloading, settings)
    _reload(reloading)


def _write(hub: Hub, text: str) -> None:
    hub.settings_path.write_text(text, "utf-8", errors="surrogateescape")


def _checks(hub: Hub) -> dict[str, Any]:
    status, checks = hub.get("/ready")
    assert status == 200
    return dict(checks)


def _reload(hub: Hub) -> None:
    """SIGHUP, and wait for what it brings."""
    before = _checks(hub)
    hub.process.send_signal(signal.SIGHUP)
    eventually(lambda: _checks(hub) != before, 3)


def _serves(hub: Hub, model: str) -> bool:
    client = Wire(hub, hub.tokens.live, model=model)
    client.read_all()
    client.leave()
    return client.status == 200


@pytest.mark.parametrize("case", BAD)
def test_bad_settings_keep_the_last_good_ones(reloading: Hub, upstream: ThreadedUpstream, case: str) -> None:
    generation = _checks(reloading)["configuration_generation"]
    _write(reloading, BAD[case])
    _reload(reloading)
    checks = _checks(reloading)
    assert checks["configuration"] != "ok"
    assert checks["configuration_generation"] == generation
    assert "the last good ones stay in force" in reloading.log
    assert _serves(reloading, "fault")


def test_changed_file_is_read_without_a_signal(reloading: Hub, settings: str, upstream: ThreadedUpstream) -> None:
    assert not _serves(reloading, "new-a")
    _write(reloading, settings + MODEL.format(name="new-a"))
    eventually(lambda: _serves(reloading, "new-a"), 3)
    assert reloading.get("/v1/models/new-a", reloading.tokens.live)[0] == 200


def test_replaced_file_is_read(reloading: Hub, settings: str, upstream: ThreadedUpstream) -> None:
    """Editors and configuration tools write beside the file and rename."""
    beside = reloading.home / "next.toml"
    beside.write_text(settings + MODEL.format(name="new-b"), "utf-8")
    os.replace(beside, reloading.settings_path)
    eventually(lambda: _serves(reloading, "new-b"), 3)


def test_missing_file_keeps_the_last_good_settings(reloading: Hub, upstream: ThreadedUpstream) -> None:
    generation = _checks(reloading)["configuration_generation"]
    reloading.settings_path.unlink()
    reloading.process.send_signal(signal.SIGHUP)
    eventually(lambda: _checks(reloading)["configuration"] != "ok", 3)
    assert _checks(reloading)["configuration_generation"] == generation
    assert _serves(reloading, "fault")


@pytest.mark.parametrize("change", ["provider gone", "other timeouts"])
def test_running_stream_finishes_on_the_old_settings(
    reloading: Hub, settings: str, upstream: ThreadedUpstream, change: str
) -> None:
    upstream.play(stream(*WORDS).slowly(0.05))
    client = Wire(reloading, reloading.tokens.live, stream=True)
    client.read_events(3)
    _write(reloading, "[log]\n" if change == "provider gone" else f"[upstream]\nidle_timeout_s = 5\n{settings}")
    _reload(reloading)
    upstream.server.script = [plain()]
    assert _serves(reloading, "fault") is (change == "other timeouts")
    assert "[DONE]" not in client.events
    client.read_all()
    assert client.events[-1] == "[DONE]"
    assert client.text == "".join(WORDS)
