"""A hub with weeks of use behind it: members of all roles, several keys, live and test calls, failures and money.

The past is written into the store as the hub itself writes it, so that its ledger adds up; the present is called.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
from playwright.sync_api import BrowserContext
from tests.support.hub import Hub
from tests.support.screen import EMAIL, PASSWORD, Site
from tests.support.stored import move, put_key
from tests.support.threaded_upstream import PROVIDER_ENVIRON, ThreadedUpstream

from entrepot import catalog, ledger
from entrepot.accounts import Role
from entrepot.accounts.callers import operator
from entrepot.accounts.records import Acceptance, InvitationSpec
from entrepot.administration import invitations
from entrepot.administration.desk import Desk
from entrepot.conversation import Usage
from entrepot.home import Home, open_home
from entrepot.keys import Key, KeySpec, issue
from entrepot.ledger import Entry, Movement, Reservation
from entrepot.money import Line, breakdown, nusd
from entrepot.store import ExchangeRow, accounts

DAY_MS = 86_400_000
CATALOGUE = catalog.load({})
MODELS = {
    "gpt-4.1": 3,
    "gpt-4.1-mini": 6,
    "gpt-4.1-nano": 2,
    "gpt-6-luna": 2,
    "claude-sonnet-5-5": 3,
    "deepseek-flash": 1,
    "gpt-oss-20b": 1,
}
"""How often each model is called beside the others."""

ERRORS: tuple[tuple[int, str | None], ...] = (
    (429, "rate_limit_exceeded"),
    (502, "upstream_error"),
    (504, "upstream_timeout"),
    (499, None),
    (400, "invalid_value"),
)
HOSTILE = ("<img src=x onerror=alert(1)>", '"><script>alert(1)</script>')
"""Names that would run as scripts on a page that takes text for markup."""

CHAT = "/v1/chat/completions"


@dataclass(slots=True, kw_only=True)
class BusySite:
    """A `Site` with its past, an upstream behind `gpt-4.1` and its like, and tokens of its keys by their names."""

    site: Site
    upstream: ThreadedUpstream
    tokens: Mapping[str, str] = field(repr=False)
    organisation_id: str

    @property
    def url(self) -> str:
        return self.site.url

    def ask(self, key: str = "shop", model: str = "gpt-4.1-mini", **fields: Any) -> tuple[int, Any]:
        """A call that is made now."""
        body = {"model": model, "messages": [{"role": "user", "content": "Say hello"}], **fields}
        status, answer, _ = self.site.call("POST", CHAT, body, self.tokens[key])
        return status, answer

    def sign_in(self, context: BrowserContext, role: Role = "owner") -> None:
        """Make the context's pages those of a member with this role."""
        self.site.sign_in(context, EMAIL if role == "owner" else f"{role}@hub.test")


@contextmanager
def busy_site(home: Path, *, days: int = 10, calls_a_day: int = 12) -> Iterator[BusySite]:
    """Start a hub, give it a past, and start it again."""
    upstream = ThreadedUpstream()
    settings = f'[providers.openai]\nbase_url = "{upstream.server.base_url}"\napi_key_env = "FAULT_API_KEY"\n'
    environ = dict(PROVIDER_ENVIRON)
    site = Site(Hub(home, settings=settings, environ=environ))
    try:
        site.session()
        assert site.hub.stop() == 0, site.hub.log
        opened = open_home(home, "process-crash")
        try:
            tokens = _furnish(opened, days, calls_a_day)
        finally:
            opened.store.close()
        site.hub = Hub(home, settings=settings, environ=environ)
        site.url = site.hub.url
        yield BusySite(site=site, upstream=upstream, tokens=tokens, organisation_id=opened.owner.organisation_id)
        assert site.hub.stop() == 0, site.hub.log
    finally:
        site.hub.kill()
        upstream.close()


