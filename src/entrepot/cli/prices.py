"""`entrepot prices`: what is bought and sold for how much, price lists from elsewhere, and who is on which plan."""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli import output
from entrepot.cli.office import OrganisationId, opened
from entrepot.cli.options import Config, Home, Json, catalogue_and_tariff, load
from entrepot.errors import InvalidRequest, NotFound
from entrepot.settings import CATALOGUE_TABLES, TARIFF_TABLES, Settings

if TYPE_CHECKING:
    from entrepot.catalog import Catalogue, Model
    from entrepot.money import Meter, Price
    from entrepot.tariff import Tariff
    from entrepot.tariff.changes import Change, Target

app = typer.Typer(help="Prices: what is bought and sold for how much.", invoke_without_command=True)

Plan = Annotated[str | None, typer.Option("--plan", help="A plan of the settings; else the one of all others.")]

_COLUMNS = ("model", "provider", "source", "input buy", "input sell", "output buy", "output sell", "margin", "note")
_CHANGES = ("model", "rate", "was", "now", "held")
NO_PLAN = "none"


# Listing ------------------------------------------------------------------------------------------


@app.callback()
def command(
    context: typer.Context,
    plan: Plan = None,
    search: Annotated[str, typer.Option("--search", help="Models whose id or alias holds this.")] = "",
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List buy price, sell price and margin of every offer, in US dollars per million; dearer offers are flagged."""
    if context.invoked_subcommand is not None:
        return
    catalogue, tariff = catalogue_and_tariff(load(home, config))
    _require_plan(plan, tariff)
    rows = [
        row
        for model in catalogue.models.values()
        if search.casefold() in " ".join(model.names).casefold()
        for row in _rows(model, tariff, plan)
    ]
    if search and not rows:
        raise NotFound(f"No model matches {search!r}.")
    output.table(rows, _COLUMNS, as_json)


def _rows(model: Model, tariff: Tariff, plan: str | None) -> Iterator[dict[str, Any]]:
    from entrepot.tariff.margins import margin

    now = datetime.now(UTC)
    quote = tariff.quote(model, plan, now)
    sell = quote.price if quote else None
    for offer in model.offers:
        buy = tariff.buy_price(model, offer, now)
        found = margin(sell, buy) if sell and buy else None
        yield {
            "model": model.id,
            "provider": offer.provider,
            "source": quote.source if quote else None,
            "input buy": _amount(buy, "input"),
            "input sell": _amount(sell, "input"),
            "output buy": _amount(buy, "output"),
            "output sell": _amount(sell, "output"),
            "margin": _percent(found.least_permille) if found else None,
            "note": f"dearer than the sell price: {', '.join(found.dearer)}" if found and found.dearer else None,
        }


def _amount(price: Price | None, meter: Meter) -> str | None:
    from entrepot.money import usd

    sheet = price.in_force() if price else {}
    return usd(sheet[meter]) if meter in sheet else None


def _percent(permille: int | None) -> str | None:
    return None if permille is None else f"{'-' if permille < 0 else ''}{abs(permille) // 10}.{abs(permille) % 10} %"


# Importing ----------------------------------------------------------------------------------------


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="OpenRouter's /models, LiteLLM's cost map, or TOML with [[prices]].")],
    plan: Annotated[str | None, typer.Option("--plan", help="Take them for what a plan pays.")] = None,
    provider: Annotated[str | None, typer.Option("--provider", help="Take them for what a provider charges.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="In force from this day on, UTC; else today.")] = None,
    accept: Annotated[
        list[str] | None, typer.Option("--accept", help="Let this model's price move however far.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Append the changes to the settings file.")] = False,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show what a price list would change, and write it with --write. Exits with 1 when something is held back."""
    from entrepot.tariff import pricelists
    from entrepot.tariff.changes import Target, changes

    settings = load(home, config)
    catalogue, tariff = catalogue_and_tariff(settings)
    _require_plan(plan, tariff)
    target, now = Target(plan=plan, provider=provider), datetime.now(UTC)
    if plan is not None and provider is not None:
        raise InvalidRequest("Give --plan (sell prices) or --provider (buy prices), not both.")
    if provider is not None and provider not in catalogue.providers:
        raise NotFound(f"There is no provider {provider!r}.")
    accepted = {_model(catalogue, name) for name in accept or ()}
    found = changes(pricelists.parse(_text(file)), catalogue, tariff, target, now)
    taken = [change for change in found if not change.held or change.model_id in accepted]
    output.table(list(_changed(found, taken)), _CHANGES, as_json)
    if write and taken:
        path = _write(settings, tariff, _emitted(taken, target, since, now, accepted))
        _log(home, config, path, taken, target)
        if not as_json:
            print(f"Prices of {_models(taken)} written to {path}.")
    elif taken and not as_json:
        print(f"Prices of {_models(taken)} would change; --write appends them to the settings file.")
    if len(taken) < len(found):
        raise typer.Exit(1)


def _changed(found: Sequence[Change], taken: Sequence[Change]) -> Iterator[dict[str, Any]]:
    from entrepot.tariff.changes import lines

    for change in found:
        for line in lines(change):
            yield {
                "model": change.model_id,
                "rate": line.rate,
                "was": line.was,
                "now": line.now,
                "held": line.far and change not in taken,
            }


def _models(changes: Sequence[Change]) -> str:
    return "1 model" if len(changes) == 1 else f"{len(changes)} models"


def _emitted(
    taken: Sequence[Change], target: Target, since: str | None, now: datetime, accepted: Collection[str]
) -> str:
    from entrepot.tariff.changes import emit

    try:
        day = date.fromisoformat(since) if since else now.date()
    except ValueError:
        raise InvalidRequest(f"{since!r} is not a day such as 2027-01-01.") from None
    return emit(taken, target, day, {change.model_id: now.date() for change in taken if change.model_id in accepted})


def _write(settings: Settings, before: Tariff, rows: str) -> Path:
    """Append to the settings file, in one step and only what a running hub will accept."""
    from entrepot import catalog, tariff
    from entrepot.tariff import guard

    path = (settings.config or settings.home / "entrepot.toml").resolve()
    known = path.read_text("utf-8") if path.exists() else ""
    text = known + ("" if not known or known.endswith("\n") else "\n") + rows
    document = tomllib.loads(text)
    catalogue = catalog.load({name: document[name] for name in CATALOGUE_TABLES if name in document})
    after = tariff.load({name: document[name] for name in TARIFF_TABLES if name in document}, catalogue)
    guard.check(before, after, datetime.now(UTC))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"{path.name}.new")
    new.write_text(text, "utf-8")
    if path.exists():
        shutil.copymode(path, new)
    os.replace(new, path)
    return path


