"""`entrepot keys`: made, shown, changed, rotated, deleted in the store of a home."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Entrepot

from entrepot.errors import Unauthenticated
from entrepot.home import Home, open_home
from entrepot.keys import KeyRing


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    opened = open_home(tmp_path / "home")
    yield opened
    opened.store.close()


def create(entrepot: Entrepot, *arguments: str) -> dict[str, Any]:
    outcome = entrepot("keys", "create", "--json", *arguments)
    assert (outcome.code, outcome.err) == (0, "")
    made: dict[str, Any] = outcome.json
    return made


def refusal(home: Home, token: str) -> str | None:
    """Why the home's keys refuse a token; None when they do not."""
    try:
        KeyRing(home.store.all_keys(), home.pepper).authenticate(token, round(datetime.now(UTC).timestamp() * 1000))
    except Unauthenticated as error:
        return error.code
    return None


def test_a_key_is_made_as_asked(entrepot: Entrepot, home: Home) -> None:
    made = create(
        entrepot,
        *("--name", "ci é", "--mode", "live", "--scope", "usage", "--scope", "management"),
        *("--model", "gpt-4.1", "--model", "a/b", "--expires", "2030-01-01"),
    )
    assert made["key"].startswith(f"{made['prefix']}-")
    assert {name: made[name] for name in ("name", "mode", "scopes", "models", "expires_at")} == {
        "name": "ci é",
        "mode": "live",
        "scopes": ["usage", "management"],
        "models": ["gpt-4.1", "a/b"],
        "expires_at": "2030-01-01T00:00:00Z",
    }
    assert refusal(home, made["key"]) is None


def test_a_key_made_without_more_is_a_test_key_for_calls(entrepot: Entrepot) -> None:
    made = create(entrepot)
    assert (made["mode"], made["scopes"], made["models"], made["expires_at"]) == (
        *("test", ["inference", "usage"], None, None),
    )


def test_people_get_the_token_on_a_line_of_its_own(entrepot: Entrepot, home: Home) -> None:
    outcome = entrepot("keys", "create", "--name", "mine")
    token = outcome.out.splitlines()[0]
    assert refusal(home, token) is None
    assert "(mine). The token is not shown again." in outcome.out


@pytest.mark.parametrize(
    ("age", "length"), [("30m", timedelta(minutes=30)), ("12h", timedelta(hours=12)), ("7d", timedelta(days=7))]
)
def test_a_key_can_be_given_an_age(entrepot: Entrepot, age: str, length: timedelta) -> None:
    expires_at = datetime.fromisoformat(create(entrepot, "--expires", age)["expires_at"])
    assert abs(expires_at - datetime.now(UTC) - length) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--mode", "both"], "Invalid enum value 'both'"),
        (["--scope", "root"], "Invalid enum value 'root'"),
        (["--name", ""], "length >= 1"),
        (["--name", "x" * 201], "length <= 200"),
        (["--name", "not\udcff text"], "surrogates not allowed"),
        (["--model", "\udcff"], "surrogates not allowed"),
        (["--expires", "soon"], "'soon' is neither an age such as 30d nor a time"),
        (["--expires", "30w"], "neither an age"),
        (["--expires", "-5d"], "neither an age"),
    ],
)
def test_a_key_that_cannot_be_is_refused(entrepot: Entrepot, arguments: list[str], complaint: str) -> None:
    outcome = entrepot("keys", "create", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert complaint in outcome.err
    assert outcome.err.startswith("entrepot: ")
    assert entrepot("keys", "list", "--json").json == []


def test_keys_are_listed_without_secrets(entrepot: Entrepot) -> None:
    made = [create(entrepot, "--name", name) for name in ("one", "two")]
    listed = entrepot("keys", "list", "--json")
    assert listed.json == [{name: value for name, value in key.items() if name != "key"} for key in made]
    table = entrepot("keys", "list").out
    for key in made:
        assert key["prefix"] in table
        assert key["key"] not in table


@pytest.mark.parametrize("form", ["id", "prefix"])
def test_a_key_is_found_by_id_or_prefix(entrepot: Entrepot, form: str) -> None:
    made = create(entrepot)
    assert entrepot("keys", "show", made[form], "--json").json["id"] == made["id"]
    assert made["id"] in entrepot("keys", "show", made[form]).out


def test_a_key_can_be_disabled_and_enabled(entrepot: Entrepot, home: Home) -> None:
    made = create(entrepot)
    assert entrepot("keys", "disable", made["id"], "--json").json["disabled"] is True
    assert refusal(home, made["key"]) == "key_disabled"
    assert entrepot("keys", "enable", made["id"], "--json").json["disabled"] is False
    assert refusal(home, made["key"]) is None


@pytest.mark.parametrize(("grace", "old"), [([], "invalid_api_key"), (["--grace", "1h"], None)])
def test_a_key_can_be_rotated(entrepot: Entrepot, home: Home, grace: list[str], old: str | None) -> None:
    made = create(entrepot)
    rotated = entrepot("keys", "rotate", made["id"], "--json", *grace).json
    assert rotated["id"] == made["id"]
    assert refusal(home, rotated["key"]) is None
    assert refusal(home, made["key"]) == old


@pytest.mark.parametrize("grace", ["soon", "-1h", "1w", ""])
def test_a_grace_is_an_age(entrepot: Entrepot, home: Home, grace: str) -> None:
    made = create(entrepot)
    outcome = entrepot("keys", "rotate", made["id"], "--grace", grace)
    assert outcome.code == 2
    assert refusal(home, made["key"]) is None


def test_a_key_can_be_deleted(entrepot: Entrepot, home: Home) -> None:
    made = create(entrepot)
    assert entrepot("keys", "delete", made["prefix"], "--json").json == {"id": made["id"], "deleted": True}
    assert refusal(home, made["key"]) == "invalid_api_key"
    assert entrepot("keys", "list", "--json").json == []


@pytest.mark.parametrize("command", ["show", "disable", "enable", "rotate", "delete"])
def test_an_unknown_key_is_3(entrepot: Entrepot, command: str) -> None:
    assert entrepot("keys", command, "ep-live-000000000000") == (
        3,
        "",
        "entrepot: There is no key 'ep-live-000000000000'.\n",
    )


def test_a_home_can_be_named(entrepot: Entrepot, tmp_path: Path) -> None:
    create(entrepot, "--home", str(tmp_path / "other"))
    assert entrepot("keys", "list", "--json").json == []
    assert len(entrepot("keys", "list", "--json", "--home", str(tmp_path / "other")).json) == 1
