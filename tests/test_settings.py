"""Where settings come from, who wins, and that every refusal says where to look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from entrepot import settings
from entrepot.errors import ConfigurationError
from entrepot.settings import SETTINGS, Server, Settings, load, located


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Writes entrepot.toml and returns its path."""

    def write_one(text: str, name: str = "entrepot.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    return write_one


def refusal(
    flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None, directory: Path | None = None
) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(flags, environ or {}, directory)
    return caught.value.message


# Sources ------------------------------------------------------------------------------------------


def test_defaults_are_in_force_when_nobody_says_anything(tmp_path: Path) -> None:
    found = load(environ={"ENTREPOT_HOME": str(tmp_path)}, directory=tmp_path)
    assert (found.server, found.home, found.config, dict(found.origins)) == (Server(), tmp_path, None, {})


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path, write: Any) -> None:
    path = write("[server]\nport = 1\nhost = '127.0.0.1'\nbody_timeout_s = 7\n")
    environ = {"ENTREPOT_HOME": str(tmp_path / "h"), "ENTREPOT_PORT": "2", "ENTREPOT_HOST": "127.0.0.2"}
    found = load({"server.port": 3}, environ, tmp_path)
    assert (found.server.port, found.server.host, found.server.body_timeout_s) == (3, "127.0.0.2", 7.0)
    assert found.server.header_timeout_s == Server().header_timeout_s
    assert found.origins == {
        "server.port": "--port",
        "server.host": "ENTREPOT_HOST",
        "server.body_timeout_s": str(path),
    }


def test_unset_flags_leave_the_file_alone(tmp_path: Path, write: Any) -> None:
    write("[server]\ncors_origins = ['https://a.test']\n")
    found = load({"server.cors_origins": [], "server.port": None}, {"ENTREPOT_HOME": str(tmp_path)}, tmp_path)
    assert found.server.cors_origins == ("https://a.test",)


def test_lists_are_written_with_commas_in_the_environment(tmp_path: Path) -> None:
    environ = {"ENTREPOT_HOME": str(tmp_path), "ENTREPOT_CORS_ORIGINS": " https://a.test, ,https://b.test "}
    assert load({}, environ, tmp_path).server.cors_origins == ("https://a.test", "https://b.test")


@pytest.mark.parametrize(
    ("flag", "variable", "expected"), [("f", "v", "f"), (None, "v", "v"), ("f", None, "f"), (None, None, None)]
)
def test_home_is_the_flags_then_the_variables(
    tmp_path: Path, flag: str | None, variable: str | None, expected: str | None
) -> None:
    environ = {"ENTREPOT_HOME": str(tmp_path / variable)} if variable else {}
    home = load({"home": tmp_path / flag if flag else None}, environ, tmp_path).home
    assert home == tmp_path / expected if expected else home.name == "entrepot"


def test_a_named_file_beats_the_one_here_which_beats_the_one_in_the_home(tmp_path: Path, write: Any) -> None:
    environ = {"ENTREPOT_HOME": str(tmp_path / "home")}
    in_home = write("[server]\nport = 1\n", "home/entrepot.toml")
    assert load({}, environ, tmp_path).config == in_home
    here = write("[server]\nport = 2\n")
    assert load({}, environ, tmp_path).config == here
    by_variable = write("[server]\nport = 3\n", "v.toml")
    assert load({}, environ | {"ENTREPOT_CONFIG": str(by_variable)}, tmp_path).server.port == 3
    by_flag = write("[server]\nport = 4\n", "f.toml")
    found = load({"config": str(by_flag)}, environ | {"ENTREPOT_CONFIG": str(by_variable)}, tmp_path)
    assert (found.server.port, found.config) == (4, by_flag)


def test_the_catalogues_tables_pass_unread(tmp_path: Path, write: Any) -> None:
    write("[providers.lab]\nanything = 1\n[[models]]\nid = 'm'\n")
    found = load({}, {"ENTREPOT_HOME": str(tmp_path)}, tmp_path)
    assert found.catalogue == {"providers": {"lab": {"anything": 1}}, "models": [{"id": "m"}]}


