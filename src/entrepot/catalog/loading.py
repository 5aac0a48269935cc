"""Built-in data and the operator's tables, merged into one Catalogue.

Reads the package's own files and nothing else; every problem is a ConfigurationError with its place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

import jsonschema_rs
import msgspec

from entrepot.catalog import rows
from entrepot.catalog.catalogue import Catalogue
from entrepot.catalog.records import Model, Offer, Provider
from entrepot.catalog.rows import ExtraOfferRow, ModelRow, Path, ProviderRow
from entrepot.catalog.schemas import json_request_schema
from entrepot.errors import ConfigurationError

Table = Mapping[str, Any]
Places = dict[str, Path]

TABLES = ("providers", "models", "offers")
# User, query and fragment have no place in it: they would be lost on the way.
_BASE_URL = re.compile(r'https?://(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(?::([0-9]{1,5}))?(?:/[!"$->@-~]*)?')
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t -~\x80-\xff]*")
_FRAMING = ("connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade")
TOGETHER = (
    ("api_key_env", "api_key_file"),
    ("price", "price_batch", "price_priority", "price_above"),
)
"""Fields that an operator replaces as one: half of an old credential or price list must not survive."""


def load(operator: Table = {}) -> Catalogue:  # noqa: B006  # a Mapping, never written
    """The catalogue of a hub: the built-in data with the operator's providers, models and offers laid over it.

    Given fields win over built-in ones, and the operator's offers come first. Raises ConfigurationError.
    """
    for name in operator:
        if name not in TABLES:
            raise ConfigurationError(f"unknown table {name!r}; allowed: {', '.join(TABLES)}", path=(name,))
    builtin = _builtin()
    providers = _providers(builtin["providers"], _table(operator, "providers"))
    models, names = _models(builtin["models"], _array(operator, "models"), providers)
    return Catalogue(_with_offers(models, names, _array(operator, "offers"), providers), providers.values())


def _builtin() -> dict[str, Any]:
    """All data files as one document."""
    document: dict[str, Any] = {"providers": {}, "models": []}
    for file in sorted(files(__package__).joinpath("data").iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            content = tomllib.loads(file.read_text(encoding="utf-8"))
            document["providers"] |= content.get("providers", {})
            document["models"] += content.get("models", [])
    return document


def _table(operator: Table, name: str) -> Table:
    value = operator.get(name, {})
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"must be tables such as [{name}.lab]", path=(name,))
    return value


def _array(operator: Table, name: str) -> list[Table]:
    value = operator.get(name, [])
    if not isinstance(value, list):
        raise ConfigurationError(f"must be an array of tables, each opened by [[{name}]]", path=(name,))
    return value


def _over(builtin: Table, given: Table) -> dict[str, Any]:
    """The built-in row with the given fields in place of its own."""
    replaced = {name for group in TOGETHER if any(name in given for name in group) for name in group}
    return {name: value for name, value in builtin.items() if name not in replaced} | dict(given)


# Providers ----------------------------------------------------------------------------------------


def _providers(builtin: Table, operator: Table) -> dict[str, Provider]:
    merged = {name: rows.provider(name, _provider_row(table, name), declared=False) for name, table in builtin.items()}
    for name, table in operator.items():
        _check_provider(_provider_row(table, name), name in builtin, ("providers", name))
        row = _provider_row(_over(builtin.get(name, {}), table), name)
        merged[name] = rows.provider(name, row, declared=True)
    return merged


def _provider_row(table: object, name: str) -> ProviderRow:
    return rows.read(table, ProviderRow, ("providers", name))


def _check_provider(row: ProviderRow, is_builtin: bool, path: Path) -> None:
    if row.api_key_env and row.api_key_file:
        raise ConfigurationError("give api_key_env or api_key_file, not both", path=(*path, "api_key_file"))
    if row.base_url is None and not is_builtin:
        raise ConfigurationError('a new provider needs base_url, such as "http://127.0.0.1:8000/v1"', path=path)
    if row.base_url is not None and not _is_base_url(row.base_url):
        message = f"base_url must start with http:// or https://, a host and perhaps a port, got {row.base_url!r}"
        raise ConfigurationError(message, path=(*path, "base_url"))
    for name, value in row.headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _FRAMING or not _HEADER_VALUE.fullmatch(value):
            raise ConfigurationError(f"{name!r} is no header that can be added", path=(*path, "headers", name))


def _is_base_url(url: str) -> bool:
    found = _BASE_URL.fullmatch(url)
    try:
        return found is not None and bool(found[1].encode("idna")) and int(found[2] or 1) in range(1, 65536)
    except UnicodeError:
        return False


# Models -------------------------------------------------------------------------------------------


def _models(
    builtin: list[Table], operator: list[Table], providers: Mapping[str, Provider]
) -> tuple[dict[str, Model], dict[str, str]]:
    """All models by id, and every name in lower case with the id it stands for."""
    known = {table["id"]: table for table in builtin}
    given: dict[str, Table] = {}
    places: Places = {}
    for index, table in enumerate(operator):
        path = ("models", index)
        model_id = rows.read(table, ModelRow, path).id
        if model_id in given:
            raise ConfigurationError(f"a second model with the id {model_id!r}", path=(*path, "id"))
        given[model_id], places[model_id] = table, path
    merged = known | {model_id: _over(known.get(model_id, {}), table) for model_id, table in given.items()}
    models = {
        model_id: _model(table, providers, places.get(model_id, ("models", model_id)))
        for model_id, table in merged.items()
    }
    for model_id, table in given.items():
        if "parameters" in table:
            _check_parameters(models[model_id], places[model_id])
    return models, _names(sorted(models.values(), key=lambda model: model.id in given), places)


def _model(table: Table, providers: Mapping[str, Provider], path: Path) -> Model:
    row = rows.read(table, ModelRow, path)
    offers = (
        rows.offer(offer, row.features, providers, (*path, "offers", index)) for index, offer in enumerate(row.offers)
    )
    return rows.model(row, tuple(offers), path)


def _check_parameters(model: Model, path: Path) -> None:
    try:
        jsonschema_rs.meta.validate(json_request_schema(model))
    except jsonschema_rs.ValidationError as error:
        place = [key for key in error.instance_path if key != "properties"]
        raise ConfigurationError(f"not JSON Schema: {error.message}", path=(*path, "parameters", *place)) from None


def _names(models: Iterable[Model], places: Places) -> dict[str, str]:
    """Claim every name for one model; built-in models come first, so the operator's row is the one blamed."""
    owners: dict[str, str] = {}
    for model in models:
        for index, name in enumerate(model.names):
            owner = owners.setdefault(name.casefold(), model.id)
            if owner != model.id:
                field: Path = ("aliases", index - 1) if index else ("id",)
                raise ConfigurationError(
                    f"{name!r} already names the model {owner!r}", path=(*places.get(model.id, ("models",)), *field)
                )
    return owners


def _with_offers(
    models: Mapping[str, Model], names: Mapping[str, str], operator: list[Table], providers: Mapping[str, Provider]
) -> list[Model]:
    extra: dict[str, list[Offer]] = {}
    for index, table in enumerate(operator):
        path = ("offers", index)
        row = rows.read(table, ExtraOfferRow, path)
        model_id = names.get(row.model.casefold())
        if model_id is None:
            raise ConfigurationError(f"unknown model {row.model!r}; give its id or an alias", path=(*path, "model"))
        extra.setdefault(model_id, []).append(rows.offer(row, models[model_id].features, providers, path))
    return [
        msgspec.structs.replace(model, offers=(*extra[model.id], *model.offers)) if model.id in extra else model
        for model in models.values()
    ]
