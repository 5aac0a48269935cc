"""/v1/billing: transactions one by one, and monthly statements."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.accepting import CSV, HTML, JSON, preferred
from entrepot.api.answers import money as answers
from entrepot.api.paging import number
from entrepot.api.respond import hub_of, json_response
from entrepot.api.times import time_ms
from entrepot.api.wallet import target_of
from entrepot.books import now_ms
from entrepot.errors import InvalidRequest, NotFound
from entrepot.keys import iso
from entrepot.ledger import MOVEMENTS, Kind
from entrepot.money import usd
from entrepot.statements import ModelUse, Period, Statement, page, sheet
from entrepot.store import reports
from entrepot.store.reports import Transaction, TransactionFilter

MOST = 1000
DEFAULT = 100
TYPES: dict[str, tuple[Kind, ...]] = {**{kind: (kind,) for kind in MOVEMENTS}, "usage": ("settle", "recover")}
SIGNS = {"topup": 1, "charge": -1}

Form = Literal["json", "csv", "html"]
_MEDIA: dict[str, Form] = {JSON: "json", CSV: "csv", HTML: "html"}
_SUFFIXES: tuple[Form, ...] = ("json", "csv", "html")


async def list_transactions(request: Request) -> Response:
    """Newest first: charges, and what moved money without a call."""
    limit = min(number(request, "limit", DEFAULT), MOST)
    wanted = TransactionFilter(
        organisation_id=await target_of(request),
        before_seq=number(request, "cursor", reports.LAST),
        from_ms=time_ms(request, "from", 0),
        until_ms=time_ms(request, "until", reports.LAST),
        kinds=tuple(kind for type_ in _chosen(request, "type", TYPES) for kind in TYPES[type_]),
        sign=sum(SIGNS[direction] for direction in _chosen(request, "direction", SIGNS)),
        limit=limit + 1,
    )
    found = await asyncio.to_thread(hub_of(request).store.report, lambda run: reports.transactions(run, wanted))
    shown, has_more = found[:limit], len(found) > limit
    cursor = str(shown[-1].seq) if has_more else None
    data = tuple(transaction_object(each) for each in shown)
    return json_response(answers.TransactionList(data=data, has_more=has_more, next_cursor=cursor))


async def show_statement(request: Request) -> Response:
    """A month's statement, as JSON, CSV or a page: by the ending of the address, else by `Accept`."""
    month, form = _form(request)
    period, organisation_id = Period.of(month), await target_of(request)
    if period.from_ms > now_ms():
        raise NotFound("This month has not begun.")
    store = hub_of(request).store
    made = await asyncio.to_thread(store.report, lambda run: reports.statement(run, organisation_id, period, now_ms()))
    return await asyncio.to_thread(written, made, form)


def written(statement: Statement, form: Form) -> Response:
    headers = {"cache-control": "private, no-store", "vary": "accept", "x-content-type-options": "nosniff"}
    name = f"statement-{statement.period.month}"
    if form == "csv":
        headers["content-disposition"] = f'attachment; filename="{name}.csv"'
        return Response(sheet.write(statement), 200, headers, media_type="text/csv")
    if form == "html":
        headers |= {"content-security-policy": page.POLICY, "referrer-policy": "no-referrer"}
        return Response(page.write(statement), 200, headers, media_type="text/html")
    response = json_response(statement_object(statement))
    response.headers.update(headers)
    return response


def transaction_object(transaction: Transaction) -> answers.Transaction:
    """As it is shown."""
    amount_nusd = transaction.amount_nusd
    return answers.Transaction(
        id=str(transaction.seq),
        created_at=iso(transaction.at_ms),
        direction="topup" if amount_nusd > 0 else "charge",
        type=next((kind for kind in MOVEMENTS if kind == transaction.kind), "usage"),
        amount_usd=usd(abs(amount_nusd)),
        model=transaction.model,
        key_id=transaction.key_id,
        reference=transaction.reference,
        actor=transaction.actor,
        note=transaction.note,
    )


def statement_object(statement: Statement) -> answers.Statement:
    """As it is shown in JSON."""
    period = statement.period
    return answers.Statement(
        organisation_id=statement.organisation_id,
        organisation=statement.organisation,
        month=period.month,
        from_=iso(period.from_ms),
        until=iso(period.until_ms),
        closed=statement.closed,
        opening_balance_usd=usd(statement.opening_nusd),
        movements_usd=usd(statement.moved_nusd),
        usage_usd=usd(statement.charged_nusd),
        closing_balance_usd=usd(statement.closing_nusd),
        movements=tuple(
            answers.StatementMovement(
                type=each.kind,
                at=iso(each.at_ms),
                amount_usd=usd(each.amount_nusd),
                reference=each.reference,
                actor=each.actor,
                note=each.note,
            )
            for each in statement.movements
        ),
        usage=tuple(_use(each) for each in statement.usage),
    )


def _use(use: ModelUse) -> answers.StatementUse:
    return answers.StatementUse(
        model=use.model,
        key_id=use.key_id,
        key_name=use.key_name,
        requests=use.requests,
        input_tokens=use.input_tokens,
        cached_tokens=use.cached_tokens,
        cache_write_tokens=use.cache_write_tokens,
        output_tokens=use.output_tokens,
        reasoning_tokens=use.reasoning_tokens,
        cost_usd=usd(use.charge_nusd),
        meters=tuple(
            answers.StatementMeter(meter=each.meter, units=each.units, cost_usd=usd(each.nusd)) for each in use.lines
        ),
    )


def _form(request: Request) -> tuple[str, Form]:
    month, _, suffix = request.path_params["month"].partition(".")
    if suffix:
        if suffix not in _SUFFIXES:
            raise NotFound("There is nothing at this address.")
        return month, next(each for each in _SUFFIXES if each == suffix)
    return month, _MEDIA[preferred(request.headers.get("accept", ""), tuple(_MEDIA)) or JSON]


def _chosen(request: Request, name: str, known: dict[str, Any]) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(request.query_params.getlist(name)))
    if not set(chosen) <= set(known):
        message = f"'{name}' is one of {', '.join(known)}; repeat it for several."
        raise InvalidRequest(message, param=name, code="invalid_value")
    return chosen
