"""Signing in over HTTP: the cookie, what it is worth, what refuses it, and what an attacker learns."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie
from typing import Any

import pytest
from tests.conftest import MakeHub
from tests.support.asgi import Call
from tests.support.people import COOKIE, PASSWORD, desk_of, join, operator_of
from tests.support.running import RunningHub

from entrepot.accounts.lockout import FREE_ATTEMPTS
from entrepot.administration import members

EMAIL = "owner@house.test"
NEW = "another good password"


async def post(hub: RunningHub, path: str, body: Any, **headers: str) -> Call:
    return await hub.call("POST", path, body=body, **headers).run()


async def sign_in(hub: RunningHub, password: str = PASSWORD, email: str = EMAIL, **headers: str) -> Call:
    return await post(hub, "/v1/session", {"email": email, "password": password}, **headers)


async def session(hub: RunningHub, cookie: str) -> Call:
    return await hub.call("GET", "/v1/session", cookie=cookie).run()


def cookie_of(answer: Call) -> str:
    """What a browser sends back."""
    return answer.headers["set-cookie"].partition(";")[0]


async def test_signing_in_brings_a_cookie_and_no_token(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner = join(hub, "owner")
    answer = await sign_in(hub)
    assert answer.status == 201
    assert (answer.json["object"], answer.json["member"]["id"]) == ("session", owner.member.id)
    assert answer.json["organisation"]["house"] is True
    assert b"ep-session-" not in answer.body
    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert morsel.key == COOKIE
    assert (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["secure"]) == (True, "lax", "/", "")
    assert (morsel["max-age"], morsel["domain"]) == (str(14 * 86_400), "")
    assert (await session(hub, cookie_of(answer))).json == answer.json


async def test_over_https_the_cookie_is_bound_to_the_host(make_hub: MakeHub) -> None:
    hub = make_hub(server={"public_url": "https://hub.test"})
    join(hub, "owner")
    answer = await sign_in(hub)
    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (morsel.key, morsel["secure"], morsel["path"], morsel["domain"]) == (f"__Host-{COOKIE}", True, "/", "")
    assert (await session(hub, cookie_of(answer))).status == 200
    unbound = cookie_of(answer).removeprefix("__Host-")
    assert (await session(hub, unbound)).error["code"] == "session_required"


async def test_a_session_is_never_one_that_was_there_before(make_hub: MakeHub) -> None:
    """Fixation: whatever cookie comes with the request, the answer's is new."""
    hub = make_hub()
    join(hub, "owner")
    planted = cookie_of(await sign_in(hub))
    fresh = cookie_of(await sign_in(hub, cookie=planted))
    assert fresh != planted
    for made_up in (f"{COOKIE}=", f"{COOKIE}=ep-session-{'0' * 43}", f"{COOKIE}=%00", f"{COOKIE}=' OR 1=1 --"):
        assert (await session(hub, made_up)).status == 401


async def test_signing_out_ends_the_session_and_the_cookie(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner = join(hub, "owner")
    answer = await owner("DELETE", "/v1/session")
    assert answer.json == {"object": "session", "deleted": True}
    (morsel,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (morsel.value, morsel["max-age"], morsel["httponly"]) == ("", "0", True)
    assert (await owner("GET", "/v1/session")).error["code"] == "session_ended"


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "cross-site", "origin": "http://hub.test"}, False),
        ({"sec_fetch_site": ""}, False),
        ({"origin": "http://hub.test"}, True),
        ({"origin": "http://127.0.0.1:8080"}, True),
        ({"origin": "https://hub.test"}, False),
        ({"origin": "http://hub.test.evil.test"}, False),
        ({"origin": "http://evil.test"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://[bad"}, False),
        ({}, False),
    ],
)
async def test_a_cookie_is_taken_from_the_hubs_own_pages_only(
    make_hub: MakeHub, headers: dict[str, str], is_own: bool
) -> None:
    hub = make_hub()
    owner = join(hub, "owner")
    cookie = f"{COOKIE}={owner.token}"
    for method, path, body in (
        ("POST", "/v1/keys", {"name": "planted"}),
        ("PATCH", f"/v1/members/{owner.member.id}", {"name": "planted"}),
        ("DELETE", "/v1/session", b""),
    ):
        answer = await hub.call(method, path, body=body, cookie=cookie, **headers).run()
        assert (answer.status < 300) is is_own, (method, path)
        assert is_own or answer.error["code"] == "cross_site_request"
    assert (await hub.call("GET", "/v1/members", cookie=cookie, **headers).run()).status == (401 if is_own else 200)


async def test_another_site_can_sign_nobody_in(make_hub: MakeHub) -> None:
    hub = make_hub()
    join(hub, "owner")
    for headers in ({"sec_fetch_site": "cross-site"}, {"origin": "http://evil.test"}):
        answer = await sign_in(hub, **headers)
        assert (answer.status, answer.error["code"]) == (403, "cross_site_request")
        assert "set-cookie" not in answer.headers


