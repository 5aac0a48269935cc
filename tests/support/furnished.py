"""A busy hub with something at every place of its console: keys of all kinds with their limits, rules, invitations,
vouchers, another organisation, and an offer that rests."""

from __future__ import annotations

import time
from typing import Any

from tests.support.busy import DAY_MS, HOSTILE, BusySite
from tests.support.manager import Manager
from tests.support.upstream import Received, Reply, failure, plain

RESTING = "gpt-4.1-nano"
"""The model whose only offer rests, as its provider has asked."""

KEYS: tuple[dict[str, Any], ...] = (
    {
        "name": "Claude Code of the platform team",
        "mode": "live",
        "project": "platform",
        "models": ["claude-sonnet-5-5", "gpt-4.1-mini"],
        "limits": {"requests_per_minute": 120, "tokens_per_minute": 400_000, "concurrency": 8},
        "budget": {"day_usd": "25", "month_usd": "400"},
    },
    {"name": "grafana", "mode": "live", "scopes": ["usage"], "limits": {"requests_per_minute": 30}},
    {"name": "terraform", "mode": "live", "scopes": ["management"], "expires_in_days": 90},
    {
        "name": "nightly evaluation of the support assistant against last quarter's tickets, second run",
        "mode": "test",
        "models": ["gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "claude-sonnet-5-5", "deepseek-flash"],
        "project": "evaluations",
        "expires_in_days": 14,
    },
    {"name": "old importer", "mode": "live", "disabled": True},
)
RULES: tuple[dict[str, Any], ...] = (
    {"subject": "organisation", "budget": {"month_usd": "1500"}, "limits": {"concurrency": 64}},
    {"subject": "model", "subject_id": "gpt-4.1", "limits": {"tokens_per_minute": 200_000}},
    {"subject": "member", "of": "The developer", "model": "claude-sonnet-5-5", "budget": {"day_usd": "5"}},
    {"subject": "key", "of": "shop", "limits": {"requests_per_day": 5000}},
)
TAME = dict(zip(HOSTILE, ("mobile app", "search index"), strict=True))
"""What the keys with hostile names are called here: these screens are for looking at."""

INVITATIONS = (("nadia@hub.test", "developer"), ("books@hub.test", "billing"))


def furnish(busy: BusySite) -> Manager:
    manager = Manager(busy.site)
    for key in manager("GET", "/v1/keys")["data"]:
        if key["name"] in TAME:
            manager("PATCH", f"/v1/keys/{key['id']}", {"name": TAME[key["name"]]})
    for spec in KEYS:
        _make_key(manager, dict(spec))
    for rule in RULES:
        _put_rule(manager, dict(rule), busy.organisation_id)
    for email, role in INVITATIONS:
        manager("POST", "/v1/invitations", {"email": email, "role": role})
    manager("POST", "/v1/organisations", {"name": "Harbour Freight Analytics", "owner_email": "lead@harbour.test"})
    manager("POST", "/v1/vouchers", {"amount_usd": "25", "count": 3, "note": "workshop"})
    _put_to_rest(busy)
    return manager


def _make_key(manager: Manager, spec: dict[str, Any]) -> None:
    days, disabled = spec.pop("expires_in_days", None), spec.pop("disabled", False)
    if days is not None:
        spec["expires_at"] = time.strftime("%Y-%m-%dT23:59:59Z", time.gmtime(time.time() + days * DAY_MS / 1000))
    key = manager("POST", "/v1/keys", spec)
    if disabled:
        manager("PATCH", f"/v1/keys/{key['id']}", {"disabled": True})


def _put_rule(manager: Manager, rule: dict[str, Any], organisation_id: str) -> None:
    name = rule.pop("of", None)
    if name is not None:
        named = manager("GET", f"/v1/{rule['subject']}s")["data"]
        rule["subject_id"] = next(each["id"] for each in named if each["name"] == name)
    manager("PUT", "/v1/rules", {"subject_id": organisation_id} | rule)


def _put_to_rest(busy: BusySite) -> None:
    def answer(request: Received) -> Reply:
        is_limited = RESTING.encode() in request.body
        return failure(429, "Rate limit reached").with_headers({"retry-after": "1800"}) if is_limited else plain()

    busy.upstream.play(answer)
    busy.ask(model=RESTING)
    for model in ("gpt-4.1", "gpt-4.1-mini"):
        assert busy.ask(model=model)[0] == 200
