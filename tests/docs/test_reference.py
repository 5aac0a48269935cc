"""The reference says everything there is, and nothing that is not: each table is compared with its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest
import typer
from tests.docs.pages import DOCS, REFERENCE, ROOT, coded, first_words, headings, prose, table

from entrepot import app, catalog, edge, errors, estimates, notices, receipts, routing, webhooks
from entrepot import cli as command_line
from entrepot import health as resting
from entrepot.accounts.records import ROLES
from entrepot.api import (
    browser,
    estimate,
    idempotency,
    providers,
    respond,
    snippets,
    topups,
    usage,
)
from entrepot.api.routes import APPLICATION, FRAMED, HOT
from entrepot.catalog import records, rows
from entrepot.cli.main import _EXIT_CODES
from entrepot.cli.main import app as command
from entrepot.edge import connection
from entrepot.errors import EntrepotError
from entrepot.keys import KeySpec
from entrepot.providers.sandbox import faults
from entrepot.settings import SETTINGS
from entrepot.store.records import UsageRow
from entrepot.tariff import loading
from entrepot.tariff.records import Source

SOURCE = ROOT / "src" / "entrepot"
ROUTES = {**HOT, **FRAMED, **APPLICATION}
API, CATALOGUE, CLI, ERRORS, SETTINGS_PAGE, TEST_MODE = (
    REFERENCE / f"{name}.md" for name in ("api", "catalog", "cli", "errors", "settings", "test-mode")
)


# Settings -----------------------------------------------------------------------------------------


def test_settings() -> None:
    written = table(SETTINGS_PAGE, "Settings")
    assert written == [
        (f"`{row.key}`", f"`{row.env}`", f"`{row.flag}`", _default(row.default), row.help) for row in SETTINGS
    ]


def _default(value: Any) -> str:
    return "none" if value in ("", ()) else f"`{msgspec.json.encode(value).decode()}`"


# API ----------------------------------------------------------------------------------------------


def test_routes() -> None:
    written = [(*coded(row[0]), *coded(row[1])) for row in table(API, "Routes")]
    assert sorted(written) == sorted((method, path.replace(":path}", "}")) for method, path in ROUTES)


def test_permissions() -> None:
    scopes = {(*coded(row[0]), *coded(row[1])): row[2].strip("`").replace("–", "open") for row in table(API, "Routes")}
    found = {}
    for (method, path), (access, _) in ROUTES.items():
        found[method, path.replace(":path}", "}")] = "open" if access.open else access.key or "member"
    assert scopes == found


def test_roles() -> None:
    written = {}
    for routes, roles in table(API, "Roles"):
        said = roles.partition(";")[0]
        for route in coded(routes):
            written[tuple(route.split(" "))] = set(ROLES) if said == "all" else set(coded(said))
    found = {
        (method, path.replace(":path}", "}")): set(access.roles)
        for (method, path), (access, _) in ROUTES.items()
        if access.roles and path.startswith("/v1/")
    }
    assert written == found


def test_headers() -> None:
    written = {name for row in table(API, "Headers", 1) for name in coded(row[0])}
    sources = "".join(path.read_text("utf-8") for path in SOURCE.rglob("*.py"))
    plain = "request-id|sunset|retry-after|openai-processing-ms|allow|connection"
    sent = set(re.findall(rf'\(b"(x-[a-z-]+|{plain})", ', sources)) | {name.decode() for name in notices.ALL}
    sent |= {idempotency.REPLAYED, "content-disposition", "cache-control", *browser.HEADERS}
    assert written == sent - {"x-api-key"} | {edge.CLIENT_REQUEST_ID.decode()}
    assert set(app._EXPOSED.decode().split(", ")) <= written
    read = {edge.CLIENT_REQUEST_ID.decode(), faults.HEADER, "authorization", "x-api-key", "api-key"}
    read |= {respond.ANTHROPIC_VERSION.decode(), receipts.META_HEADER.decode()}
    read |= {idempotency.HEADER, webhooks.HEADER, topups.STRIPE_HEADER}
    assert set(first_words(table(API, "Headers", 0))) == read


def test_numbers_of_the_api() -> None:
    limits = {what: limit for what, limit, *_ in table(API, "Limits")}
    assert limits["headers of a request"] == str(edge.MOST_HEADERS)
    assert limits["size of all headers"] == f"{edge.MOST_HEADER_BYTES} bytes"
    assert limits["size of the address"] == f"{connection.MOST_TARGET_BYTES} bytes"
    assert limits["time between two requests"] == f"{connection.IDLE_S:g} s"
    loose = limits["size of trailers, and of what stands around a chunk of a body"]
    assert loose == f"{connection.MOST_FRAMING_BYTES} bytes"
    assert limits["size of a body for `/v1/keys`"] == f"{respond.MANAGEMENT_BODY_BYTES} bytes"
    assert limits["size of a body for `/v1/snippets`"] == f"{snippets.LIMIT_BYTES} bytes"
    assert f"each {edge.BODY_BYTES_PER_S} bytes" in limits["time for a body"]
    said = " ".join(prose(API).split())
    assert f"tried every {providers.EVERY_S:g} s, and is given {providers.WITHIN_S:g} s" in said
    assert f"repeat `model` for up to {usage.MOST_MODELS}" in said
    assert f"up to {routing.ATTEMPTS} times" in said
    assert f"{routing.RETRY_SHARE:.0%} of".replace("%", " %") in said
    assert f"at least {routing.RETRY_FLOOR} at a time" in said
    assert f"{routing.BACKOFF_S:g} s times the number" in said
    assert f"{resting.REST_S:g} s after {resting.FAILURES_IN_A_ROW} failures in a row" in said
    assert f"at most {resting.LONGEST_REST_S:g} s" in said
    assert f"else for {resting.DEFAULT_RATE_LIMIT_REST_S:g} s" in said


def test_fields_of_keys_and_usage() -> None:
    assert first_words(table(API, "Keys")) == list(KeySpec.__struct_fields__)
    fields = {*UsageRow.__struct_fields__, "cost_usd"} - {"charge_nusd"}
    assert sorted(first_words(table(API, "Usage", 1))) == sorted(fields)


def test_fields_and_numbers_of_an_estimate() -> None:
    assert first_words(table(API, "Estimate")) == list(estimate.EstimateSpec.__struct_fields__)
    said = " ".join(row[1] for row in table(API, "Estimate", 1))
    assert f"or {estimates.LIKELY_OUTPUT_TOKENS} where" in said
    assert f"({estimates.UNKNOWN_OUTPUT_TOKENS} where" in said
    assert f"1 to {estimate.MOST_MODELS} ids" in table(API, "Estimate")[1][1]
    model = catalog.load().models["gpt-4.1-mini"]
    shown = estimate._object(model, estimates.estimate(None, model, 1, None, "standard"))
    assert {*first_words(table(API, "Estimate", 1)), "object"} == {*shown, "price"}


def test_own_fields_of_a_model() -> None:
    loaded = catalog.load()
    shown = catalog.model_object(loaded.models["gpt-4.1-mini"], with_schema=True)
    assert set(first_words(table(API, "Models"))) <= set(shown)


# Errors -------------------------------------------------------------------------------------------


def test_error_classes() -> None:
    written = [(*coded(row[0]), row[1], *coded(row[2])[:1]) for row in table(ERRORS, "Classes")]
    leaves = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, EntrepotError)]
    found = [
        (each.__name__, "4xx" if each is errors.UpstreamRefusal else str(each.status), each.code)
        for each in leaves
        if each not in (EntrepotError, errors.CallerError, errors.HubError)
    ]
    assert written == found


def test_error_codes() -> None:
    defaults = {code for row in table(ERRORS, "Classes") for code in coded(row[2])}
    narrower = first_words(table(ERRORS, "Narrower codes"))
    assert len(narrower) == len(set(narrower))
    assert defaults & set(narrower) == set()
    found = set(faults.REFUSALS.values())
    for path in SOURCE.rglob("*.py"):
        found |= set(_codes(ast.parse(path.read_text("utf-8"))))
    assert defaults | set(narrower) == found


def _codes(tree: ast.AST) -> Iterator[str]:
    """Error codes in a module: what is given or assigned as `code`, and what the schema check decides on."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="code", value=value):
                yield from _texts(value)
            case ast.Assign(targets=[target], value=value) if "code" in ast.unparse(target):
                yield from _texts(value)
            case ast.FunctionDef(name="_verdict"):
                returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
                for verdict in returned:
                    assert isinstance(verdict, ast.Tuple)
                    yield from _texts(verdict.elts[0])


