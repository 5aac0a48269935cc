"""Options that several commands share, and `serve`'s options made from the settings table."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from entrepot import settings
from entrepot.errors import ConfigurationError
from entrepot.settings import SETTINGS, Setting, Settings, located

if TYPE_CHECKING:
    from entrepot.catalog import Catalogue
    from entrepot.tariff import Tariff

Home = Annotated[
    str | None, typer.Option("--home", help="The hub's home folder.", envvar="ENTREPOT_HOME", show_default=False)
]
Config = Annotated[
    str | None,
    typer.Option("--config", help="Settings file; else ./entrepot.toml or <home>/entrepot.toml.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at most.")]
Expires = Annotated[str | None, typer.Option("--expires", help="30d, 12h, or a time such as 2027-01-01.")]


def load(home: str | None = None, config: str | None = None) -> Settings:
    return settings.load({"home": home, "config": config})


def catalogue_and_tariff(settings: Settings) -> tuple[Catalogue, Tariff]:
    """Both as `entrepot serve` would load them. Raises ConfigurationError with file and line."""
    from entrepot import catalog, tariff

    try:
        catalogue = catalog.load(settings.catalogue)
        return catalogue, tariff.load(settings.tariff, catalogue)
    except ConfigurationError as error:
        raise located(error, settings) from None


def with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """`command(flags)` as a typer command with one option for each setting, --home and --config."""

    def wrapped(**options: Any) -> None:
        flags = {"home": options.pop("home"), "config": options.pop("config")}
        flags |= {row.key: options[_parameter(row)] for row in SETTINGS}
        command(flags)

    parameters = [inspect.Parameter("home", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Home)]
    parameters.append(inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Config))
    parameters += [_option(row) for row in SETTINGS]
    return declared(wrapped, command, parameters)


def declared(
    wrapped: Callable[..., None], command: Callable[..., None], parameters: Sequence[inspect.Parameter]
) -> Callable[..., None]:
    """`wrapped` as typer shall see it: with these parameters, and with the name and the help of `command`."""
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapped.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    wrapped.__doc__, wrapped.__name__ = command.__doc__, command.__name__
    return wrapped


def _option(row: Setting) -> inspect.Parameter:
    plain = list[str] if row.is_list else type(row.default)
    shown = f" (default {_shown(row.default)}; {row.env})"  # in square brackets it would be taken for markup
    option = typer.Option(row.flag, help=row.help + shown, show_default=False)
    kind: Any = Annotated[plain | None, option]
    return inspect.Parameter(_parameter(row), inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)


def _parameter(row: Setting) -> str:
    return row.key.replace(".", "_")


def _shown(default: Any) -> str:
    return msgspec.json.encode(default).decode() if default not in ("", ()) else "none"
