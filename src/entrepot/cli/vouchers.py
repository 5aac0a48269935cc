"""`entrepot vouchers`: codes that are worth money, once."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli import output
from entrepot.cli.office import OrganisationId, checked, opened
from entrepot.cli.options import Config, Expires, Home, Json, Limit
from entrepot.cli.times import time_option

app = typer.Typer(help="Vouchers: create, list, redeem, withdraw.", no_args_is_help=True)

_COLUMNS = ("id", "amount_usd", "note", "created_at", "expires_at", "redeemed_at", "redeemed_by")


@app.command()
def create(
    amount: Annotated[str, typer.Argument(help="What each is worth, in USD.")],
    count: Annotated[int, typer.Option("--count", min=1, max=1000, help="How many.")] = 1,
    expires: Expires = None,
    note: Annotated[str | None, typer.Option("--note", help="What they are for.")] = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make vouchers and print their codes, which are shown only now."""
    from entrepot.administration import vouchers

    given = {"amount_usd": amount, "count": count, "expires_at": time_option(expires), "note": note}
    spec = checked(given, vouchers.VouchersSpec)
    with opened(home, config) as office:
        made = vouchers.make(office.desk, office.operator(), spec)["data"]
    output.table(made, ("code", "amount_usd", "expires_at", "id"), as_json)


@app.command("list")
def list_vouchers(
    limit: Limit = 100,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List vouchers, newest first, without their codes."""
    from entrepot.administration import vouchers

    with opened(home, config) as office:
        found = vouchers.listed(office.desk, office.operator(), limit=limit)
    output.table([vouchers.voucher_object(each) for each in found], _COLUMNS, as_json)


@app.command()
def redeem(
    code: Annotated[str, typer.Argument(help="The voucher's code.")],
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Put a voucher's amount into an organisation's wallet."""
    from entrepot.administration import vouchers

    spec = checked({"code": code}, vouchers.CodeSpec)
    with opened(home, config) as office:
        caller = office.operator(organisation)
        answer = vouchers.redeem(office.desk, caller, caller.organisation_id, spec)
    output.record(answer.value, as_json)


@app.command()
def withdraw(
    id: Annotated[str, typer.Argument(help="The voucher's id.")],
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make a code worthless that nobody has redeemed."""
    from entrepot.administration import vouchers

    with opened(home, config) as office:
        gone = vouchers.withdraw(office.desk, office.operator(), id)
    output.record({"id": gone.id, "deleted": True}, as_json)
