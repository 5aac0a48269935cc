"""One exchange's money, from the moment it is admitted until it is charged or given back.

The reservation is written beside the upstream call, and the first byte waits for it; the settlement is written before
the last byte, which waits for that. `close` gives back what was not charged, however the exchange ended.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

from entrepot import estimates, ledger, limits, money
from entrepot.books import Bill, Books, now, now_ms
from entrepot.conversation import Usage
from entrepot.errors import InsufficientFunds, InvalidRequest, PriceUnknown, StoreUnavailable
from entrepot.exchange import Exchange
from entrepot.ledger import Debt, Entry, Reservation
from entrepot.limits import Ask, Gate
from entrepot.money import Line, Price, Tier, usd
from entrepot.progress import Progress
from entrepot.providers.registry import Upstream
from entrepot.rules import SubjectKind
from entrepot.store import ExchangeRow, Post
from entrepot.tariff import FreeTier
from entrepot.tariff.markup import FREE

SMALL_BODY_BYTES = 8 * 1024  # up to here tokens are counted on the event loop


# Before the call ----------------------------------------------------------------------------------


async def open_bill(books: Books, exchange: Exchange) -> Bill:
    """Take what the call may use from limits, budgets and the wallet, and begin to write the reservation.

    An answer that could grow longer than the money lasts is bounded in the request. Raises RateLimited,
    QuotaExhausted, and PriceUnknown where somebody has bounded what may be spent.
    """
    assert exchange.model is not None
    subjects = _subjects(exchange)
    gates = exchange.gates = books.limiter.gates(subjects, exchange.model.id)
    bill = Bill(books, *_price(books, exchange))
    tier = _free_tier(books, exchange, bill)
    spendable_nusd = None if exchange.simulated else _spendable_nusd(books, exchange, gates)
    if spendable_nusd is not None and bill.price is None:
        raise PriceUnknown(f"The model '{exchange.model.id}' has no price, so no money can be set aside for it.")
    exact = spendable_nusd is not None or bool(gates) or tier is not None
    input_tokens = await _input_tokens(exchange, exact=exact)
    is_free = tier is not None and _is_free(exchange, bill, tier, input_tokens)
    if is_free:
        bill.price, spendable_nusd = FREE, None
    ask = _ask(exchange, bill, input_tokens, spendable_nusd)
    holds = is_free or _is_paid(bill.price)
    if holds:  # asked last of all: while tokens were counted, the wallet may have changed
        books.wallets.require(_organisation_id(exchange), ask.nusd)
    bill.admission = books.limiter.admit(subjects, exchange.model.id, ask, now())  # from here on nothing may fail
    if is_free:
        bill.free = books.free_days.take(_organisation_id(exchange), ask.tokens, now())
    if holds:
        _reserve(exchange, bill, ask.nusd, input_tokens)
    return bill


def _is_paid(price: Price | None) -> bool:
    """Whether a call can cost anything."""
    return price is not None and price.costs


def _free_tier(books: Books, exchange: Exchange, bill: Bill) -> FreeTier | None:
    """The organisation's free tier, where it covers a call that would cost something."""
    assert exchange.model is not None
    tier = exchange.configuration.tariff.free_tier(books.plans.get(_organisation_id(exchange)))
    if tier is None or bill.tier != "standard" or not tier.covers(exchange.model):
        return None
    return tier if _is_paid(bill.price) else None


def _is_free(exchange: Exchange, bill: Bill, tier: FreeTier, input_tokens: int) -> bool:
    tokens = input_tokens + _output(exchange).likely_tokens
    return bill.books.free_days.fits(_organisation_id(exchange), tier, tokens, now())


def _price(books: Books, exchange: Exchange) -> tuple[Price | None, Tier]:
    """The sell price in force when the request came, and the tier asked for. Raises InvalidRequest for one not sold."""
    model = exchange.model
    if exchange.simulated or model is None:
        return None, "standard"
    plan = books.plans.get(_organisation_id(exchange))
    price = exchange.configuration.tariff.price(model, plan, _began(exchange))
    tier = estimates.tier_of(exchange.body.get("service_tier"))
    if price is not None and not estimates.sells(price, tier, model):
        if tier != "standard":
            message = f"The model '{model.id}' has no price in the tier '{tier}'."
            raise InvalidRequest(message, param="service_tier", code="unsupported_value")
        price = None
    return price, tier


