"""`entrepot audit`: who changed what in an organisation."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli import output
from entrepot.cli.office import OrganisationId, opened
from entrepot.cli.options import Config, Home, Json, Limit


def command(
    actor: Annotated[str | None, typer.Option("--actor", help="Only by: member:ID, key:ID or operator.")] = None,
    action: Annotated[str | None, typer.Option("--action", help="Only this, such as key.create.")] = None,
    subject: Annotated[str | None, typer.Option("--subject", help="Only about: key:ID, member:ID …")] = None,
    limit: Limit = 100,
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """List entries of the audit log, newest first."""
    from entrepot.accounts.audit import audit_object
    from entrepot.store import audit

    wanted = audit.Filter(actor=actor, action=action, subject=subject, limit=limit)
    with opened(home, config) as office:
        found = audit.entries(office.desk.store.read, office.operator(organisation).organisation_id, wanted)
    rows = [audit_object(entry) for entry in found]
    output.table(rows, ("id", "at", "actor", "action", "subject", "before", "after", "request_id"), as_json)
