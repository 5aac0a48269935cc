"""The `entrepot` command: its subcommands, and what becomes of errors."""

from __future__ import annotations

import sys

import typer

from entrepot.cli import (
    audit,
    chat,
    doctor,
    env,
    keys,
    ledger,
    logs,
    members,
    models,
    organisations,
    prices,
    rules,
    serve,
    usage,
    vouchers,
    wallet,
)
from entrepot.errors import ConfigurationError, EntrepotError

app = typer.Typer(
    name="entrepot",
    help="A self-hosted model hub: every protocol in, every provider out, every token accounted for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.command)
app.command("chat")(chat.command)
app.command("models")(models.command)
app.command("env")(env.command)
app.add_typer(keys.app, name="keys")
app.add_typer(rules.app, name="rules")
app.add_typer(members.app, name="members")
app.add_typer(organisations.app, name="organisations")
app.command("audit")(audit.command)
app.add_typer(prices.app, name="prices")
app.add_typer(wallet.app, name="wallet")
app.add_typer(vouchers.app, name="vouchers")
app.add_typer(ledger.app, name="ledger")
app.command("usage")(usage.command)
app.command("logs")(logs.command)
app.command("doctor")(doctor.command)

_EXIT_CODES = {400: 2, 401: 4, 403: 4, 404: 3, 409: 2}


def main() -> None:
    """Run the command line. Exit codes are listed in `entrepot.cli`."""
    try:
        app()
    except ConfigurationError as error:
        print(f"entrepot: {error.message}", file=sys.stderr)
        sys.exit(2)
    except EntrepotError as error:
        print(f"entrepot: {error.message}", file=sys.stderr)
        sys.exit(_EXIT_CODES.get(error.status, 1))
