"""Vouchers: made by who runs the hub, redeemed once by any organisation.

    EP-7K3QX-9M2WP-H4TZC-0N8RD     100 random bits, in letters and digits that nobody takes for one another

The store has only a digest of each code. A request with an Idempotency-Key draws its codes from that key and the
pepper: so the same request gets the same codes again, though neither codes nor key are kept.
"""

from __future__ import annotations

import hashlib
import hmac
import io
from typing import Annotated, Any

from msgspec import Meta

from entrepot import ledger
from entrepot.accounts import tokens
from entrepot.accounts.callers import Caller
from entrepot.accounts.records import Spec
from entrepot.administration.desk import Desk
from entrepot.administration.once import ANEW, Answer, Ask, once
from entrepot.administration.wallets import Amount, Note, positive, post_movement, require_live, require_treasurer
from entrepot.errors import Conflict, InvalidRequest, NotFound
from entrepot.keys import AwareTime, RandomBytes, iso, new_id
from entrepot.money import usd
from entrepot.store import vouchers
from entrepot.store.queries import Run
from entrepot.store.vouchers import Voucher

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32
_READ_AS = str.maketrans("OIL", "011", "- ")
_GROUPS, _GROUP_LENGTH = 4, 5


class VouchersSpec(Spec, frozen=True):
    """`amount_usd` is that of each."""

    amount_usd: Amount
    count: Annotated[int, Meta(ge=1, le=1000)] = 1
    expires_at: AwareTime | None = None
    note: Note | None = None


class CodeSpec(Spec, frozen=True):
    code: Annotated[str, Meta(max_length=100)]


def make(desk: Desk, caller: Caller, spec: VouchersSpec, ask: Ask = ANEW) -> dict[str, Any]:
    """New vouchers with their codes, which are shown only here. Raises Forbidden, InvalidRequest."""
    require_treasurer(caller)
    amount_nusd = positive(spec.amount_usd)
    expires_at_ms = round(spec.expires_at.timestamp() * 1000) if spec.expires_at else None
    if expires_at_ms is not None and expires_at_ms <= desk.now_ms:
        raise InvalidRequest("'expires_at' must be in the future.", param="expires_at", code="invalid_value")
    random = desk.random if ask.key is None else _drawn(ask, desk.pepper, spec.count)
    codes = [_mint(random) for _ in range(spec.count)]

    def act(run: Run) -> dict[str, Any]:
        made = [
            Voucher(
                id=f"voucher_{new_id(desk.random)}",
                amount_nusd=amount_nusd,
                actor=caller.actor,
                created_at_ms=desk.now_ms,
                note=spec.note,
                expires_at_ms=expires_at_ms,
            )
            for _ in codes
        ]
        for voucher, code in zip(made, codes, strict=True):
            vouchers.insert(run, voucher, _digest(code, desk))
            desk.log(run, caller, "voucher.create", f"voucher:{voucher.id}", after=voucher_object(voucher))
        return {"object": "list", "data": [voucher_object(voucher) for voucher in made]}

    answer = once(desk, caller.organisation_id, ask, act).value
    data = [shown | {"code": code} for shown, code in zip(answer["data"], codes, strict=True)]
    return answer | {"data": data}


def listed(desk: Desk, caller: Caller, *, before_seq: int = vouchers.LAST, limit: int = 100) -> list[Voucher]:
    """Newest first. Raises Forbidden."""
    require_treasurer(caller)
    return vouchers.listed(desk.store.read, before_seq=before_seq, limit=limit)


def redeem(desk: Desk, caller: Caller, organisation_id: str, spec: CodeSpec, ask: Ask = ANEW) -> Answer:
    """Put a voucher's amount into the wallet, once. Raises Forbidden, NotFound, and Conflict when it is too late."""
    require_live(caller)

    def act(run: Run) -> dict[str, Any]:
        voucher = vouchers.by_digest(run, _digest(spec.code, desk))
        if voucher is None:
            raise NotFound("There is no voucher with this code.", code="voucher_not_found", param="code")
        _require_good(voucher, desk.now_ms)
        vouchers.redeem(run, voucher, organisation_id, desk.now_ms)
        entry = ledger.move(
            "voucher",
            voucher.id,
            organisation_id,
            voucher.amount_nusd,
            at_ms=desk.now_ms,
            actor=caller.actor,
            note=voucher.note,
        )
        shown = post_movement(run, entry)
        desk.log(run, caller, "voucher.redeem", f"voucher:{voucher.id}", after=shown)
        return shown

    return once(desk, caller.organisation_id, ask, act)


def withdraw(desk: Desk, caller: Caller, id: str) -> Voucher:
    """Raises Forbidden, NotFound, and Conflict for one that has been redeemed."""
    require_treasurer(caller)

    def work(run: Run) -> Voucher:
        voucher = vouchers.find(run, id)
        if voucher is None:
            raise NotFound("There is no voucher with this id.", code="voucher_not_found", param="id")
        if voucher.redeemed_at_ms is not None:
            raise Conflict("This voucher has been redeemed.", code="voucher_redeemed")
        vouchers.delete(run, voucher)
        desk.log(run, caller, "voucher.withdraw", f"voucher:{id}", before=voucher_object(voucher))
        return voucher

    return desk.commit(work)


def voucher_object(voucher: Voucher) -> dict[str, Any]:
    return {
        "id": voucher.id,
        "object": "voucher",
        "amount_usd": usd(voucher.amount_nusd),
        "note": voucher.note,
        "actor": voucher.actor,
        "created_at": iso(voucher.created_at_ms),
        "expires_at": iso(voucher.expires_at_ms),
        "redeemed_at": iso(voucher.redeemed_at_ms),
        "redeemed_by": voucher.redeemed_by,
    }


def _require_good(voucher: Voucher, now_ms: int) -> None:
    if voucher.redeemed_at_ms is not None:
        raise Conflict("This voucher has been redeemed.", code="voucher_redeemed")
    if voucher.expires_at_ms is not None and voucher.expires_at_ms <= now_ms:
        raise Conflict("This voucher has expired.", code="voucher_expired")


def _mint(random: RandomBytes) -> str:
    letters = "".join(_ALPHABET[byte % 32] for byte in random(_GROUPS * _GROUP_LENGTH))
    groups = (letters[at : at + _GROUP_LENGTH] for at in range(0, len(letters), _GROUP_LENGTH))
    return "-".join(("EP", *groups))


def _drawn(ask: Ask, pepper: bytes, count: int) -> RandomBytes:
    """Bytes that depend on the key, the request and the pepper, and on nothing else."""
    assert ask.key is not None
    seed = hmac.digest(tokens.digest(ask.key, "voucher", pepper), ask.fingerprint, "sha256")
    return io.BytesIO(hashlib.shake_256(seed).digest(count * _GROUPS * _GROUP_LENGTH)).read


def _digest(code: str, desk: Desk) -> bytes:
    """However people type it: in small letters, without dashes, with an O for a zero."""
    return tokens.digest(code.strip().upper().removeprefix("EP").translate(_READ_AS), "voucher", desk.pepper)
