"""`entrepot wallet`: what organisations have, beside a running hub or without one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from entrepot.cli import output
from entrepot.cli.office import Office, OrganisationId, checked, opened
from entrepot.cli.options import Config, Home, Json, Limit
from entrepot.errors import InvalidRequest

if TYPE_CHECKING:
    from entrepot.accounts.callers import Caller
    from entrepot.administration.once import Answer

app = typer.Typer(help="Wallets: show, terms, grant, refund, correct, transactions, statement.", no_args_is_help=True)

Amount = Annotated[str, typer.Argument(help="Amount in USD, such as 25 or 0.50.")]
Note = Annotated[str | None, typer.Option("--note", help="What it is for.")]


@app.command()
def show(organisation: OrganisationId = None, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Show balance, what is held for calls under way, what is available, and the terms."""
    with opened(home, config) as office:
        _show(office, office.operator(organisation).organisation_id, as_json)


@app.command()
def terms(
    payment: Annotated[str, typer.Argument(help="prepaid or postpaid.")],
    credit: Annotated[
        str | None, typer.Option("--credit", help="How far a postpaid wallet may go down, in USD; else without bound.")
    ] = None,
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make a wallet prepaid, or postpaid with a credit or without bound."""
    from entrepot.administration import wallets

    patch = checked({"payment": payment, "credit_usd": credit}, wallets.TermsPatch)
    with opened(home, config) as office:
        id = wallets.change_terms(office.desk, office.operator(organisation), patch)
        _show(office, id, as_json)


@app.command()
def grant(
    amount: Amount,
    note: Note = None,
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Give an organisation money."""
    from entrepot.administration import wallets

    spec = checked({"amount_usd": amount, "note": note}, wallets.GrantSpec)
    _move(lambda office, caller: wallets.grant(office.desk, caller, spec), organisation, home, config, as_json)


@app.command()
def refund(
    request: Annotated[str | None, typer.Option("--request", help="The call that was charged, by its id.")] = None,
    amount: Annotated[str | None, typer.Option("--amount", help="How much, in USD; else the call's charge.")] = None,
    note: Note = None,
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Give a charge back, whole or in part."""
    from entrepot.administration import wallets

    spec = checked({"request_id": request, "amount_usd": amount, "note": note}, wallets.RefundSpec)
    _move(lambda office, caller: wallets.refund(office.desk, caller, spec), organisation, home, config, as_json)


@app.command(context_settings={"ignore_unknown_options": True})
def correct(
    amount: Annotated[str, typer.Argument(help="Amount in USD; below zero it is taken out.")],
    note: Annotated[str, typer.Option("--note", help="What was wrong.")],
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Put right what was booked wrongly, by a new entry."""
    from entrepot.administration import wallets

    spec = checked({"amount_usd": amount, "note": note}, wallets.CorrectionSpec)
    _move(lambda office, caller: wallets.correct(office.desk, caller, spec), organisation, home, config, as_json)


@app.command()
def transactions(
    limit: Limit = 100,
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List charges and what moved money without a call, newest first."""
    from entrepot.api.billing import transaction_object
    from entrepot.store import reports

    with opened(home, config) as office:
        wanted = reports.TransactionFilter(organisation_id=office.operator(organisation).organisation_id, limit=limit)
        found = office.home.store.report(lambda run: reports.transactions(run, wanted))
    columns = ("id", "created_at", "direction", "type", "amount_usd", "model", "reference", "actor", "note")
    output.table([msgspec.to_builtins(transaction_object(each)) for each in found], columns, as_json)


@app.command()
def statement(
    month: Annotated[str, typer.Argument(help="The month, such as 2026-11.")],
    form: Annotated[str, typer.Option("--format", help="json, csv or html.")] = "json",
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
) -> None:
    """Print a month's statement."""
    from entrepot.api.billing import statement_object
    from entrepot.statements import Period, page, sheet
    from entrepot.store import reports

    period = Period.of(month)
    writers: dict[str, Callable[[Any], str]] = {
        "json": lambda made: output.json_text(statement_object(made)),
        "csv": sheet.write,
        "html": page.write,
    }
    if form not in writers:
        raise InvalidRequest(f"--format: {form!r} is none of {', '.join(writers)}.")
    with opened(home, config) as office:
        id, made_at_ms = office.operator(organisation).organisation_id, office.desk.now_ms
        made = office.home.store.report(lambda run: reports.statement(run, id, period, made_at_ms))
    sys.stdout.write(writers[form](made) + ("\n" if form == "json" else ""))


def _show(office: Office, organisation_id: str, as_json: bool) -> None:
    from entrepot.administration.wallets import stored_wallet

    shown = stored_wallet(office.desk.store.read, organisation_id)
    if not as_json:
        shown |= shown.pop("terms")
    output.record(shown, as_json)


def _move(
    act: Callable[[Office, Caller], Answer],
    organisation: str | None,
    home: str | None,
    config: str | None,
    as_json: bool,
) -> None:
    with opened(home, config) as office:
        answer = act(office, office.operator(organisation))
    output.record(answer.value, as_json)
