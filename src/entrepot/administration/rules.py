"""Rules: nobody is given more through a key than the key has, nor may it loosen what binds others more tightly."""

from __future__ import annotations

import msgspec

from entrepot.accounts.callers import Caller
from entrepot.administration import members, organisations
from entrepot.administration.desk import Desk
from entrepot.errors import Forbidden, InvalidRequest, NotFound
from entrepot.keys import Key, new_id
from entrepot.rules import Budget, Limits, Rule, RuleSpec, beyond, changed, rule_object
from entrepot.store import accounts, keys
from entrepot.store import rules as stored
from entrepot.store.queries import Run


def listed(desk: Desk, caller: Caller) -> list[Rule]:
    """Those of the caller's organisation, its members and keys; for who runs the hub, also of models and the others."""
    return [rule for rule in stored.rules(desk.store.read) if _may_see(desk.store.read, caller, rule)]


def put(desk: Desk, caller: Caller, spec: RuleSpec) -> Rule:
    """The rule as it is now. It keeps the id of the one whose place it takes, and what was used of that.

    Raises NotFound for a subject there is not, Forbidden for more than the caller may give, InvalidRequest for a rule
    that bounds nothing.
    """

    def work(run: Run) -> Rule:
        _require_subject(run, caller, spec)
        before = _of(run, spec)
        bare = Rule(id=_id(desk, before), subject=spec.subject, subject_id=spec.subject_id, model=spec.model)
        rule = changed(bare, spec.limits, spec.budget)
        if not rule.bounds:
            raise InvalidRequest("A rule must set a limit or a budget.", param="limits")
        _require_within(run, caller, rule, before)
        _save(run, desk, caller, before, rule)
        return rule

    return desk.commit(work)


def delete(desk: Desk, caller: Caller, id: str) -> Rule:
    """Raises NotFound, and Forbidden when the caller may not do without it."""

    def work(run: Run) -> Rule:
        found = next((rule for rule in stored.rules(run) if rule.id == id), None)
        if found is None or not _may_see(run, caller, found):
            raise NotFound("There is no rule with this id.", code="rule_not_found", param="id")
        _require_power(caller, found)
        _require_within(run, caller, _emptied(found), found)
        _save(run, desk, caller, found, None)
        return found

    return desk.commit(work)


# Of keys, within the transaction of a key's own change --------------------------------------------


def of_key(run: Run, key_id: str) -> Rule | None:
    """The one over all models."""
    return next((rule for rule in stored.of_subject(run, "key", key_id) if rule.model is None), None)


def bind_key(run: Run, desk: Desk, caller: Caller, key: Key, limits: Limits, budget: Budget) -> None:
    """Put limits and budget of a key into its rule. Raises Forbidden for more than the caller has."""
    before = of_key(run, key.id)
    rule = changed(before or Rule(id=_id(desk, None), subject="key", subject_id=key.id), limits, budget)
    if rule.bounds == (before.bounds if before else {}):
        return
    _require_within(run, caller, rule, before)
    _save(run, desk, caller, before, rule if rule.bounds else None)


def require_no_more(run: Run, caller: Caller, key: Key) -> None:
    """Whoever gets this key's token must not get beyond the caller's own rules by it. Raises Forbidden."""
    if caller.key is None or caller.key.id in (key.id, *key.ancestors):
        return
    wanted = of_key(run, key.id)
    for own in _own(run, caller, None):
        name = beyond(wanted.bounds if wanted else {}, own.bounds)
        if name is not None:
            raise _beyond(name)


def forget_key(run: Run, desk: Desk, caller: Caller, key: Key) -> None:
    for rule in stored.of_subject(run, "key", key.id):
        _save(run, desk, caller, rule, None)


# Who may ------------------------------------------------------------------------------------------


def _may_see(run: Run, caller: Caller, rule: Rule) -> bool:
    if caller.runs_the_hub and rule.subject in ("organisation", "model"):
        return True
    match rule.subject:
        case "organisation":
            return rule.subject_id == caller.organisation_id
        case "member":
            return any(each.id == rule.subject_id for each in accounts.members(run, caller.organisation_id))
        case "key":
            return _key(run, caller, rule.subject_id) is not None
        case "model":
            return False


def _require_subject(run: Run, caller: Caller, spec: RuleSpec) -> None:
    """Raises NotFound for a subject that is not or is another's, Forbidden for one that is not the caller's to bind."""
    match spec.subject:
        case "organisation":
            organisations.find(run, caller, spec.subject_id)
        case "member":
            members.find(run, caller, spec.subject_id)
        case "key":
            if _key(run, caller, spec.subject_id) is None:
                raise NotFound("There is no key with this id.", code="key_not_found", param="subject_id")
        case "model":
            pass
    _require_power(caller, spec)


def _require_power(caller: Caller, rule: Rule | RuleSpec) -> None:
    if rule.subject in ("organisation", "model") and not caller.runs_the_hub:
        message = "Only those who run the hub set rules for organisations and models."
        raise Forbidden(message, code="role_missing", param="subject")


def _key(run: Run, caller: Caller, id: str) -> Key | None:
    return next((key for key in keys.of_organisation(run, caller.organisation_id) if key.id == id), None)


def _require_within(run: Run, caller: Caller, rule: Rule, before: Rule | None) -> None:
    """A key makes no bound looser than its own are. What descends from it is bound by its rules in any case."""
    if caller.key is None:
        return
    key = _key(run, caller, rule.subject_id) if rule.subject == "key" else None
    inherits = key is not None and caller.key.id in key.ancestors
    was = before.bounds if before is not None else {}
    for own in _own(run, caller, rule.model):
        for name, most in own.bounds.items():
            wanted, had = rule.bounds.get(name), was.get(name)
            is_looser = not inherits and had is not None if wanted is None else had is None or wanted > had
            if is_looser and (wanted is None or wanted > most):
                raise _beyond(name)


def _own(run: Run, caller: Caller, model: str | None) -> list[Rule]:
    """The rules by which the calling key is bound in what a rule over this model, or over all, allows."""
    assert caller.key is not None
    ids = (caller.key.id, *caller.key.ancestors)
    found = [rule for id in ids for rule in stored.of_subject(run, "key", id)]
    return [rule for rule in found if rule.model in (None, model)]


def _beyond(name: str) -> Forbidden:
    message = f"Nobody gives more through a key than the key itself has: its own rule bounds '{name}' more tightly."
    return Forbidden(message, code="beyond_maker", param="budget" if name.endswith("_nusd") else "limits")


# Records ------------------------------------------------------------------------------------------


def _of(run: Run, spec: RuleSpec) -> Rule | None:
    found = stored.of_subject(run, spec.subject, spec.subject_id)
    return next((rule for rule in found if rule.model == spec.model), None)


def _id(desk: Desk, before: Rule | None) -> str:
    return before.id if before is not None else f"rule_{new_id(desk.random)}"


def _emptied(rule: Rule) -> Rule:
    return msgspec.structs.replace(rule, **dict.fromkeys(rule.bounds))


def _save(run: Run, desk: Desk, caller: Caller, before: Rule | None, after: Rule | None) -> None:
    """Write or remove a rule, and log it."""
    changed_rule = after or before
    assert changed_rule is not None
    if after is not None:
        stored.put(run, after)
    else:
        stored.delete(run, changed_rule.id)
    shown = [rule_object(rule) if rule is not None else None for rule in (before, after)]
    action = "rule.put" if after is not None else "rule.delete"
    desk.log(run, caller, action, f"{changed_rule.subject}:{changed_rule.subject_id}", before=shown[0], after=shown[1])