def _began(exchange: Exchange) -> datetime:
    return datetime.fromtimestamp(exchange.started_at_ms / 1000, UTC)


def _subjects(exchange: Exchange) -> list[tuple[SubjectKind, str]]:
    key, model = exchange.key, exchange.model
    assert key is not None
    assert model is not None
    subjects: list[tuple[SubjectKind, str]] = [("organisation", key.organisation_id)]
    if key.member_id is not None:
        subjects.append(("member", key.member_id))
    subjects += [("key", key.id), *(("key", id) for id in key.ancestors), ("model", model.id)]
    return subjects


def _organisation_id(exchange: Exchange) -> str:
    assert exchange.key is not None
    return exchange.key.organisation_id


def _spendable_nusd(books: Books, exchange: Exchange, gates: Sequence[Gate]) -> int | None:
    """What wallet and budgets could bear if no other call were under way; None where nothing bounds it."""
    organisation_id = _organisation_id(exchange)
    if not gates and not books.wallets.is_bounded(organisation_id):
        return None
    total_nusd = books.wallets.balance(organisation_id).total_nusd
    budget_nusd = limits.affordable_nusd(gates, now())
    return min((amount for amount in (total_nusd, budget_nusd) if amount is not None), default=None)


async def _input_tokens(exchange: Exchange, *, exact: bool) -> int:
    """The request's tokens; where nothing hangs on them, its bytes, of which a token has at least one."""
    if not exact:
        return exchange.size_bytes
    if exchange.size_bytes <= SMALL_BODY_BYTES:
        return exchange.count_input()
    return await asyncio.to_thread(exchange.count_input)


