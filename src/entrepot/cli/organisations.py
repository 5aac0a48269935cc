"""`entrepot organisations`: who shares this hub."""

from __future__ import annotations

from typing import Annotated

import typer

from entrepot.cli import output
from entrepot.cli.office import checked, opened
from entrepot.cli.options import Config, Home, Json

app = typer.Typer(help="Organisations: create, list, show, rename.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The organisation's id.")]
Name = Annotated[str, typer.Argument(help="The organisation's name.")]


@app.command()
def create(
    name: Name,
    owner: Annotated[str, typer.Option("--owner", help="E-mail address of its first owner.")],
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make an organisation and print its first owner's invitation, which is shown only now."""
    from entrepot.accounts.records import OrganisationSpec, organisation_object
    from entrepot.administration import organisations

    spec = checked({"name": name, "owner_email": owner}, OrganisationSpec)
    with opened(home, config) as office:
        made, _, token = organisations.create(office.desk, office.operator(), spec)
        url = f"{office.url}/invitation#{token}"
    output.record(organisation_object(made) | {"invitation": url}, as_json)


@app.command("list")
def list_organisations(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """List all organisations. The house is the one that runs the hub."""
    from entrepot.accounts.records import organisation_object
    from entrepot.administration import organisations

    with opened(home, config) as office:
        found = organisations.visible(office.desk, office.operator())
    output.table([organisation_object(each) for each in found], ("id", "name", "house", "created_at"), as_json)


@app.command()
def show(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Show one organisation."""
    from entrepot.accounts.records import organisation_object
    from entrepot.administration import organisations

    with opened(home, config) as office:
        found = organisations.find(office.desk.store.read, office.operator(), id)
    output.record(organisation_object(found), as_json)


@app.command()
def rename(id: Id, name: Name, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Give an organisation another name."""
    from entrepot.accounts.records import OrganisationPatch, organisation_object
    from entrepot.administration import organisations

    patch = checked({"name": name}, OrganisationPatch)
    with opened(home, config) as office:
        changed = organisations.change(office.desk, office.operator(id), id, patch)
    output.record(organisation_object(changed), as_json)
