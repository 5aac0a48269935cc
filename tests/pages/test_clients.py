"""Clients: what each is told, in every shell; `entrepot env` has the tests that run it."""

from __future__ import annotations

import json
import tomllib

import pytest

from entrepot.pages.clients import CLIENTS, SHELLS, Aim, lines

AIM = Aim("http://h", "m")


@pytest.mark.parametrize("id", CLIENTS)
def test_every_client_is_sent_to_this_hub(id: str) -> None:
    client = CLIENTS[id]
    told = "\n".join([*lines(client, AIM, "k", SHELLS["sh"]), client.file(AIM) if client.file else ""])
    assert "http://h" in told
    assert client.name
    assert bool(client.file) is bool(client.path) is bool(client.command)


@pytest.mark.parametrize("shell", SHELLS)
def test_without_a_key_the_hubs_own_variable_is_used(shell: str) -> None:
    told = lines(CLIENTS["openai"], AIM, None, SHELLS[shell])
    assert any("ENTREPOT_API_KEY" in line for line in told)


def test_files_are_of_their_format() -> None:
    for client in CLIENTS.values():
        if client.file and client.path.endswith(".toml"):
            assert tomllib.loads(client.file(AIM))["model"] == "m"
    variables = CLIENTS["opencode"].variables(AIM)
    assert json.loads(variables["OPENCODE_CONFIG_CONTENT"] or "")["model"] == "entrepot/m"
