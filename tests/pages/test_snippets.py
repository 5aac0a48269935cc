"""Snippets: each is a program of its language that sends the body it was made from, for every model."""

from __future__ import annotations

import ast
import inspect
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from entrepot import catalog
from entrepot.pages.examples import as_messages, examples
from entrepot.pages.snippets import LABELS, LANGUAGES, SYNTAX, WIRES, Call, Language, Protocol, languages, snippet

URL = "http://127.0.0.1:8080"
CATALOGUE = catalog.load()
NODE = shutil.which("node")
WICKED = {
    "model": "it's",
    "messages": [{"role": "user", "content": "a'b\"c \\ $HOME `id` $(id) %s {x} ?> é 🚢\n- \u2028 end"}],
    "class": {"top_k": None},
    "logit_bias": {"0": 1},
}

STAND_INS = """
const sent = [];
globalThis.fetch = async (url, options) => {
  sent.push([url, JSON.parse(options.body)]);
  const answer = { choices: [{ message: {} }], data: [{}] };
  return { ok: true, json: async () => answer, body: new Response("data: {}").body };
};
class OpenAI {
  constructor({ baseURL }) {
    const send = (path) => async (body) => {
      sent.push([baseURL + path, body]);
      return { choices: [{ message: {} }], data: [{}], [Symbol.asyncIterator]: async function* () {} };
    };
    this.chat = { completions: { create: send("/chat/completions") } };
    this.responses = { create: send("/responses") };
    this.embeddings = { create: send("/embeddings") };
  }
}
const print = console.log;
console.log = () => {};
"""


def calls() -> Iterator[Call]:
    """Every example of every model, a few wicked ones, and each of those as a stream."""
    for model in CATALOGUE.models.values():
        for body in examples(CATALOGUE, model).values():
            if model.kind == "embedding":
                yield Call(url=URL, protocol="openai_embeddings", body=body)
            else:
                yield Call(url=URL, protocol="openai_chat", body=body)
                yield Call(url=URL, protocol="anthropic_messages", body=as_messages(body, model))
    for protocol in WIRES:
        yield Call(url="https://hub.example/it's", protocol=protocol, body=WICKED)
        yield Call(url=URL, protocol=protocol, body=WICKED | {"stream": True})


CALLS = list(calls())


def written(language: Language) -> list[tuple[Call, str]]:
    found = [(call, snippet(call, language)) for call in CALLS if language in languages(call.protocol)]
    assert found
    return found


def test_every_language_has_a_name_and_a_syntax() -> None:
    assert set(LABELS) == set(SYNTAX) == set(LANGUAGES)


@pytest.mark.parametrize("protocol", WIRES)
def test_an_sdk_speaks_its_vendors_protocols(protocol: Protocol) -> None:
    foreign = set(LANGUAGES) - set(languages(protocol))
    expected = {"python_anthropic"}
    if protocol == "anthropic_messages":
        expected = {"python_openai", "javascript_openai"}
    assert foreign == expected
    with pytest.raises(KeyError):
        snippet(Call(url=URL, protocol=protocol, body={}), foreign.pop())


def test_json_is_the_body() -> None:
    for call, text in written("json"):
        assert json.loads(text) == call.body


def test_curl_sends_the_body(tmp_path: Path) -> None:
    """All of them in one shell, in which curl prints what it was given."""
    found = written("curl")
    program = "set -eu\ncurl() { printf '%s\\0' \"$@\"; printf '\\0'; }\n" + "\n".join(text for _, text in found)
    script = tmp_path / "all.sh"
    script.write_text(program, "utf-8")
    environ = {"ENTREPOT_API_KEY": "ep-test-k"}
    ran = subprocess.run(["sh", str(script)], env=environ, capture_output=True, check=True)
    given = [each.split("\0") for each in ran.stdout.decode().removesuffix("\0\0").split("\0\0")]
    for (call, _), arguments in zip(found, given, strict=True):
        assert call.address in arguments
        assert "Authorization: Bearer ep-test-k" in arguments
        assert json.loads(arguments[-1]) == call.body
        assert ("--no-buffer" in arguments) == call.streams


def test_python_with_requests_sends_the_body() -> None:
    for call, text in written("python_requests"):
        found = _call_of(text, "requests.post")
        assert ast.literal_eval(found.args[0]) == call.address
        assert ast.literal_eval(_keywords(found)["json"]) == call.body
        assert ("stream" in _keywords(found)) == call.streams


@pytest.mark.parametrize("language", ["python_openai", "python_anthropic"])
def test_pythons_sdks_send_the_body(language: Language) -> None:
    for call, text in written(language):
        sent = {name: ast.literal_eval(value) for name, value in _keywords(_call_of(text, "client.")).items()}
        extra = sent.pop("extra_body", {})
        assert sent | extra == call.body


@pytest.mark.parametrize("protocol", WIRES)
def test_pythons_sdks_have_the_arguments_that_they_are_given(protocol: Protocol) -> None:
    client: Any = openai.OpenAI(api_key="k", base_url=URL)
    if protocol == "anthropic_messages":
        client = anthropic.Anthropic(api_key="k", base_url=URL)
    for name in WIRES[protocol].method.split("."):
        client = getattr(client, name)
    assert set(WIRES[protocol].arguments.split()) <= set(inspect.signature(client).parameters)


@pytest.mark.skipif(NODE is None, reason="there is no Node")
@pytest.mark.parametrize("language", ["javascript_fetch", "javascript_openai"])
def test_javascript_sends_the_body(language: Language, tmp_path: Path) -> None:
    """All of them in one program, with stand-ins for what sends."""
    found = written(language)
    bodies = [text.replace('import OpenAI from "openai";', "") for _, text in found]
    blocks = [f"{{\n{text}\n}}" for text in bodies]
    script = tmp_path / "all.mjs"
    script.write_text("\n".join([STAND_INS, *blocks, 'print("\\n" + JSON.stringify(sent));']), "utf-8")
    ran = subprocess.run([str(NODE), str(script)], capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    sent = json.loads(ran.stdout.rstrip().rpartition("\n")[2])
    assert sent == [[call.address, call.body] for call, _ in found]


@pytest.mark.skipif(NODE is None, reason="there is no Node")
@pytest.mark.parametrize("language", ["javascript_fetch", "javascript_openai"])
def test_javascript_is_a_module_of_its_own(language: Language, tmp_path: Path) -> None:
    for number, (call, text) in enumerate(written(language)):
        if call.url != URL or call.streams:
            (tmp_path / f"{number}.mjs").write_text(text, "utf-8")
    for script in tmp_path.iterdir():
        subprocess.run([str(NODE), "--check", str(script)], capture_output=True, check=True, timeout=60)


def test_php_is_php(tmp_path: Path) -> None:
    php = shutil.which("php")
    if php is None:
        pytest.skip("there is no PHP")
    for number, (_, text) in enumerate(written("php")):
        (tmp_path / f"{number}.php").write_text(text, "utf-8")
    checked = subprocess.run([php, "-l", *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def _call_of(text: str, name: str) -> ast.Call:
    """The first call in a program whose function begins like that."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return next(node for node in found if ast.unparse(node.func).startswith(name))


def _keywords(call: ast.Call) -> dict[str, ast.expr]:
    return {keyword.arg or "": keyword.value for keyword in call.keywords}