def _texts(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.JoinedStr):
        ending = "".join(str(part.value) for part in value.values if isinstance(part, ast.Constant))
        yield from (f"integer{ending}", f"decimal{ending}")
        return
    parts = (value.body, value.orelse) if isinstance(value, ast.IfExp) else ast.walk(value)
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and re.fullmatch("[a-z_]+", part.value):
            yield part.value


# Command line -------------------------------------------------------------------------------------


def _commands(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    for word, each in group.commands.items():
        if hasattr(each, "commands"):
            if each.invoke_without_command:
                yield f"{name} {word}", each
            yield from _commands(each, f"{name} {word}")
        else:
            yield f"{name} {word}", each


COMMANDS = dict(_commands(typer.main.get_command(command), "entrepot"))


def test_commands() -> None:
    assert sorted(heading for heading in headings(CLI) if heading.startswith("entrepot ")) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"entrepot serve"}))
def test_options(name: str) -> None:
    found = [option for parameter in COMMANDS[name].params for option in parameter.opts]
    assert sorted(first_words(table(CLI, name))) == sorted(found)


def test_options_of_serve_are_the_settings() -> None:
    found = {option for parameter in COMMANDS["entrepot serve"].params for option in parameter.opts}
    assert found == {row.flag for row in SETTINGS} | {"--home", "--config"}


