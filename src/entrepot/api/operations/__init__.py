"""What each route takes and gives beyond its place in the table of routes: the one declaration of it.

OpenAPI is made from this and from the routes.
"""

from collections.abc import Mapping

from entrepot.api.operations.accounts import KEYS, PEOPLE, SESSIONS
from entrepot.api.operations.calls import CALLS
from entrepot.api.operations.house import HOUSE
from entrepot.api.operations.models import MODELS
from entrepot.api.operations.money import MONEY, USE
from entrepot.api.operations.operation import Area, Operation
from entrepot.api.permissions import Route

AREAS: Mapping[str, Area] = {
    "Calls": CALLS,
    "Models": MODELS,
    "Keys": KEYS,
    "Usage": USE,
    "Money": MONEY,
    "People": PEOPLE,
    "Sessions": SESSIONS,
    "Hub": HOUSE,
}
"""Operations by their tag in the document."""

OPERATIONS: Mapping[Route, Operation] = {route: each for area in AREAS.values() for route, each in area.items()}
TAGS: Mapping[Route, str] = {route: tag for tag, area in AREAS.items() for route in area}
