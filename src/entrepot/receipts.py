"""What an exchange that is settled tells its client of the charge."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from entrepot import money
from entrepot.dialects.fields import RawFields, raw
from entrepot.dialects.receipts import Receipt
from entrepot.exchange import Exchange
from entrepot.money import Line

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
    counts = {name: raw(value) for name, value in exchange.form.emit_usage(usage).items()} if usage.estimated else None
    told = {"cost": amount(charge_nusd), "cost_details": raw(_details(exchange)), "estimated": raw(usage.estimated)}
    return Receipt(usage=told, beside=_meta(charge_nusd) if wants_meta(exchange) else {}, counts=counts)


def wants_meta(exchange: Exchange) -> bool:
    """Whether the client reads the charge as AI/ML API tells it."""
    return exchange.client.headers.get(META_HEADER) == b"usage"


def amount(nusd: int) -> msgspec.Raw:
    """USD as a JSON number with all its decimals, which no float would promise."""
    return msgspec.Raw(money.usd(nusd).encode())


def lines(exchange: Exchange) -> Iterator[Line]:
    """What was charged by meter. Of a charge that is less than the cost, the last meters are short."""
    bill, left_nusd = exchange.bill, exchange.charge_nusd or 0
    if bill is None or bill.price is None or exchange.usage is None:
        return
    for line in money.breakdown(exchange.usage, bill.price, bill.tier):
        charged_nusd = min(line.nusd, left_nusd)
        left_nusd -= charged_nusd
        yield Line(line.meter, line.units, charged_nusd)


def _details(exchange: Exchange) -> RawFields:
    charged = list(lines(exchange))
    details: RawFields = {str(line.meter): amount(line.nusd) for line in charged}
    if exchange.tells_sides:
        completion_nusd = sum(line.nusd for line in charged if line.meter in money.OUTPUT_METERS)
        prompt_nusd = (exchange.charge_nusd or 0) - completion_nusd
        details |= {_PROMPT: amount(prompt_nusd), _COMPLETION: amount(completion_nusd)}
    return details


def _meta(charge_nusd: int) -> RawFields:
    usage = {"credits_used": amount(charge_nusd * CREDITS_PER_USD), "usd_spent": amount(charge_nusd)}
    return {"meta": raw({"usage": usage})}