def test_exit_codes() -> None:
    written = [row[0] for row in table(CLI, "Exit codes")]
    assert written == re.findall(r"\b(\d) [a-z]", command_line.__doc__ or "")
    assert {str(code) for code in _EXIT_CODES.values()} <= set(written)


# Test mode ----------------------------------------------------------------------------------------


def test_sandbox_models() -> None:
    loaded = catalog.load()
    listed = [name for name in loaded.models if name.startswith(faults.PREFIX)]
    assert first_words(table(TEST_MODE, "Models")) == list(faults.MODELS) == listed


def test_sandbox_errors() -> None:
    for name, meaning, *_ in table(TEST_MODE, "Models"):
        failure = faults.error(faults.MODELS[coded(name)[0]][1])
        if failure is not None:
            assert coded(meaning)[0] == failure.code
            assert ("`retry-after`" in meaning) == (failure.retry_after_s is not None)


def test_steering() -> None:
    assert first_words(table(TEST_MODE, "Steering")) == list(faults._READERS)


def test_faults() -> None:
    kinds = {re.split("[:]", word)[0] for word in first_words(table(TEST_MODE, "Faults"))}
    first, last = f"error-{min(faults.STATUSES)}", f"error-{max(faults.STATUSES)}"
    assert kinds == {*get_args(faults.FaultKind), first, last} - {"error"}


# Catalogue ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "number", "row"),
    [
        ("Providers", 0, rows.ProviderRow),
        ("Models", 0, rows.ModelRow),
        ("Offers", 0, rows.ExtraOfferRow),
        ("Prices", 0, rows.PriceRow),
        ("Prices", 1, rows.LongContextPriceRow),
        ("Dated prices", 0, loading.PriceEntryRow),
        ("Plans", 0, loading.PlanRow),
        ("Plans", 1, loading.RuleRow),
        ("Plans", 2, loading.FreeTierRow),
    ],
)
def test_catalogue_fields(heading: str, number: int, row: type[msgspec.Struct]) -> None:
    assert sorted(first_words(table(CATALOGUE, heading, number))) == sorted(row.__struct_encode_fields__)


def test_sources_of_a_price() -> None:
    order = re.findall(r"^\d\. `(\w+)`", prose(CATALOGUE).split("## Plans")[1].split("\n## ")[0], re.MULTILINE)
    assert tuple(order) == get_args(Source)


def test_features() -> None:
    written = [coded(row[0])[0] for row in table(CATALOGUE, "Features")]
    assert sorted(written) == sorted(get_args(records.Feature))


def test_built_in_providers() -> None:
    said = prose(CATALOGUE).split("The built-in ids are")[1].split(". ")[0]
    assert sorted(coded(said)) == sorted(catalog.load().providers)


def test_variables_of_hosted_providers() -> None:
    written = [
        coded(row[0] + row[1])[:2] for row in table(DOCS / "howto" / "connect-a-provider.md", "A hosted provider")
    ]
    providers = catalog.load().providers.values()
    assert written == [[provider.id, provider.api_key_env] for provider in providers if provider.api_key_env]