@pytest.mark.parametrize(
    ("server", "url"),
    [
        (Server(), "http://127.0.0.1:8080"),
        (Server(host="0.0.0.0", port=1), "http://127.0.0.1:1"),
        (Server(host="::", port=1), "http://[::1]:1"),
        (Server(host="hub.test"), "http://hub.test:8080"),
        (Server(host="0.0.0.0", public_url="https://hub.test/"), "https://hub.test"),
    ],
)
def test_url_is_one_that_clients_can_use(tmp_path: Path, server: Server, url: str) -> None:
    assert Settings(home=tmp_path, server=server).url == url


def test_the_repr_shows_no_environment(tmp_path: Path) -> None:
    found = load({}, {"ENTREPOT_HOME": str(tmp_path), "OPENAI_API_KEY": "sk-secret-1"}, tmp_path)
    assert found.environ["OPENAI_API_KEY"] == "sk-secret-1"
    assert "sk-secret-1" not in repr(found)


# The table ----------------------------------------------------------------------------------------


def test_rows_have_names_of_their_own_in_every_form() -> None:
    for form in ("key", "env", "flag"):
        names = [getattr(row, form) for row in SETTINGS]
        assert len(set(names)) == len(names)
    taken = {"--home", "--config", "ENTREPOT_HOME", "ENTREPOT_CONFIG", *settings.CLIENT_VARIABLES}
    assert taken.isdisjoint({row.flag for row in SETTINGS} | {row.env for row in SETTINGS})


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.key)
def test_every_setting_can_be_given_in_the_environment(tmp_path: Path, row: settings.Setting) -> None:
    text = ",".join(row.default) if row.is_list else str(row.default)
    found = load({}, {"ENTREPOT_HOME": str(tmp_path), row.env: text}, tmp_path)
    assert getattr(getattr(found, row.section), row.name) == row.default
    assert found.origins == {row.key: row.env}


@pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.key)
def test_every_setting_says_what_it_is_for(row: settings.Setting) -> None:
    assert re.fullmatch(r"[A-Z].+\.", row.help)


# Refusals -----------------------------------------------------------------------------------------

FILES = [
    ("[server]\nport = 'x'\n", "2: server.port: expected `int`, got `str`, got 'x'"),
    ("[server]\nport = 1\n\n# why\nhost = ''\n", "5: server.host: expected `str` of length >= 1, got ''"),
    ("[server]\nport = 70000\n", "2: server.port: expected `int` <= 65535, got 70000"),
    ("[server]\nport = '8080'\n", "2: server.port: expected `int`, got `str`, got '8080'"),
    ("[upstream]\nidle_timeout_s = 0\n", "2: upstream.idle_timeout_s: expected `float` > 0.0, got 0"),
    ("[upstream]\nidle_timeout_s = nan\n", "2: upstream.idle_timeout_s: "),
    ("[log]\nlevel = 'loud'\n", "2: log.level: invalid enum value 'loud', got 'loud'"),
    ("[server]\ntrusted_proxies = '10.0.0.1'\n", "2: server.trusted_proxies: expected `array`, got `str`"),
    ("[server]\ncors_origins = 'https://a.test'\n", "2: server.cors_origins: expected `array`, got `str`"),
    ("[server]\n\nprot = 1\n", "3: [server] has no setting 'prot'; did you mean 'port'?"),
    ("[server]\nzzzzz = 1\n", "2: [server] has no setting 'zzzzz'; known are body_limit_bytes, "),
    ("\n[sever]\nport = 1\n", "2: unknown table [sever]; did you mean 'server'?"),
    (
        "[zzzzz]\n",
        "1: unknown table [zzzzz]; known are accounts, ledger, local, log, models, offers, plans, prices, providers, "
        "responses, server, upstream",
    ),
    ("server = 1\n", "1: server must be a table, [server]"),
    ("[[server]]\nport = 1\n", "1: server must be a table, [server]"),
    ("server = [\n", " Invalid value"),
]


