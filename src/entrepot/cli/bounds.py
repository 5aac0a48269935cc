"""The options by which commands take limits and budgets."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from entrepot.cli import output
from entrepot.cli.options import declared
from entrepot.errors import InvalidRequest

NONE = "none"
# Option, where its value goes, and what it bounds.
OPTIONS = (
    ("rpm", "limits", "requests_per_minute", "Requests a minute."),
    ("tpm", "limits", "tokens_per_minute", "Tokens a minute, of input and output."),
    ("rpd", "limits", "requests_per_day", "Requests a day, UTC."),
    ("tpd", "limits", "tokens_per_day", "Tokens a day, UTC."),
    ("concurrency", "limits", "concurrency", "Calls under way at a time."),
    ("budget-day", "budget", "day_usd", "US dollars a day, UTC."),
    ("budget-week", "budget", "week_usd", "US dollars a week, from Monday."),
    ("budget-month", "budget", "month_usd", "US dollars a month."),
    ("budget-total", "budget", "total_usd", "US dollars in all."),
)

Bounds = dict[str, dict[str, int | str | None]]
"""`limits` and `budget` as the API takes them, without what was not given."""


def with_bounds(command: Callable[..., None]) -> Callable[..., None]:
    """`command(bounds, …)` as a typer command with one option for each bound."""

    def wrapped(**options: Any) -> None:
        given = {option: options.pop(_parameter(option)) for option, *_ in OPTIONS}
        command(bounds=_bounds(given), **options)

    parameters = inspect.signature(command, eval_str=True).parameters.values()
    own = [parameter for parameter in parameters if parameter.name != "bounds"]
    own.sort(key=lambda parameter: parameter.default is not inspect.Parameter.empty)
    return declared(wrapped, command, [*own, *(_option(option, help) for option, _, _, help in OPTIONS)])


def flat(shown: dict[str, Any]) -> dict[str, Any]:
    """A key or rule with its bounds as fields of their own, those that are not set left out."""
    found = {name: value for name, value in shown.items() if name not in ("limits", "budget", "standing")}
    bounds = {**shown["limits"], **shown["budget"]}
    for name, amount in bounds.items():
        stands = shown["standing"].get(name)
        if amount is not None:
            found[name] = f"{amount} ({stands['left']} left)" if stands and name != "concurrency" else amount
    return found


def print_bounded(shown: dict[str, Any], as_json: bool) -> None:
    """A key or rule: for people flat."""
    output.record(shown if as_json else flat(shown), as_json)


def _bounds(given: dict[str, str | None]) -> Bounds:
    found: Bounds = {}
    for option, part, field, _ in OPTIONS:
        text = given[option]
        if text is not None:
            found.setdefault(part, {})[field] = _amount(option, text, is_count=part == "limits")
    return found


def _amount(option: str, text: str, *, is_count: bool) -> int | str | None:
    if text == NONE:
        return None
    if not is_count:
        return text
    if not (text.isascii() and text.isdigit()):
        raise InvalidRequest(f"--{option}: {text!r} is neither a whole number nor '{NONE}'.")
    return int(text)


def _option(option: str, help: str) -> inspect.Parameter:
    kind: Any = Annotated[str | None, typer.Option(f"--{option}", help=f"{help} '{NONE}' takes it away.")]
    return inspect.Parameter(_parameter(option), inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)


def _parameter(option: str) -> str:
    return option.replace("-", "_")