def _furnish(home: Home, days: int, calls_a_day: int) -> dict[str, str]:
    """Tokens of the new keys by their names."""
    now_ms, chance = time.time_ns() // 1_000_000, random.Random(7)
    began_ms = now_ms - days * DAY_MS
    _found(home, began_ms)
    developer, admin = _join(home, "developer"), _join(home, "admin")
    for role in ("viewer", "billing"):
        _join(home, role)
    specs = (
        KeySpec(name="shop", mode="live", project="web"),
        KeySpec(name="nightly batch", mode="live", member_id=developer),
        KeySpec(name="support desk", mode="live", member_id=admin),
        KeySpec(name="ci", mode="test", member_id=developer),
        *(KeySpec(name=name, mode="live") for name in HOSTILE),
    )
    tokens, keys = {}, []
    for spec in specs:
        key, tokens[spec.name] = issue(
            spec, home.owner.organisation_id, home.pepper, now_ms=began_ms, random=os.urandom
        )
        put_key(home.store, key)
        keys.append(key)
    _move(home, "grant", "250", "to begin with", began_ms)
    _move(home, "topup", "100", "invoice 7", now_ms - days * DAY_MS // 3)
    for at_ms in _times(now_ms, days, calls_a_day, chance):
        _record(home, _call(chance.choice(keys), at_ms, chance))
    return tokens


def _found(home: Home, at_ms: int) -> None:
    connection = apsw.Connection(str(home.path / "entrepot.db"))
    connection.execute("UPDATE organisations SET created_at_ms = ?", (at_ms,))
    connection.close()


def _join(home: Home, role: Role) -> str:
    """The id of a new member."""
    organisation = accounts.organisation(home.store.read, home.owner.organisation_id)
    assert organisation is not None
    desk = Desk(store=home.store, pepper=home.pepper)
    _, token = invitations.invite(desk, operator(organisation), InvitationSpec(email=f"{role}@hub.test", role=role))
    acceptance = Acceptance(token=token, name=f"The {role}", password=PASSWORD)
    return invitations.accept(desk, acceptance).id


def _move(home: Home, kind: Movement, amount_usd: str, note: str, at_ms: int) -> None:
    reference, id = f"{kind}_{at_ms:x}", home.owner.organisation_id
    entry = ledger.move(kind, reference, id, nusd(amount_usd), at_ms=at_ms, actor=f"member:{home.owner.id}", note=note)
    move(home.store, entry)


def _times(now_ms: int, days: int, calls_a_day: int, chance: random.Random) -> list[int]:
    """Moments of the past, more of them from day to day and by day, and some of the last hour."""
    times = [now_ms - chance.randint(60_000, 3_600_000) for _ in range(calls_a_day // 2)]
    for day in range(days):
        count = calls_a_day * (2 * days - day) // (2 * days)
        times += [now_ms - day * DAY_MS - round(chance.triangular(3_600_000, DAY_MS)) for _ in range(count)]
    return sorted(times)


def _call(key: Key, at_ms: int, chance: random.Random) -> ExchangeRow:
    model = CATALOGUE.models[chance.choices(list(MODELS), list(MODELS.values()))[0]]
    offer, is_live = model.offers[0], key.mode == "live"
    status, code = (200, None) if chance.random() > 0.07 else chance.choice(ERRORS)
    usage = _usage(chance) if status == 200 else Usage()
    lines: tuple[Line, ...] = breakdown(usage, model.price) if is_live and status == 200 and model.price else ()
    ttft_ms = round(chance.lognormvariate(6.2, 0.4)) if status == 200 else None
    return ExchangeRow(
        request_id=f"req_{chance.getrandbits(112):028x}",
        started_at_ms=at_ms,
        key_id=key.id,
        mode=key.mode,
        dialect=chance.choice(("openai_chat", "openai_responses", "anthropic_messages")),
        asked=model.id,
        model=model.id,
        provider=offer.provider if is_live else "sandbox",
        offered=offer.upstream_model,
        answered=offer.upstream_model if status == 200 else None,
        stream=chance.random() < 0.6,
        status=status,
        error_code=code,
        finish="stop" if status == 200 else None,
        attempts=1 if status == 200 else 2,
        usage=usage,
        ttft_ms=ttft_ms,
        duration_ms=(ttft_ms or 200) + usage.output_tokens * 12,
        organisation_id=key.organisation_id,
        member_id=key.member_id,
        project=key.project,
        charge_nusd=sum(line.nusd for line in lines),
        debt_nusd=0,
        lines=lines,
    )


def _usage(chance: random.Random) -> Usage:
    input_tokens = round(chance.lognormvariate(7, 1))
    return Usage(
        input_tokens=input_tokens,
        cached_tokens=input_tokens // 2 if chance.random() < 0.3 else 0,
        output_tokens=round(chance.lognormvariate(5.5, 1)),
    )


def _record(home: Home, row: ExchangeRow) -> None:
    """A call as it was held, made and settled. The writes wait for each other in the order in which they are given."""
    charge_nusd, ended_ms = row.charge_nusd or 0, row.started_at_ms + row.duration_ms
    reservation = Reservation(
        reference=row.request_id,
        at_ms=row.started_at_ms,
        organisation_id=home.owner.organisation_id,
        amount_nusd=2 * charge_nusd,
    )
    closing: Entry = (
        ledger.settle(reservation, charge_nusd, at_ms=ended_ms)
        if row.status == 200
        else ledger.void(reservation, at_ms=ended_ms)
    )
    home.store.journal.reserve(ledger.reserve(reservation), reservation, row).result()
    home.store.journal.close([closing], row).result()
