"""Canaries: the provider's key and the hub's own tokens are in no log, no answer and no file."""

from __future__ import annotations

import http.client
import json
import signal
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

from tests.support.hub import Hub, Hubs, eventually, make_key, run
from tests.support.threaded_upstream import PROVIDER_ENVIRON, PROVIDER_KEY, ThreadedUpstream
from tests.support.upstream import Reply, chunks, dump, events, failure, html, plain, respond, silence, sse, stream

SETTINGS = """
[log]
level = "debug"
format = "json"

[upstream]
idle_timeout_s = 0.3
first_byte_timeout_s = 0.3
"""
# Upstreams that tell the whole world which key they were given, each in its own way.
ECHO = f"Incorrect API key provided: {PROVIDER_KEY}."
SCRIPTS: dict[str, Reply] = {
    "answer": plain("Hello"),
    "stream": stream("Hel", "lo"),
    **{f"failure {status}": failure(status, ECHO, code=PROVIDER_KEY, param=PROVIDER_KEY) for status in
       (400, 401, 403, 404, 422, 429, 500, 503)},
    "error as an answer": respond(dump({"error": {"message": ECHO, "code": PROVIDER_KEY}})),
    "error in a string": respond(dump({"error": ECHO}), status=400),
    "error as the first event": events(sse({"error": {"message": ECHO, "code": PROVIDER_KEY}})),
    "error as a later event": events(sse(chunks("Hi")[0]), sse({"error": {"message": ECHO, "code": PROVIDER_KEY}})),
    "nonsense": respond(ECHO.encode()),
    "nonsense in a stream": events(sse(chunks("Hi")[0]), sse(ECHO)),
    "page": html(),
    "cut": stream("Hel", "lo").cut(300),
    "silence": silence(),
    "stall": stream("Hel", "lo").cut(300, "stall"),
}  # fmt: skip


def test_canaries_stay_where_they_belong(hubs: Hubs, upstream: ThreadedUpstream) -> None:
    hub = hubs("secrets", SETTINGS + upstream.provider, environ=PROVIDER_ENVIRON)
    tokens = [hub.tokens.live, hub.tokens.test, make_key(hub.home, "--mode", "live")]
    eventually(lambda: hub.get("/v1/models", tokens[2])[0] == 200)
    answers = _provoke_the_upstream(hub, upstream) + _provoke_the_hub(hub, tokens[2])
    hub.settings_path.write_text(f'[server]\nhost = ["{PROVIDER_KEY}"\n', "utf-8")
    hub.process.send_signal(signal.SIGHUP)
    eventually(lambda: "not reloaded" in hub.log)
    assert hub.stop() == 0
    hub.settings_path.unlink()
    canaries = [PROVIDER_KEY, *tokens, *(token.rpartition("-")[2] for token in tokens)]
    places = {
        "answers": b"".join(answers),
        "log": hub.log.encode(),
        "output": hub.said.encode(),
        **{path.name: path.read_bytes() for path in _files(hub.home)},
    }
    assert {"entrepot.db", "pepper"} <= set(places)
    assert len(places["log"].splitlines()) > len(SCRIPTS) / 2
    assert [(place, canary) for place, text in places.items() for canary in canaries if canary.encode() in text] == []


def _provoke_the_upstream(hub: Hub, upstream: ThreadedUpstream) -> list[bytes]:
    def ask(case: tuple[str, bool]) -> bytes:
        name, streamed = case
        body = {"model": "fault", "messages": [{"role": "user", "content": name}], "stream": streamed}
        return _post(hub, "/v1/chat/completions", body, {"authorization": f"Bearer {hub.tokens.live}"})

    upstream.play(lambda request: SCRIPTS[request.json["messages"][0]["content"]])
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, product(SCRIPTS, (False, True))))
    assert {request.headers["authorization"] for request in upstream.server.requests} == {f"Bearer {PROVIDER_KEY}"}
    return answers


def _provoke_the_hub(hub: Hub, token: str) -> list[bytes]:
    """Tokens in every place where a client may put one, rightly or wrongly, and keys that are refused."""
    body = {"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Hi"}]}
    wrong = [{"authorization": f"Bearer {token}x"}, {"authorization": f"Basic {token}"}, {"x-api-key": token[:-1]},
             {"authorization": f"Bearer {token}", "x-api-key": hub.tokens.test}, {"cookie": token}]  # fmt: skip
    answers = [_post(hub, "/v1/chat/completions", body, headers) for headers in wrong]
    answers.append(_post(hub, f"/v1/chat/completions?key={token}", body, {}))
    answers.append(_post(hub, f"/{token}", body, {}))
    answers.append(_post(hub, "/api/v7/llm/chat/completions", body | {"key": token}, {}))
    answers.append(_post(hub, "/api/v7/llm/chat/completions", body | {"key": f"{token}x"}, {}))
    answers.append(_post(hub, "/v1/chat/completions", body | {"key": token, "temperature": token},
                         {"authorization": f"Bearer {token}"}))  # fmt: skip
    assert run(hub.home, "keys", "disable", token.rpartition("-")[0]).returncode == 0
    eventually(lambda: hub.get("/v1/models", token)[0] == 401)
    return [*answers, _post(hub, "/v1/chat/completions", body, {"authorization": f"Bearer {token}"})]


def _post(hub: Hub, path: str, body: object, headers: dict[str, str]) -> bytes:
    connection = http.client.HTTPConnection(hub.host, hub.port, timeout=10)
    try:
        connection.request("POST", path, json.dumps(body), {"content-type": "application/json", **headers})
        response = connection.getresponse()
        return repr(response.getheaders()).encode() + response.read()
    finally:
        connection.close()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
