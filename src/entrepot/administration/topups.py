"""Top-ups: what a payment service tells of money that has come in. Whoever calls this has checked its signature.

Taken are the service's own checkout sessions, in Stripe's form, and for any other service a form of the hub's:

    {"id": "evt_1", "type": "topup", "organisation_id": "org_…", "amount_cents": 2500, "currency": "usd"}
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from entrepot import ledger
from entrepot.accounts.audit import AuditEntry
from entrepot.administration.desk import Desk
from entrepot.administration.wallets import post_movement
from entrepot.errors import InvalidRequest, NotFound
from entrepot.money import NUSD_PER_USD
from entrepot.store import accounts, audit
from entrepot.store.queries import Run

ACTOR = "topup"
T = TypeVar("T")
NUSD_PER_CENT = NUSD_PER_USD // 100
SESSION_TYPES = ("checkout.session.completed", "checkout.session.async_payment_succeeded")

Cents = Annotated[int, Meta(ge=1, le=1_000_000_000)]
EventId = Annotated[str, Meta(pattern=r"\A[!-~]{1,200}\Z")]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What all events have."""

    id: EventId
    type: str


class Topup(Event, frozen=True, kw_only=True):
    organisation_id: str
    amount_cents: Cents
    currency: str


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A checkout session. `client_reference_id` is the organisation, or else the metadata name it."""

    id: EventId
    payment_status: str
    amount_total: Cents
    currency: str
    client_reference_id: str | None = None
    metadata: dict[str, Any] | None = None


class SessionData(msgspec.Struct, frozen=True):
    object: Session


class SessionEvent(Event, frozen=True, kw_only=True):
    data: SessionData


def take(desk: Desk, body: bytes) -> dict[str, Any]:
    """Book what the event tells of, unless it was booked before. An event of another type is passed over.

    Raises InvalidRequest for a body or currency that is none, and NotFound for an unknown organisation.
    """
    payment = read(body)
    if payment is None:
        return {"received": True, "booked": False}

    def work(run: Run) -> dict[str, Any]:
        id = payment.organisation_id
        if accounts.organisation(run, id) is None:
            message = "There is no organisation with this id."
            raise NotFound(message, code="organisation_not_found", param="organisation_id")
        reference = f"topup_{payment.id}"
        if run("movement", {"organisation_id": None, "reference": reference}):
            return {"received": True, "booked": False}
        amount_nusd = payment.amount_cents * NUSD_PER_CENT
        shown = post_movement(run, ledger.move("topup", reference, id, amount_nusd, at_ms=desk.now_ms, actor=ACTOR))
        entry = AuditEntry(
            at_ms=desk.now_ms,
            organisation_id=id,
            actor=ACTOR,
            action="wallet.topup",
            subject=f"organisation:{id}",
            after=shown,
            request_id=desk.request_id,
        )
        audit.append(run, entry)
        return {"received": True, "booked": True}

    return desk.commit(work)


def read(body: bytes) -> Topup | None:
    """The payment that an event tells of; None where there is none, or it has not come in yet.

    Two events may tell of one session, so it is the session that is booked once. Raises InvalidRequest.
    """
    type_ = _decode(body, Event).type
    if type_ == "topup":
        payment = _decode(body, Topup)
    elif type_ in SESSION_TYPES:
        session = _decode(body, SessionEvent).data.object
        if session.payment_status != "paid":
            return None
        payment = Topup(
            id=session.id,
            type="topup",
            organisation_id=session.client_reference_id or str((session.metadata or {}).get("organisation_id", "")),
            amount_cents=session.amount_total,
            currency=session.currency,
        )
    else:
        return None
    if payment.currency.lower() != "usd":
        raise InvalidRequest("Wallets are in USD.", param="currency", code="invalid_value")
    return payment


def _decode(body: bytes, type_: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"This is no event that tells of a payment: {str(error)[:200]}.") from None
