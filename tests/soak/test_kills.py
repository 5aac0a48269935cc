"""SIGKILL at random instants under mixed load: the home must open again, whole, each time. Run by `make soak`."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path

import apsw
import openai
import pytest
from tests.support.hub import Hub, make_home

ROUNDS = 60
CLIENTS = 4
READY_WITHIN_S = 5.0


def load(hub: Hub, stop: threading.Event) -> int:
    """Call the sandbox, streamed and not, until told to stop or the hub is gone; answers that came whole."""
    client = openai.OpenAI(base_url=hub.api, api_key=hub.tokens.test, max_retries=0, timeout=5)
    whole = 0
    while not stop.is_set():
        try:
            for stream in (True, False):
                answer = client.chat.completions.create(
                    model="sandbox/echo", messages=[{"role": "user", "content": "one two three"}], stream=stream
                )
                if isinstance(answer, openai.Stream):
                    assert list(answer)
                whole += 1
        except openai.OpenAIError:
            return whole
    return whole


@pytest.mark.parametrize("seed", [1])
def test_a_home_survives_being_killed(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    home = tmp_path / "home"
    tokens = make_home(home)
    rows = 0
    for _ in range(ROUNDS):
        began = time.monotonic()
        hub = Hub(home, tokens=tokens)
        assert time.monotonic() - began < READY_WITHIN_S
        stop = threading.Event()
        threads = [threading.Thread(target=load, args=(hub, stop)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.05, 0.5))
        hub.kill()
        stop.set()
        for thread in threads:
            thread.join()
        found = len(hub.exchanges())
        assert found >= rows, "rows that were committed are gone"
        rows = found
    connection = apsw.Connection(str(home / "entrepot.db"))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    assert rows > ROUNDS
