"""Answers kept under an Idempotency-Key: with what they tell of, across restarts, and not for ever."""

from __future__ import annotations

from typing import Any

import pytest
from tests.administration.conftest import Office

from entrepot.administration.desk import Desk
from entrepot.administration.once import Ask, fingerprint, once
from entrepot.errors import Conflict, IdempotencyKeyReused
from entrepot.home import open_home
from entrepot.store import answers
from entrepot.store.queries import Run

ASK = Ask("key", fingerprint(b"POST", b"/v1/x", b"{}"))


class Count:
    def __init__(self) -> None:
        self.done = 0

    def __call__(self, _: Run) -> dict[str, Any]:
        self.done += 1
        return {"number": self.done}


def test_an_answer_outlives_a_restart(office: Office) -> None:
    count = Count()
    first = once(office.desk, "org_1", ASK, count)
    office.home.store.close()
    home = open_home(office.home.path)
    again = once(Desk(store=home.store, pepper=home.pepper), "org_1", ASK, count)
    assert (again.status, again.body, again.replayed) == (first.status, first.body, True)
    assert (first.replayed, count.done) == (False, 1)
    office.home = home


def test_without_a_key_everything_is_done_anew(office: Office) -> None:
    count = Count()
    bodies = [once(office.desk, "org_1", Ask(None, ASK.fingerprint), count).value for _ in range(2)]
    assert bodies == [{"number": 1}, {"number": 2}]


def test_another_request_or_organisation_is_no_repetition(office: Office) -> None:
    count = Count()
    once(office.desk, "org_1", ASK, count)
    with pytest.raises(IdempotencyKeyReused):
        once(office.desk, "org_1", Ask("key", fingerprint(b"POST", b"/v1/x", b"{ }")), count)
    assert once(office.desk, "org_2", ASK, count).value == {"number": 2}


def test_what_fails_leaves_nothing(office: Office) -> None:
    def fail(run: Run) -> dict[str, Any]:
        run("set_plan", {"id": office.home.owner.organisation_id, "plan": "partner"})
        raise Conflict("not now")

    with pytest.raises(Conflict):
        once(office.desk, "org_1", ASK, fail)
    assert office.home.store.plans() == {}
    assert once(office.desk, "org_1", ASK, Count()).value == {"number": 1}


def test_answers_are_forgotten_after_a_week(office: Office) -> None:
    count = Count()
    once(office.desk, "org_1", ASK, count)
    office.pass_time(answers.KEPT_MS / 1000 - 1)
    assert once(office.desk, "org_1", ASK, count).replayed
    office.pass_time(1)
    assert not once(office.desk, "org_1", ASK, count).replayed
    office.home.store.write(lambda run: answers.prune(run, office.desk.now_ms + answers.KEPT_MS)).result()
    assert once(office.desk, "org_1", ASK, count).value == {"number": 3}


def test_parts_of_a_request_cannot_be_taken_for_one_another() -> None:
    assert fingerprint(b"ab", b"c") != fingerprint(b"a", b"bc") != fingerprint(b"abc")
