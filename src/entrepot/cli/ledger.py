"""`entrepot ledger`: whether the books hold, what is in them, and what a crash has left."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from entrepot.cli import output
from entrepot.cli.office import opened
from entrepot.cli.options import Config, Home, Json, Limit
from entrepot.errors import ConfigurationError, InvalidRequest
from entrepot.ledger import ACCOUNTS
from entrepot.money import usd

if TYPE_CHECKING:
    from entrepot.store import Store

app = typer.Typer(help="The ledger: verify, export, recovered.", no_args_is_help=True)

_POSTING = (
    "seq", "at", "kind", "reference", "organisation_id", "account", "amount_nusd", "amount_usd", "provider", "actor",
    "note",
)  # fmt: skip
_PAGE = 1000


@app.command()
def verify(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Make every sum of the ledger anew and compare it with what else says the same. Exits with 1 at a difference."""
    from entrepot.store import checks
    from entrepot.store.queries import Run

    with opened(home, config) as office:
        running = _is_running(office)

        def look(run: Run) -> tuple[list[checks.Difference], list[dict[str, Any]], int]:
            found = checks.differences(run, running=running)
            return found, run("ledger_balances", {}), run("entries_count", {})[0]["entries"]

        found, balances, entries = office.home.store.report(look)
    differences = [msgspec.structs.asdict(each) for each in found]
    if as_json:
        report = {"entries": entries, "running": running, "balances": balances, "differences": differences}
        output.record(report, as_json)
    else:
        _print_checks(checks.CHECKS, {each.check for each in found}, running)
        if differences:
            output.table(differences, ("check", "subject", "expected", "found"), as_json)
        output.table(balances, ("organisation_id", *(f"{account}_nusd" for account in ACCOUNTS)), as_json)
        print(f"{entries:,} entries, {len(differences)} differences.")
    if differences:
        raise typer.Exit(1)


@app.command()
def export(
    form: Annotated[str, typer.Option("--format", help="csv or jsonl.")] = "csv",
    organisation: Annotated[
        str | None, typer.Option("--organisation", help="Id of an organisation.", show_default="all")
    ] = None,
    home: Home = None,
    config: Config = None,
) -> None:
    """Print every posting of the ledger, one a line, oldest first."""
    if form not in ("csv", "jsonl"):
        raise InvalidRequest(f"--format: {form!r} is neither csv nor jsonl.")
    with opened(home, config) as office:
        if organisation is not None:
            office.operator(organisation)
        postings = _postings(office.home.store, organisation)
        if form == "jsonl":
            for posting in postings:
                print(msgspec.json.encode(posting).decode())
        else:
            writer = csv.DictWriter(sys.stdout, _POSTING, lineterminator="\n")
            writer.writeheader()
            writer.writerows(_without_formulas(posting) for posting in postings)


@app.command()
def recovered(
    limit: Limit = 100,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List calls that a crash cut off and a start has closed, newest first: what was charged, and what was lost."""
    from entrepot.keys import iso

    with opened(home, config) as office:
        rows = office.home.store.read("recoveries", {"limit": limit})
    shown = [
        {
            "closed_at": iso(row["at_ms"]),
            "request_id": row["reference"],
            "organisation_id": row["organisation_id"],
            "held_usd": usd(-row["reserved_nusd"]),
            "charged_usd": usd(row["revenue_nusd"]),
            "lost_usd": usd(-row["losses_nusd"]),
            "provider": row["provider"],
        }
        for row in rows
    ]
    columns = ("closed_at", "request_id", "organisation_id", "held_usd", "charged_usd", "lost_usd", "provider")
    output.table(shown, columns, as_json)


def _postings(store: Store, organisation_id: str | None) -> Iterator[dict[str, Any]]:
    from entrepot.keys import iso

    after_seq = 0
    while rows := store.read("entries", {"organisation_id": organisation_id, "after_seq": after_seq, "limit": _PAGE}):
        for row in rows:
            for account in ACCOUNTS:
                if amount_nusd := row[f"{account}_nusd"]:
                    sums = {"account": account, "amount_nusd": amount_nusd, "amount_usd": usd(amount_nusd)}
                    shown = row | sums | {"at": iso(row["at_ms"])}
                    yield {name: shown[name] for name in _POSTING}
        after_seq = rows[-1]["seq"]


def _without_formulas(posting: dict[str, Any]) -> dict[str, Any]:
    from entrepot.statements.sheet import cell

    return posting | {name: cell(posting[name]) for name in ("reference", "provider", "actor", "note")}


def _is_running(office: Any) -> bool:
    from entrepot.home import lock

    try:
        lock(office.home.path).close()
    except ConfigurationError:
        return True
    return False


def _print_checks(checks: Any, failed: set[str], running: bool) -> None:
    for check, claim in checks.items():
        is_skipped = running and check == "open_references"
        word = "skip" if is_skipped else "FAIL" if check in failed else "ok"
        print(f"{word:<5} {claim}{' (a hub is running)' if is_skipped else ''}")