def _log(home: str | None, config: str | None, path: Path, taken: Sequence[Change], target: Target) -> None:
    """The file is written already: of prices it is the truth, and the log tells who changed it."""
    shown = {"models": [change.model_id for change in taken], "plan": target.plan, "provider": target.provider}
    with opened(home, config) as office:
        desk, caller = office.desk, office.operator()
        desk.commit(lambda run: desk.log(run, caller, "prices.import", f"settings:{path.name}", after=shown))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(f"{file} cannot be read: {error}.") from None


def _model(catalogue: Catalogue, name: str) -> str:
    model = catalogue.find(name)
    if model is None:
        raise NotFound(f"There is no model {name!r}.")
    return model.id


# Plans --------------------------------------------------------------------------------------------


@app.command()
def assign(
    plan: Annotated[str, typer.Argument(help=f"A plan of the settings, or {NO_PLAN}.")],
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
) -> None:
    """Put an organisation on a plan."""
    from entrepot.administration import organisations

    wanted = None if plan == NO_PLAN else plan
    _require_plan(wanted, catalogue_and_tariff(load(home, config))[1])
    with opened(home, config) as office:
        caller = office.operator(organisation)
        organisations.assign(office.desk, caller, wanted)
    is_on = "no plan of its own" if wanted is None else f"the plan {wanted}"
    print(f"{caller.organisation_id} is on {is_on}.")


def _require_plan(plan: str | None, tariff: Tariff) -> None:
    if plan is not None and plan not in tariff.plans:
        raise NotFound(f"There is no plan {plan!r}; known are {', '.join(tariff.plans) or 'none'}.")