def _ask(exchange: Exchange, bill: Bill, input_tokens: int, spendable_nusd: int | None) -> Ask:
    """What the call may use, after its answer has been bounded by what it may cost. Raises InsufficientFunds."""
    output, choices = _output(exchange), exchange.choices
    if bill.price is None:
        return Ask(tokens=input_tokens + output.likely_tokens, nusd=0)
    # Reading a request costs time: it is read only where its parts decide over money.
    meters = money.TEXT_METERS if spendable_nusd is None else estimates.meters_of(exchange.parsed)
    ceiling = partial(money.ceiling, input_tokens, price=bill.price, tier=bill.tier, meters=meters)
    most_tokens = output.most_tokens
    if spendable_nusd is not None:
        most_tokens = _affordable(spendable_nusd, most_tokens, ceiling)
        if most_tokens < min(choices, output.most_tokens):
            least_nusd = ceiling(min(choices, output.most_tokens))
            raise InsufficientFunds(
                f"The call costs at least {usd(least_nusd)} USD, and {usd(spendable_nusd)} USD are left."
            )
        if most_tokens < output.most_tokens:
            exchange.bound_output(most_tokens // choices)
    tokens = min(output.likely_tokens, most_tokens)
    return Ask(tokens=input_tokens + tokens, nusd=ceiling(tokens))


def _output(exchange: Exchange) -> estimates.Output:
    assert exchange.model is not None
    return estimates.output(exchange.model, asked_tokens=exchange.output_limit, choices=exchange.choices)


def _affordable(spendable_nusd: int, most_tokens: int, ceiling: Callable[[int], int]) -> int:
    """How many output tokens the money lasts for; -1 when it does not even pay the input."""
    if ceiling(most_tokens) <= spendable_nusd:
        return most_tokens
    return bisect_right(range(most_tokens), spendable_nusd, key=ceiling) - 1


def _reserve(exchange: Exchange, bill: Bill, amount_nusd: int, input_tokens: int) -> None:
    bill.reservation = Reservation(
        reference=exchange.client.request_id,
        at_ms=now_ms(),
        organisation_id=_organisation_id(exchange),
        amount_nusd=amount_nusd,
    )
    bill.beginning = bill.books.reserve(bill.reservation, partial(_begun, exchange, input_tokens))
    if exchange.stream:
        bill.books.under_way[bill.reservation.reference] = Progress(exchange, partial(_so_far, exchange, bill)).row


def _begun(exchange: Exchange, input_tokens: int) -> ExchangeRow:
    return exchange.row(Usage(input_tokens=input_tokens, estimated=True))


# Beside and after the call ------------------------------------------------------------------------


async def reserved(exchange: Exchange) -> None:
    """Wait until the disk knows of the reservation. Raises StoreUnavailable when it does not take it."""
    bill = exchange.bill
    if bill is not None and bill.beginning is not None:
        await bill.books.write(bill.beginning)


async def settle(exchange: Exchange) -> None:
    """Charge for the exchange's usage, before the last byte goes out. Raises StoreUnavailable as `reserved` does.

    A settlement that the disk does not take yet is written later and holds nobody up.
    """
    bill, usage = exchange.bill, exchange.usage
    assert bill is not None
    assert usage is not None
    await _assess(exchange, bill, usage)
    if bill.reservation is not None:  # else nothing is held: `close` writes down what is owed
        try:
            await _end(exchange, bill, usage)
        except StoreUnavailable:
            exchange.charge_nusd = None
            raise


def close(exchange: Exchange) -> asyncio.Task[None] | None:
    """The exchange is over, whatever has happened: what it still holds is charged as far as it was delivered.

    The task that writes this down; None when nothing is left to be found out, and all is written or soon will be.
    """
    bill = exchange.bill
    if bill is None or bill.settled:
        return None
    if bill.reservation is not None:
        return asyncio.get_running_loop().create_task(_close(exchange, bill))
    if exchange.failed or (exchange.delivered and exchange.error_code is not None):
        return asyncio.get_running_loop().create_task(_count_and_record(exchange, bill))
    _record(exchange, bill)
    return None


async def _count_and_record(exchange: Exchange, bill: Bill) -> None:
    if exchange.delivered and exchange.usage is None:
        exchange.usage = await asyncio.to_thread(exchange.estimate)
    await _assess(exchange, bill, exchange.usage)
    _record(exchange, bill)


def _record(exchange: Exchange, bill: Bill) -> None:
    """The end of an exchange for which nothing is held on disk: its row, and what is owed for it."""
    usage = exchange.usage or Usage()
    bill.settled = True
    bill.leave(usage, exchange.charge_nusd)
    owed = _owed(exchange, bill)
    bill.books.record(exchange.row(usage), owed)


async def _close(exchange: Exchange, bill: Bill) -> None:
    usage = exchange.usage
    if bill.end is None:
        if usage is None and exchange.delivered:
            usage = await asyncio.to_thread(exchange.estimate)
        await _assess(exchange, bill, usage)
        if not exchange.delivered:
            exchange.charge_nusd, exchange.lines = None, ()
    try:
        await _end(exchange, bill, usage or Usage())
    except StoreUnavailable:  # it was never held but in memory, and nothing was delivered
        await _forget(exchange, bill)


async def _forget(exchange: Exchange, bill: Bill) -> None:
    assert bill.reservation is not None
    exchange.debt_nusd = None  # that of the end which is not written
    await _assess(exchange, bill, exchange.usage)
    exchange.charge_nusd, exchange.lines = None, ()
    bill.settle(ledger.void(bill.reservation, at_ms=now_ms()), Usage(), None)
    owed = _owed(exchange, bill)
    bill.books.record(exchange.row(exchange.usage or Usage()), owed)


async def _assess(exchange: Exchange, bill: Bill, usage: Usage | None) -> None:
    """What the usage costs the client, and what the hub owes for it and for attempts that failed.

    Nothing is awaited once the charge is known: a reservation that is written then would tell of it.
    """
    if exchange.failed:
        input_tokens = await asyncio.to_thread(exchange.estimate_input)
        sent = Usage(input_tokens=input_tokens, estimated=True)
        bill.failed = [
            Debt(each.offer.provider, _debt_nusd(exchange, bill, each, sent) or 0) for each in exchange.failed
        ]
    if usage is not None:
        exchange.lines = _lines(exchange, bill, usage)
        exchange.charge_nusd, exchange.debt_nusd = _amounts(exchange, bill, usage, exchange.lines)


def _lines(exchange: Exchange, bill: Bill, usage: Usage) -> tuple[Line, ...]:
    """What the usage costs the client by meter, as far as there is a price."""
    return () if bill.price is None else money.breakdown(usage, bill.price, _charged(exchange, bill, usage))


def _amounts(exchange: Exchange, bill: Bill, usage: Usage, lines: Sequence[Line]) -> tuple[int | None, int | None]:
    """What a usage costs the client, nothing in test mode, and what the hub owes for it; None for no known price."""
    charge_nusd = 0 if exchange.simulated else None
    if bill.price is not None:
        charge_nusd = sum([line.nusd for line in lines])
    upstream = exchange.upstream
    return charge_nusd, None if upstream is None else _debt_nusd(exchange, bill, upstream, usage)


def _so_far(exchange: Exchange, bill: Bill, usage: Usage) -> tuple[int | None, int | None]:
    return _amounts(exchange, bill, usage, _lines(exchange, bill, usage))


def _charged(exchange: Exchange, bill: Bill, usage: Usage) -> Tier:
    assert exchange.model is not None
    assert bill.price is not None
    return estimates.charged_tier(bill.price, bill.tier, usage.tier, exchange.model)


def _debt_nusd(exchange: Exchange, bill: Bill, upstream: Upstream, usage: Usage) -> int | None:
    assert exchange.model is not None
    bought = exchange.configuration.tariff.buy_price(exchange.model, upstream.offer, _began(exchange))
    if bought is None:
        return None
    tier = estimates.owed_tier(bought, bill.tier, usage.tier, exchange.model)
    return None if tier is None else money.cost(usage, bought, tier)


def _debt(exchange: Exchange) -> Debt | None:
    return Debt(exchange.provider, exchange.debt_nusd) if exchange.provider and exchange.debt_nusd else None


def _attempts(exchange: Exchange, bill: Bill) -> list[Entry]:
    """What is owed for attempts that failed, which the exchange's debt then holds too."""
    failed = [debt for debt in bill.failed if debt.amount_nusd]
    if failed:
        exchange.debt_nusd = (exchange.debt_nusd or 0) + sum(debt.amount_nusd for debt in failed)
    return [_attempt(exchange, debt) for debt in failed]


def _owed(exchange: Exchange, bill: Bill) -> list[Entry]:
    """What is owed for an exchange for which nothing is held on disk."""
    debt = _debt(exchange)
    answered = [] if debt is None else [_attempt(exchange, debt)]
    return [*answered, *_attempts(exchange, bill)]


def _attempt(exchange: Exchange, debt: Debt) -> Entry:
    return ledger.attempt(exchange.client.request_id, _organisation_id(exchange), debt, at_ms=now_ms())


async def _end(exchange: Exchange, bill: Bill, usage: Usage) -> None:
    """Post the end of the exchange, once, and wait until it is written. Raises StoreUnavailable as `reserved` does."""
    if bill.end is None:
        bill.end = _post_end(exchange, bill, usage)
        if exchange.charge_nusd is None:  # given back at once: it stays so, whatever becomes of the post
            bill.settle(bill.end.entries[-1], usage, None)
    with suppress(StoreUnavailable):
        await bill.end
    assert bill.beginning is not None
    assert bill.beginning.post is not None
    bill.beginning.post.check()  # written before the end was, or neither is
    bill.settle(bill.end.entries[-1], usage, exchange.charge_nusd)


def _post_end(exchange: Exchange, bill: Bill, usage: Usage) -> Post:
    """What the exchange is charged; an answer that came longer than likely first holds what it needs more."""
    assert bill.reservation is not None
    entries: list[Entry] = []
    more_nusd = (exchange.charge_nusd or 0) - bill.reservation.amount_nusd
    if more_nusd > 0:
        entries.append(bill.hold(more_nusd))
        exchange.charge_nusd = min(exchange.charge_nusd or 0, bill.reservation.amount_nusd)
        exchange.lines = money.cut(exchange.lines, exchange.charge_nusd)
    debt = _debt(exchange)
    entries += _attempts(exchange, bill)
    is_free = bill.free is not None
    if exchange.charge_nusd is None:
        entries.append(ledger.void(bill.reservation, at_ms=now_ms(), debt=debt))
    else:
        entries.append(ledger.settle(bill.reservation, exchange.charge_nusd, at_ms=now_ms(), debt=debt, free=is_free))
    bill.books.under_way.pop(bill.reservation.reference, None)
    return bill.books.close(entries, exchange.row(usage), bill.beginning)
