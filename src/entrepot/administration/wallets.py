"""Wallets: shown to their own organisation, filled and bound by who runs the hub."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from entrepot import ledger
from entrepot.accounts.callers import Caller
from entrepot.accounts.records import Spec
from entrepot.administration import organisations
from entrepot.administration.desk import Desk
from entrepot.administration.once import ANEW, Answer, Ask, once
from entrepot.errors import Conflict, Forbidden, InvalidRequest, NotFound
from entrepot.keys import iso, new_id
from entrepot.ledger import Entry, Movement
from entrepot.money import nusd, usd
from entrepot.store.queries import Run
from entrepot.wallets import Balance, Payment, Terms

Amount = Annotated[str, Meta(pattern=r"\A[0-9]{1,7}(\.[0-9]{1,9})?\Z")]
SignedAmount = Annotated[str, Meta(pattern=r"\A-?[0-9]{1,7}(\.[0-9]{1,9})?\Z")]
Note = Annotated[str, Meta(min_length=1, max_length=500)]


class TermsPatch(Spec, frozen=True):
    """`credit_usd` null lets a postpaid wallet go down without bound."""

    organisation_id: str | None = None
    payment: Payment | UnsetType = UNSET
    credit_usd: Amount | UnsetType | None = UNSET


class GrantSpec(Spec, frozen=True):
    amount_usd: Amount
    organisation_id: str | None = None
    note: Note | None = None


class RefundSpec(Spec, frozen=True):
    """With `request_id`, what is given back is that call's charge or a part of it; no call is refunded twice."""

    amount_usd: Amount | None = None
    request_id: str | None = None
    organisation_id: str | None = None
    note: Note | None = None


class CorrectionSpec(Spec, frozen=True):
    """Money into the wallet, or out of it where the amount is below zero."""

    amount_usd: SignedAmount
    note: Note
    organisation_id: str | None = None


def target(run: Run, caller: Caller, organisation_id: str | None) -> str:
    """The organisation whose wallet is meant: the caller's own unless another is named. Raises NotFound."""
    return organisations.find(run, caller, organisation_id or caller.organisation_id).id


def require_treasurer(caller: Caller) -> None:
    """Nobody makes money for themselves: it comes from who runs the hub. Raises Forbidden."""
    if not caller.runs_the_hub:
        raise Forbidden("Only those who run the hub do this to wallets.", code="role_missing")
    require_live(caller)


def require_live(caller: Caller) -> None:
    """Raises Forbidden for a test key."""
    if caller.key is not None and caller.key.mode == "test":
        raise Forbidden("A test key moves no money.", code="live_key_required")


def change_terms(desk: Desk, caller: Caller, patch: TermsPatch) -> str:
    """The id of the organisation whose terms have changed. Raises Forbidden, NotFound, InvalidRequest."""
    require_treasurer(caller)

    def work(run: Run) -> str:
        id = target(run, caller, patch.organisation_id)
        before = _terms(run, id)
        after = _patched(before, patch)
        run("update_terms", {"id": id, **msgspec.structs.asdict(after)})
        changes = {"before": terms_object(before), "after": terms_object(after)}
        desk.log(run, caller, "wallet.terms", f"organisation:{id}", **changes)
        return id

    return desk.commit(work)


def grant(desk: Desk, caller: Caller, spec: GrantSpec, ask: Ask = ANEW) -> Answer:
    """Give money away. Raises Forbidden, NotFound, InvalidRequest."""
    return _move(desk, caller, "grant", spec, positive(spec.amount_usd), ask)


def correct(desk: Desk, caller: Caller, spec: CorrectionSpec, ask: Ask = ANEW) -> Answer:
    """Put right what was booked wrongly, upwards or downwards. Raises as `grant` does."""
    sign = -1 if spec.amount_usd.startswith("-") else 1
    return _move(desk, caller, "correction", spec, sign * positive(spec.amount_usd.lstrip("-")), ask)


def refund(desk: Desk, caller: Caller, spec: RefundSpec, ask: Ask = ANEW) -> Answer:
    """Give a charge back. Raises as `grant` does, and Conflict for a call that has been refunded."""
    require_treasurer(caller)
    if spec.amount_usd is None and spec.request_id is None:
        raise InvalidRequest("Say 'amount_usd', 'request_id' or both.", param="amount_usd")
    asked_nusd = positive(spec.amount_usd) if spec.amount_usd is not None else None

    def act(run: Run) -> dict[str, Any]:
        id = target(run, caller, spec.organisation_id)
        reference = f"refund_{spec.request_id or new_id(desk.random)}"
        amount_nusd = asked_nusd if spec.request_id is None else _refundable(run, id, spec.request_id, asked_nusd)
        assert amount_nusd is not None
        return _post(run, desk, caller, _entry(desk, caller, "refund", reference, id, amount_nusd, spec.note))

    return once(desk, caller.organisation_id, ask, act)