async def test_a_key_needs_no_origin_and_gets_no_cookie(make_hub: MakeHub) -> None:
    hub = make_hub()
    token = hub.key(scopes=("management",))
    answer = await hub.call(
        "POST", "/v1/keys", body={"name": "x", "scopes": []}, token=token, sec_fetch_site="cross-site"
    ).run()
    assert answer.status == 201
    assert "set-cookie" not in answer.headers


async def test_strangers_learn_nothing(make_hub: MakeHub) -> None:
    hub = make_hub()
    join(hub, "owner")
    answers = [await sign_in(hub, "wrong", email) for email in (EMAIL, "nobody@house.test", "")]
    told = {(each.status, each.error["code"], each.error["message"], each.error["param"]) for each in answers}
    assert told == {(401, "invalid_credentials", "The e-mail address or the password is wrong.", None)}


@pytest.mark.parametrize("email", [EMAIL, "nobody@house.test"])
async def test_failures_lock_the_address_they_try_whether_it_exists_or_not(make_hub: MakeHub, email: str) -> None:
    hub = make_hub()
    join(hub, "owner")
    answers = [await sign_in(hub, "wrong", email) for _ in range(FREE_ATTEMPTS["account"] + 2)]
    assert [each.status for each in answers] == [401] * FREE_ATTEMPTS["account"] + [429] * 2
    assert answers[-1].error["code"] == "too_many_attempts"
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert (await sign_in(hub, PASSWORD, email.upper())).status == 429


async def test_of_many_attempts_at_once_no_more_get_through(make_hub: MakeHub) -> None:
    hub = make_hub()
    join(hub, "owner")
    answers = await asyncio.gather(*(sign_in(hub, "wrong") for _ in range(30)))
    assert sorted(each.status for each in answers) == [401] * FREE_ATTEMPTS["account"] + [429] * 25


async def test_success_forgives(make_hub: MakeHub) -> None:
    hub = make_hub()
    join(hub, "owner")
    for _ in range(3):
        for _ in range(FREE_ATTEMPTS["account"] - 1):
            assert (await sign_in(hub, "wrong")).status == 401
        assert (await sign_in(hub)).status == 201


async def test_a_new_password_brings_a_new_session_and_ends_the_others(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner = join(hub, "owner")
    elsewhere = cookie_of(await sign_in(hub))
    answer = await owner("POST", "/v1/session/password", {"password": PASSWORD, "new_password": NEW})
    assert answer.status == 200
    assert (await session(hub, cookie_of(answer))).status == 200
    assert (await session(hub, elsewhere)).status == 401
    assert (await owner("GET", "/v1/session")).status == 401
    assert [(await sign_in(hub, each)).status for each in (PASSWORD, NEW)] == [401, 201]


async def test_the_present_password_cannot_be_guessed_with_a_stolen_session(make_hub: MakeHub) -> None:
    owner = join(make_hub(), "owner")
    body = {"password": "wrong", "new_password": NEW}
    statuses = [(await owner("POST", "/v1/session/password", body)).status for _ in range(7)]
    assert statuses == [401] * 5 + [429] * 2


async def test_the_owner_comes_in_by_the_link_of_the_first_run(make_hub: MakeHub) -> None:
    hub = make_hub()
    token = members.link(desk_of(hub), operator_of(hub), hub.home.owner.id, "welcome")
    body = {"token": token, "email": "me@house.test", "password": PASSWORD, "name": "Anna"}
    answer = await post(hub, "/v1/session/welcome", body)
    assert (answer.status, answer.json["member"]["role"], answer.json["member"]["name"]) == (201, "owner", "Anna")
    assert (await session(hub, cookie_of(answer))).status == 200
    again = await post(hub, "/v1/session/welcome", body)
    assert (again.status, again.error["code"]) == (404, "link_not_found")
    assert (await sign_in(hub, PASSWORD, "me@house.test")).status == 201


async def test_an_owner_lets_a_member_set_a_new_password(make_hub: MakeHub) -> None:
    hub = make_hub()
    owner, viewer = join(hub, "owner"), join(hub, "viewer")
    made = (await owner("POST", f"/v1/members/{viewer.member.id}/reset")).json
    assert made["url"] == f"http://127.0.0.1:8080/reset#{made['token']}"
    answer = await post(hub, "/v1/session/reset", {"token": made["token"], "password": NEW})
    assert (answer.status, answer.json["member"]["id"]) == (201, viewer.member.id)
    assert (await viewer("GET", "/v1/session")).status == 401
    assert (await sign_in(hub, NEW, "viewer@house.test")).status == 201


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("/v1/session", {"email": EMAIL}, None),
        ("/v1/session", {"email": EMAIL, "password": PASSWORD, "role": "owner"}, None),
        ("/v1/session", {"email": 1, "password": PASSWORD}, "email"),
        ("/v1/session/welcome", {"token": "x", "email": "no", "password": PASSWORD}, "email"),
        ("/v1/session/welcome", {"token": "x", "email": EMAIL, "password": "short"}, "password"),
        ("/v1/session/reset", {"token": "x" * 101, "password": PASSWORD}, "token"),
    ],
)
async def test_a_body_is_read_strictly(make_hub: MakeHub, path: str, body: Any, param: str | None) -> None:
    answer = await post(make_hub(), path, body)
    assert (answer.status, answer.error["param"]) == (400, param)
