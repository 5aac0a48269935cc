"""Limits and budgets under a crowd: of calls that come at once in every dialect, as many pass as there is room for."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from threading import Event
from typing import Any, NamedTuple

import pytest
from tests.support.hub import Hub, Hubs, eventually, make_key, run
from tests.support.threaded_upstream import PROVIDER_ENVIRON, ThreadedUpstream
from tests.support.upstream import Received, Reply, plain, stream

CROWD = 60
ROOM = 7
OUTPUT_TOKENS = 1000  # of each call; its input has 1 to 40, however its dialect counts
USAGE = {"prompt_tokens": 20, "completion_tokens": OUTPUT_TOKENS, "total_tokens": 20 + OUTPUT_TOKENS}
ROOMY_TOKENS = ROOM * (OUTPUT_TOKENS + 40)
MESSAGES = [{"role": "user", "content": "Say hello"}]
DIALECTS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": MESSAGES, "max_completion_tokens": OUTPUT_TOKENS},
    "/v1/messages": {"messages": MESSAGES, "max_tokens": OUTPUT_TOKENS},
    "/v1/responses": {"input": "Say hello", "max_output_tokens": OUTPUT_TOKENS},
}
CALLS = [(path, body | {"stream": streamed}) for path, body in DIALECTS.items() for streamed in (False, True)]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_whole(self) -> bool:
        """Whether an answer that was let through came to its end."""
        if self.headers["content-type"].startswith("text/event-stream"):
            return any(end in self.body for end in (b"[DONE]", b"message_stop", b"response.completed"))
        return "error" not in json.loads(self.body) or json.loads(self.body)["error"] is None


def ask(hub: Hub, token: str, path: str, body: dict[str, Any]) -> Answer:
    connection = http.client.HTTPConnection(hub.host, hub.port, timeout=60)
    try:
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        connection.request("POST", path, json.dumps({"model": "fault"} | body).encode(), headers)
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): text for name, text in response.getheaders()}, response.read())
    finally:
        connection.close()


def crowd(hub: Hub, token: str, calls: Sequence[tuple[str, dict[str, Any]]] = CALLS) -> list[Answer]:
    with ThreadPoolExecutor(CROWD) as pool:
        return list(pool.map(lambda call: ask(hub, token, *call), islice(cycle(calls), CROWD)))


def passed(answers: Sequence[Answer]) -> int:
    """How many got through; all others are refused for want of room."""
    through = [answer for answer in answers if answer.status == 200]
    assert all(answer.is_whole for answer in through)
    assert {answer.status for answer in answers} <= {200, 402, 429}
    return len(through)


def reply(received: Received, late_s: float = 0.3) -> Reply:
    return (stream("Hello", usage=USAGE) if received.json.get("stream") else plain(usage=USAGE)).late(late_s)


def known(hub: Hub, *options: str) -> str:
    """A new key, once the hub knows it."""
    token = make_key(hub.home, "--mode", "live", *options)
    eventually(lambda: hub.get("/v1/models", token)[0] == 200)
    return token


@pytest.fixture(scope="module")
def limited(hubs: Hubs, _shared_upstream: ThreadedUpstream) -> Hub:
    return hubs("limited", _shared_upstream.provider, environ=PROVIDER_ENVIRON)


@pytest.mark.parametrize(
    ("option", "amount"),
    [("--rpm", ROOM), ("--rpd", ROOM), ("--tpm", ROOMY_TOKENS), ("--tpd", ROOMY_TOKENS)],
)
def test_of_a_crowd_as_many_pass_as_there_is_room_for(
    limited: Hub, upstream: ThreadedUpstream, option: str, amount: int
) -> None:
    upstream.play(reply)
    token = known(limited, option, str(amount))
    answers = crowd(limited, token)
    assert passed(answers) == ROOM
    assert len(upstream.server.requests) == ROOM
    refused = next(answer for answer in answers if answer.status == 429)
    assert int(refused.headers["retry-after"]) >= 1
    assert passed(crowd(limited, token)) == 0


def test_no_more_are_under_way_than_may_be(limited: Hub, upstream: ThreadedUpstream) -> None:
    upstream.play(lambda received: reply(received, late_s=4))
    token = known(limited, "--concurrency", str(ROOM))
    assert passed(crowd(limited, token)) == ROOM
    upstream.play(reply)
    assert passed([ask(limited, token, *call) for call in CALLS]) == len(CALLS)  # no place is lost


@pytest.mark.parametrize("period", ["day", "week", "month", "total"])
def test_a_crowd_spends_no_more_than_the_budget(limited: Hub, upstream: ThreadedUpstream, period: str) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": 50, "total_tokens": 59}
    upstream.play(lambda received: stream("Hi", usage=usage) if received.json.get("stream") else plain(usage=usage))
    call_nusd = 9 * 1000 + 50 * 2000
    token = known(limited, f"--budget-{period}", f"{ROOM * call_nusd / 10**9:.9f}")
    body = {"messages": MESSAGES, "max_completion_tokens": 50}
    path = "/v1/chat/completions"
    answers = crowd(limited, token, [(path, body), (path, body | {"stream": True})])
    assert passed(answers) == ROOM
    late = ask(limited, token, path, body)
    assert (late.status, late.headers["x-entrepot-budget-remaining-usd"]) == (429, "0")
    assert (late.headers["x-should-retry"], "x-entrepot-budget-reset" in late.headers) == ("false", period != "total")
    assert ask(limited, token, *CALLS[2]).status == 402


def test_rules_that_change_under_load_lose_nothing(limited: Hub, upstream: ThreadedUpstream) -> None:
    upstream.play(lambda received: reply(received, late_s=0.01))
    token, over = known(limited, "--rpd", "5"), Event()
    key_id = token.split("-")[2]
    answers: list[Answer] = []

    def insist(call: tuple[str, dict[str, Any]]) -> None:
        while not over.is_set():
            answers.append(ask(limited, token, *call))
            over.wait(0.02)

    with ThreadPoolExecutor(len(CALLS)) as pool:
        running = [pool.submit(insist, call) for call in CALLS]
        try:
            for most in (5, 9, 9, 20):
                changed = run(limited.home, "keys", "edit", key_id, "--rpd", str(most), "--name", f"up to {most}")
                assert changed.returncode == 0, changed.stderr
                eventually(lambda most=most: sum(answer.status == 200 for answer in answers) >= most)  # type: ignore[misc]
        finally:
            over.set()
        for each in running:
            each.result()
    assert passed(answers) == 20


def test_a_restart_gives_nothing_back(hubs: Hubs, limited: Hub, upstream: ThreadedUpstream) -> None:
    upstream.play(reply)
    hub = hubs("restarted", upstream.provider, environ=PROVIDER_ENVIRON)
    tokens = [known(hub, option, amount) for option, amount in (("--rpd", str(ROOM)), ("--tpd", str(ROOMY_TOKENS)))]
    assert [passed(crowd(hub, token)) for token in tokens] == [ROOM, ROOM]
    assert hub.stop() == 0
    again = Hub(hub.home, settings=upstream.provider, environ=PROVIDER_ENVIRON, tokens=hub.tokens)
    try:
        assert [passed(crowd(again, token)) for token in tokens] == [0, 0]
    finally:
        assert again.stop() == 0
