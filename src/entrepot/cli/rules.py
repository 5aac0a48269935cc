"""`entrepot rules`: limits and budgets of organisations, members, keys and models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli import output
from entrepot.cli.bounds import Bounds, flat, print_bounded, with_bounds
from entrepot.cli.office import Office, checked, opened
from entrepot.cli.options import Config, Home, Json, catalogue_and_tariff, load
from entrepot.errors import NotFound
from entrepot.keys import key_id_of

if TYPE_CHECKING:
    from entrepot.accounts.callers import Caller
    from entrepot.rules import Rule

app = typer.Typer(help="Limits and budgets: list, put, delete.", no_args_is_help=True)

Subject = Annotated[str, typer.Argument(help="organisation, member, key or model.")]
SubjectId = Annotated[str, typer.Argument(help="Its id.")]
OfModel = Annotated[str | None, typer.Option("--model", help="Only for calls of this model.")]
Id = Annotated[str, typer.Argument(help="The rule's id.")]


@app.command("list")
def list_rules(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """List all rules, with what is left of each bound."""
    from entrepot.store import rules

    with opened(home, config) as office:
        found = [shown(office, rule) for rule in rules.rules(office.desk.store.read)]
    if as_json:
        return output.table(found, (), as_json)
    rows = [_row(rule) for rule in found]
    output.table(rows, ("id", "subject", "subject_id", "model", "bounds"), as_json)


@app.command("put")
@with_bounds
def put_rule(
    subject: Subject,
    subject_id: SubjectId,
    bounds: Bounds,
    model: OfModel = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Set a rule, in the place of the one the subject has; a running hub follows within a second."""
    from entrepot.administration import rules
    from entrepot.rules import RuleSpec

    ids: dict[str, str | None] = {}
    ids["subject_id"] = _model_id(subject_id, home, config) if subject == "model" else key_id_of(subject_id)
    ids["model"] = None if model is None else _model_id(model, home, config)
    spec = checked({"subject": subject, **ids, **bounds}, RuleSpec)
    with opened(home, config) as office:
        rule = rules.put(office.desk, _operator(office, spec.subject, spec.subject_id), spec)
        print_bounded(shown(office, rule), as_json)


@app.command()
def delete(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Take a rule away."""
    from entrepot.administration import rules
    from entrepot.store import rules as stored

    with opened(home, config) as office:
        found = next((rule for rule in stored.rules(office.desk.store.read) if rule.id == id), None)
        if found is None:
            raise NotFound(f"There is no rule {id!r}.", code="rule_not_found")
        rules.delete(office.desk, _operator(office, found.subject, found.subject_id), id)
    output.record({"id": id, "deleted": True}, as_json)


def shown(office: Office, rule: Rule) -> dict[str, Any]:
    """A rule with how it stands by the records: what calls under way hold is not in them yet."""
    from entrepot.rules import rule_object

    return rule_object(rule) | {"standing": standing_of(office, rule)}


def standing_of(office: Office, rule: Rule) -> dict[str, Any]:
    import functools

    from entrepot.books import now
    from entrepot.limits import Gate
    from entrepot.notices import standing

    gate = Gate(rule, now())
    gate.seed(now(), functools.partial(office.desk.store.journal.used, rule))
    found = standing(gate, now())
    found.pop("concurrency", None)
    return found


def _operator(office: Office, subject: str, subject_id: str) -> Caller:
    """Who acts in the organisation to which the subject belongs, else in the house."""
    from entrepot.store import accounts

    if subject == "key":
        owners = {key.id: key.organisation_id for key in office.desk.store.all_keys()}
        return office.operator(owners.get(subject_id))
    member = accounts.member(office.desk.store.read, subject_id) if subject == "member" else None
    return office.operator(member.organisation_id if member is not None else None)


def _model_id(name: str, home: str | None, config: str | None) -> str:
    model = catalogue_and_tariff(load(home, config))[0].find(name)
    if model is None:
        raise NotFound(f"The model {name!r} does not exist.", code="model_not_found")
    return model.id


def _row(rule: dict[str, Any]) -> dict[str, Any]:
    bounds = {name: value for name, value in flat(rule).items() if name not in ("object", *_ROW)}
    return {name: rule[name] for name in _ROW} | {"bounds": [f"{name} {value}" for name, value in bounds.items()]}


_ROW = ("id", "subject", "subject_id", "model")
