"""What an exchange that is settled tells its client of the charge."""

from __future__ import annotations

import msgspec

from entrepot import money
from entrepot.dialects.fields import Fields, RawFields
from entrepot.dialects.receipts import Receipt
from entrepot.exchange import Exchange

META_HEADER = b"x-entrepot-meta"
CREDITS_PER_USD = 2_000_000  # as AI/ML API counts them
NONE = Receipt()
# OpenRouter's SDKs read no cost without these two. "Upstream" is the hub: what that pays in turn stands nowhere.
_PROMPT, _COMPLETION = "upstream_inference_prompt_cost", "upstream_inference_completions_cost"


def receipt(exchange: Exchange) -> Receipt:
    """Nothing where no price is known: a cost that is missing is not 0."""
    usage, charge_nusd = exchange.usage, exchange.charge_nusd
    if usage is None or charge_nusd is None:
        return NONE
    counts = exchange.form.emit_usage(usage) if usage.estimated else None
    told = {"cost": amount(charge_nusd), "cost_details": _details(exchange), "estimated": usage.estimated}
    return Receipt(usage=told, beside=_meta(charge_nusd) if wants_meta(exchange) else {}, counts=counts)


def wants_meta(exchange: Exchange) -> bool:
    """Whether the client reads the charge as AI/ML API tells it."""
    return exchange.client.headers.get(META_HEADER) == b"usage"


def amount(nusd: int) -> msgspec.Raw:
    """USD as a JSON number with all its decimals, which no float would promise."""
    return msgspec.Raw(money.usd(nusd).encode())


def _details(exchange: Exchange) -> RawFields:
    details: RawFields = {str(line.meter): amount(line.nusd) for line in exchange.lines}
    if exchange.tells_sides:
        completion_nusd = sum(line.nusd for line in exchange.lines if line.meter in money.OUTPUT_METERS)
        prompt_nusd = (exchange.charge_nusd or 0) - completion_nusd
        details |= {_PROMPT: amount(prompt_nusd), _COMPLETION: amount(completion_nusd)}
    return details


def _meta(charge_nusd: int) -> Fields:
    usage = {"credits_used": amount(charge_nusd * CREDITS_PER_USD), "usd_spent": amount(charge_nusd)}
    return {"meta": {"usage": usage}}