@pytest.mark.parametrize(("text", "message"), FILES)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, write: Any, text: str, message: str) -> None:
    path = write(text)
    assert refusal({}, {"ENTREPOT_HOME": str(tmp_path)}, tmp_path).startswith(f"{path}:{message}")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"ENTREPOT_PORT": "x"}, "ENTREPOT_PORT: expected `int`, got `str`, got 'x'"),
        ({"ENTREPOT_PORT": "-1"}, "ENTREPOT_PORT: expected `int` >= 0, got '-1'"),
        ({"ENTREPOT_DRAIN_S": "nan"}, "ENTREPOT_DRAIN_S: "),
        ({"ENTREPOT_TRUSTED_PROXIES": "10.0.0.0/8,proxy"}, "server.trusted_proxies: 'proxy' is neither an address"),
        ({"ENTREPOT_PROT": "1"}, "unknown environment variable ENTREPOT_PROT; did you mean 'ENTREPOT_PORT'?"),
        ({"ENTREPOT_LOG_LEVEL": "loud"}, "ENTREPOT_LOG_LEVEL: invalid enum value 'loud', got 'loud'"),
    ],
)
def test_a_bad_variable_is_refused_by_its_name(tmp_path: Path, environ: dict[str, str], message: str) -> None:
    assert refusal({}, {"ENTREPOT_HOME": str(tmp_path), **environ}, tmp_path).startswith(message)


def test_a_bad_flag_is_refused_by_its_name(tmp_path: Path) -> None:
    environ = {"ENTREPOT_HOME": str(tmp_path)}
    assert refusal({"server.port": 70000}, environ, tmp_path) == "--port: expected `int` <= 65535, got 70000"


def test_the_overridden_bad_value_is_not_blamed(tmp_path: Path, write: Any) -> None:
    write("[server]\nport = 'x'\n")
    assert load({"server.port": 1}, {"ENTREPOT_HOME": str(tmp_path)}, tmp_path).server.port == 1


def test_a_providers_own_variable_and_the_clients_are_known(tmp_path: Path, write: Any) -> None:
    write("[providers.lab]\napi_key_env = 'ENTREPOT_LAB_KEY'\n")
    environ = {
        "ENTREPOT_HOME": str(tmp_path),
        "ENTREPOT_LAB_KEY": "k",
        "ENTREPOT_API_KEY": "k",
        "ENTREPOT_BASE_URL": "u",
    }
    load({}, environ, tmp_path)


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    environ = {"ENTREPOT_HOME": str(tmp_path)}
    assert refusal({"config": tmp_path / "no.toml"}, environ) == f"there is no settings file {tmp_path / 'no.toml'}"
    assert refusal({"config": tmp_path}, environ).startswith("there is no settings file")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9\n")
    assert refusal({"config": tmp_path / "latin.toml"}, environ).startswith(f"{tmp_path / 'latin.toml'} cannot be read")


# Lines --------------------------------------------------------------------------------------------

TEXT = """\
[[models]]
id = "one"

[[models]]
id = "two"
"""


def test_located_puts_file_and_line_in_front(tmp_path: Path, write: Any) -> None:
    path = write(TEXT)
    found = load({}, {"ENTREPOT_HOME": str(tmp_path)}, tmp_path)
    error = ConfigurationError("no such id", path=("models", 1, "id"))
    assert located(error, found).message == f"{path}:5: no such id"
    assert located(ConfigurationError("about nothing"), found).message == "about nothing"
    assert located(error, Settings(home=tmp_path)) is error


@pytest.mark.parametrize(("text", "found"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_a_switch_may_come_from_the_environment(tmp_path: Path, text: str, found: bool) -> None:
    environ = {"ENTREPOT_WALLET_TOPUPS": text, "ENTREPOT_WALLET_WEBHOOK_SECRET": "canary"}
    settings = load({"home": tmp_path}, environ, tmp_path)
    assert settings.wallet.topups is found
    assert "canary" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a/",
        "https://",
        "https://a b/",
        "https://user:secret@a/",
        "https://a/\r\nx: y",
        "https://a/#b",
        "a.test/hook",
    ],
)
def test_an_address_for_notices_is_a_plain_one(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError, match="ENTREPOT_WALLET_NOTICE_URL"):
        load({"home": tmp_path}, {"ENTREPOT_WALLET_NOTICE_URL": url}, tmp_path)
