"""Every setting of the hub, and the only reader of entrepot.toml and of the ENTREPOT_ environment.

The section classes below are the one table: validation, `entrepot serve --help` and
docs/reference/settings.md all come from their fields. No catalogue knowledge: the tables of providers,
models, offers, prices and plans pass through unread.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import tomllib
import types
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec
import platformdirs
from msgspec import Meta

from entrepot.errors import ConfigurationError
from entrepot.tomllines import line_of

CATALOGUE_TABLES = ("providers", "models", "offers")
TARIFF_TABLES = ("prices", "plans")
Durability = Literal["power-cut", "process-crash"]
# Secrets of the hub's own: only in the environment, or in files that settings name.
SECRET_VARIABLES = ("ENTREPOT_WALLET_WEBHOOK_SECRET", "ENTREPOT_WALLET_NOTICE_SECRET")
# Read by the command line as a client, never by the server.
CLIENT_VARIABLES = ("ENTREPOT_API_KEY", "ENTREPOT_BASE_URL")


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class Server(Section, frozen=True):
    """How the hub listens and what it accepts."""

    host: Annotated[str, Meta(min_length=1, description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8080
    public_url: Annotated[str, Meta(description="URL under which clients reach the hub; default http://host:port.")] = (
        ""
    )
    pages: Annotated[
        Literal["public", "private"],
        Meta(description="Who may read model pages and `llms.txt`: everyone, or only who has a key or has signed in."),
    ] = "public"
    cors_origins: Annotated[
        tuple[str, ...], Meta(description="Origins whose browser pages may call the API; `*` means any.")
    ] = ()
    body_limit_bytes: Annotated[
        int, Meta(ge=1024, le=1 << 30, description="Largest request body; a larger one is refused with 413.")
    ] = 32 * 1024 * 1024
    body_timeout_s: Annotated[
        Seconds, Meta(description="A request body must have arrived after this, plus a second per 64 KiB received.")
    ] = 20.0
    header_timeout_s: Annotated[Seconds, Meta(description="Request headers must have arrived after this.")] = 10.0
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(description="Addresses or networks of reverse proxies whose `X-Forwarded-For` is believed."),
    ] = ()
    drain_s: Annotated[float, Meta(ge=0, le=86_400, description="On SIGTERM, how long running requests may go on.")] = (
        30.0
    )

    def __post_init__(self) -> None:
        for address in self.trusted_proxies:
            try:
                ipaddress.ip_network(address, strict=False)
            except ValueError:
                message = f"server.trusted_proxies: {address!r} is neither an address nor a network"
                raise ConfigurationError(message) from None


class Upstream(Section, frozen=True):
    """How long the hub waits for providers, and how it reaches them."""

    connect_timeout_s: Annotated[Seconds, Meta(description="To open a connection.")] = 5.0
    first_byte_timeout_s: Annotated[Seconds, Meta(description="From sending a request to the answer's first byte.")] = (
        600.0
    )
    idle_timeout_s: Annotated[Seconds, Meta(description="Between two pieces of a stream.")] = 120.0
    total_timeout_s: Annotated[Seconds, Meta(description="For one whole exchange.")] = 3600.0
    max_response_bytes: Annotated[
        int, Meta(ge=1024, description="Largest plain answer, and largest single stream event taken from a provider.")
    ] = 64 * 1024 * 1024
    proxy: Annotated[
        str,
        Meta(
            pattern=r"^(https?://([^/?#@\s]*@)?(\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]\s]+)(:[0-9]{1,5})?/?)?$",
            description="HTTP proxy for all calls to providers; the environment's proxies are not used.",
        ),
    ] = ""


class Responses(Section, frozen=True):
    """How long the hub keeps the responses that clients want stored."""

    retention_days: Annotated[
        int, Meta(ge=0, le=3650, description="How long a response is kept; 0 keeps none, whatever a client asks for.")
    ] = 30
    max_bytes_per_key: Annotated[
        int, Meta(ge=0, le=1 << 40, description="What one key may keep in all; beyond it its oldest responses go.")
    ] = 256 * 1024 * 1024


class Ledger(Section, frozen=True):
    """How safely money is written down."""

    durability: Annotated[
        Durability, Meta(description="What written money outlives: a `power-cut`, or less dearly a `process-crash`.")
    ] = "power-cut"


class Local(Section, frozen=True):
    """GGUF files that the hub serves itself through llama.cpp (extra `local`)."""

    models: Annotated[tuple[str, ...], Meta(description="Paths of GGUF files, served as local/<file name>.")] = ()
    context_tokens: Annotated[int, Meta(ge=256, description="Context given to each parallel request.")] = 8192
    parallel: Annotated[int, Meta(ge=1, le=256, description="Requests that one model answers at the same time.")] = 4
    threads: Annotated[int, Meta(ge=0, le=1024, description="Threads for generation; 0 lets the engine choose.")] = 0


class Accounts(Section, frozen=True):
    """How long members stay signed in, and how long invitations stand."""

    session_idle_s: Annotated[
        int, Meta(ge=60, le=31_536_000, description="A session ends when it has not been used for this.")
    ] = 12 * 3600
    session_longest_s: Annotated[
        int, Meta(ge=60, le=31_536_000, description="A session ends after this, however much it is used.")
    ] = 14 * 86_400
    invitation_s: Annotated[
        int, Meta(ge=60, le=31_536_000, description="An invitation can be accepted for this long.")
    ] = 7 * 86_400


class Wallet(Section, frozen=True):
    """Money that comes in by a payment service, and notices of money that runs out."""

    topups: Annotated[bool, Meta(description="Take top-ups of a payment service at `/v1/webhooks/topup`.")] = False
    webhook_secret_file: Annotated[
        str, Meta(description="File with the secret that top-ups are signed with; else the variable for it.")
    ] = ""
    notice_url: Annotated[
        str,
        Meta(
            pattern=r"^(https?://[^/?#@\x00-\x20\x7f-\U0010ffff]+([/?][!-\"$-~]*)?)?$",
            description="Where a notice goes when a balance gets low; none sends none.",
        ),
    ] = ""
    notice_secret_file: Annotated[
        str, Meta(description="File with the secret that notices are signed with; else the variable for it.")
    ] = ""
    notice_below_usd: Annotated[
        str,
        Meta(pattern=r"^[0-9]{1,7}(\.[0-9]{1,9})?$", description="A balance is low when less than this is left."),
    ] = "5"


class Log(Section, frozen=True):
    """What the hub writes to standard error."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], Meta(description="Least severe level that is written.")
    ] = "info"
    format: Annotated[Literal["text", "json"], Meta(description="Lines for people, or one JSON object a line.")] = (
        "text"
    )


