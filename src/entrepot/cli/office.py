"""A home opened for administration at the command line: the operator does it, in each organisation as its owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

import msgspec
import typer

from entrepot.cli.options import load
from entrepot.errors import InvalidRequest, NotFound

if TYPE_CHECKING:
    from entrepot.accounts.callers import Caller
    from entrepot.administration.desk import Desk
    from entrepot.home import Home

T = TypeVar("T")

OrganisationId = Annotated[
    str | None, typer.Option("--organisation", help="Id of an organisation.", show_default="the house")
]


class Office(NamedTuple):
    home: Home
    desk: Desk
    url: str

    def operator(self, organisation_id: str | None = None) -> Caller:
        """Who acts in an organisation, else in the house. Raises NotFound."""
        from entrepot.accounts import callers
        from entrepot.store import accounts

        id = organisation_id or self.home.owner.organisation_id
        organisation = accounts.organisation(self.desk.store.read, id)
        if organisation is None:
            raise NotFound(f"There is no organisation {id!r}.", code="organisation_not_found")
        return callers.operator(organisation)


@contextmanager
def opened(home: str | None, config: str | None) -> Iterator[Office]:
    from entrepot.administration.desk import Desk
    from entrepot.home import open_home

    settings = load(home, config)
    found = open_home(settings.home)
    try:
        yield Office(found, Desk(store=found.store, pepper=found.pepper, settings=settings.accounts), settings.url)
    finally:
        found.store.close()


def checked(values: Mapping[str, Any], type_: type[T]) -> T:
    """Arguments as a request's body, without those not given. Raises InvalidRequest.

    By way of JSON, as over HTTP: an argument may hold bytes that are no text and that no store takes.
    """
    given = {name: value for name, value in values.items() if value is not None}
    try:
        return msgspec.json.decode(msgspec.json.encode(given), type=type_)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise InvalidRequest(str(error)) from None