def positive(text: str) -> int:
    """Nano-USD of an amount above zero. Raises InvalidRequest."""
    amount_nusd = nusd(text)
    if amount_nusd == 0:
        raise InvalidRequest("The amount must not be zero.", param="amount_usd", code="invalid_value")
    return amount_nusd


def wallet_object(organisation_id: str, balance: Balance, terms: Terms) -> dict[str, Any]:
    """A wallet as it is shown; `available_usd` is null where nothing bounds it."""
    return {
        "object": "wallet",
        "organisation_id": organisation_id,
        "currency": "USD",
        "balance_usd": usd(balance.wallet_nusd + balance.reserved_nusd),
        "reserved_usd": usd(balance.reserved_nusd),
        "available_usd": usd(balance.available_nusd),
        "terms": terms_object(terms),
    }


def terms_object(terms: Terms) -> dict[str, Any]:
    return {"payment": terms.payment, "credit_usd": usd(terms.credit_nusd)}


def stored_wallet(run: Run, organisation_id: str) -> dict[str, Any]:
    """A wallet as the store has it, whether or not a hub is running."""
    terms = _terms(run, organisation_id)
    (sums,) = run("wallet_sums", {"organisation_id": organisation_id})
    return wallet_object(organisation_id, Balance(floor_nusd=terms.floor_nusd, **sums), terms)


def post_movement(run: Run, entry: Entry) -> dict[str, Any]:
    """Write an entry that belongs to no exchange, and show it."""
    run("insert_entry", msgspec.structs.astuple(entry))
    return {
        "id": entry.reference,
        "object": "wallet_entry",
        "type": entry.kind,
        "organisation_id": entry.organisation_id,
        "amount_usd": usd(entry.wallet_nusd),
        "actor": entry.actor,
        "note": entry.note,
        "created_at": iso(entry.at_ms),
    }


def _move(
    desk: Desk, caller: Caller, kind: Movement, spec: GrantSpec | CorrectionSpec, amount_nusd: int, ask: Ask
) -> Answer:
    require_treasurer(caller)

    def act(run: Run) -> dict[str, Any]:
        id = target(run, caller, spec.organisation_id)
        reference = f"{kind}_{new_id(desk.random)}"
        return _post(run, desk, caller, _entry(desk, caller, kind, reference, id, amount_nusd, spec.note))

    return once(desk, caller.organisation_id, ask, act)


def _entry(
    desk: Desk, caller: Caller, kind: Movement, reference: str, id: str, amount_nusd: int, note: str | None
) -> Entry:
    return ledger.move(kind, reference, id, amount_nusd, at_ms=desk.now_ms, actor=caller.actor, note=note)


def _post(run: Run, desk: Desk, caller: Caller, entry: Entry) -> dict[str, Any]:
    shown = post_movement(run, entry)
    desk.log(run, caller, f"wallet.{entry.kind}", f"organisation:{entry.organisation_id}", after=shown)
    return shown


def _refundable(run: Run, organisation_id: str, request_id: str, asked_nusd: int | None) -> int:
    parameters = {"organisation_id": organisation_id, "reference": request_id}
    charged = run("exchange_charged", parameters)
    if not charged:
        raise NotFound("No call of the organisation that was charged has this id.", param="request_id")
    if run("movement", parameters | {"reference": f"refund_{request_id}"}):
        raise Conflict("This call has been refunded.", code="already_refunded", param="request_id")
    charge_nusd: int = charged[0]["revenue_nusd"]
    if charge_nusd == 0 or (asked_nusd or 0) > charge_nusd:
        message = f"The call was charged {usd(charge_nusd)} USD: no more can be given back."
        raise InvalidRequest(message, param="amount_usd", code="invalid_value")
    return charge_nusd if asked_nusd is None else asked_nusd


def _terms(run: Run, organisation_id: str) -> Terms:
    return next(
        Terms(payment=row["payment"], credit_nusd=row["credit_nusd"])
        for row in run("terms", {})
        if row["id"] == organisation_id
    )


def _patched(terms: Terms, patch: TermsPatch) -> Terms:
    payment = terms.payment if patch.payment is UNSET else patch.payment
    if patch.credit_usd is UNSET:
        credit_nusd = terms.credit_nusd if payment == terms.payment else None
    else:
        credit_nusd = None if patch.credit_usd is None else nusd(patch.credit_usd)
    if payment == "prepaid" and credit_nusd is not None:
        raise InvalidRequest("A prepaid wallet has no credit.", param="credit_usd", code="invalid_value")
    return Terms(payment=payment, credit_nusd=credit_nusd)