SECTIONS: dict[str, type[Section]] = {
    "server": Server,
    "upstream": Upstream,
    "responses": Responses,
    "ledger": Ledger,
    "local": Local,
    "accounts": Accounts,
    "wallet": Wallet,
    "log": Log,
}


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the settings table, derived from a section's field."""

    section: str
    name: str
    type: Any
    default: Any
    help: str

    @property
    def key(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def env(self) -> str:
        return "ENTREPOT_" + self.flag[2:].replace("-", "_").upper()

    @property
    def flag(self) -> str:
        if self.key == "local.models":
            return "--local"
        name = self.name if self.section == "server" else f"{self.section}_{self.name}"
        return "--" + name.replace("_", "-")

    @property
    def is_list(self) -> bool:
        return isinstance(self.default, tuple)


def _rows() -> Iterator[Setting]:
    for section, cls in SECTIONS.items():
        hints = get_type_hints(cls, include_extras=True)
        for field in msgspec.structs.fields(cls):
            annotated = hints[field.name]
            described = [meta.description for meta in get_args(annotated)[1:] if isinstance(meta, Meta)]
            yield Setting(
                section=section,
                name=field.name,
                type=annotated,
                default=field.default,
                help=next(text for text in described if text),
            )


SETTINGS: tuple[Setting, ...] = tuple(_rows())


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings in force.

    `catalogue` and `tariff` hold the operator's tables, `environ` the environment that credentials are looked up in;
    `origins` says where each value came from. The repr leaves the environment out: it holds secrets.
    """

    home: Path
    config: Path | None = None
    server: Server = Server()
    upstream: Upstream = Upstream()
    responses: Responses = Responses()
    ledger: Ledger = Ledger()
    local: Local = Local()
    accounts: Accounts = Accounts()
    wallet: Wallet = Wallet()
    log: Log = Log()
    catalogue: Mapping[str, Any] = types.MappingProxyType({})
    tariff: Mapping[str, Any] = types.MappingProxyType({})
    environ: Mapping[str, str] = types.MappingProxyType({})
    origins: Mapping[str, str] = types.MappingProxyType({})

    def __repr__(self) -> str:
        return f"Settings(home={self.home}, config={self.config})"

    @property
    def url(self) -> str:
        """Where clients reach the hub, without a slash at the end."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.server.host, self.server.host)
        host = f"[{host}]" if ":" in host else host
        return self.server.public_url.rstrip("/") or f"http://{host}:{self.server.port}"


def load(
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Settings:
    """Settings from defaults, then the file, then the environment, then `flags` (keys as in `Setting.key`).

    `flags` may also hold `home` and `config`. Raises ConfigurationError naming the file and line, the
    variable or the option at fault.
    """
    flags = {key: value for key, value in (flags or {}).items() if value is not None}
    environ = os.environ if environ is None else environ
    home = Path(flags.get("home") or environ.get("ENTREPOT_HOME") or platformdirs.user_data_dir("entrepot"))
    home = home.expanduser().absolute()
    config = _config_path(flags, environ, home, directory or Path.cwd())
    text = _read(config) if config else ""
    document = _parse(text, config)
    values: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    origins: dict[str, str] = {}
    for name in SECTIONS:
        for key, value in document.get(name, {}).items():
            values[name][key] = value
            origins[f"{name}.{key}"] = str(config)
    _refuse_unknown_variables(environ, document)
    for row in SETTINGS:
        if row.env in environ:
            values[row.section][row.name] = _from_text(row, environ[row.env])
            origins[row.key] = row.env
        if row.key in flags and flags[row.key] not in ((), []):
            values[row.section][row.name] = flags[row.key]
            origins[row.key] = row.flag
    sections = {name: _section(name, values[name], origins, text, config) for name in SECTIONS}
    catalogue, tariff = (
        {name: document[name] for name in names if name in document} for names in (CATALOGUE_TABLES, TARIFF_TABLES)
    )
    return Settings(
        home=home,
        config=config,
        catalogue=catalogue,
        tariff=tariff,
        environ=environ,
        origins=origins,
        **sections,
    )


def located(error: ConfigurationError, settings: Settings) -> ConfigurationError:
    """The same error with the file and line that its path points at put in front."""
    if settings.config is None or not error.path:
        return error
    line = line_of(_read(settings.config), error.path)
    return ConfigurationError(f"{settings.config}:{line}: {error.message}", path=error.path)


def _config_path(flags: Mapping[str, Any], environ: Mapping[str, str], home: Path, directory: Path) -> Path | None:
    named = flags.get("config") or environ.get("ENTREPOT_CONFIG")
    if named:
        path = Path(named).expanduser().absolute()
        if not path.is_file():
            raise ConfigurationError(f"there is no settings file {path}")
        return path
    for path in (directory / "entrepot.toml", home / "entrepot.toml"):
        if path.is_file():
            return path.absolute()
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error


def _parse(text: str, path: Path | None) -> dict[str, Any]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    known = (*SECTIONS, *CATALOGUE_TABLES, *TARIFF_TABLES)
    for name, value in document.items():
        if name not in known:
            line = line_of(text, (name,))
            raise ConfigurationError(f"{path}:{line}: unknown table [{name}]{_hint(name, known)}")
        if name in SECTIONS and not isinstance(value, dict):
            raise ConfigurationError(f"{path}:{line_of(text, (name,))}: {name} must be a table, [{name}]")
    return document


def _from_text(row: Setting, text: str) -> Any:
    return [part.strip() for part in text.split(",") if part.strip()] if row.is_list else text


def _section(name: str, values: dict[str, Any], origins: Mapping[str, str], text: str, config: Path | None) -> Any:
    known = [row.name for row in SETTINGS if row.section == name]
    for key in values:
        if key not in known:
            line = line_of(text, (name, key))
            raise ConfigurationError(f"{config}:{line}: [{name}] has no setting {key!r}{_hint(key, known)}")
    converted = {}
    for row in SETTINGS:
        if row.section == name and row.name in values:
            converted[row.name] = _convert(row, values[row.name], origins[row.key], text, config)
    return SECTIONS[name](**converted)


def _convert(row: Setting, value: Any, origin: str, text: str, config: Path | None) -> Any:
    from_file = config is not None and origin == str(config)
    try:
        return msgspec.convert(value, row.type, strict=from_file)
    except msgspec.ValidationError as error:
        where = f"{config}:{line_of(text, (row.section, row.name))}: {row.key}" if from_file else origin
        raise ConfigurationError(f"{where}: {str(error).lower()}, got {value!r}") from None


def _refuse_unknown_variables(environ: Mapping[str, str], document: Mapping[str, Any]) -> None:
    known = {row.env for row in SETTINGS} | {"ENTREPOT_HOME", "ENTREPOT_CONFIG", *CLIENT_VARIABLES, *SECRET_VARIABLES}
    providers = document.get("providers", {})
    if isinstance(providers, dict):
        known |= {str(row.get("api_key_env")) for row in providers.values() if isinstance(row, dict)}
    for name in environ:
        if name.startswith("ENTREPOT_") and name not in known:
            raise ConfigurationError(f"unknown environment variable {name}{_hint(name, known)}")


def _hint(name: str, known: Any) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"
