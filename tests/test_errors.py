"""The tree of failures: what stands in the docstring is what the classes are."""

from __future__ import annotations

import re

import pytest

from entrepot import errors
from entrepot.errors import EntrepotError, UpstreamRefusal

_ROW = re.compile(r"[├└]─ (\w+)\s+([45](?:\d\d|xx))(.*)")
PRINTED = {match[1]: (match[2], match[3]) for match in map(_ROW.search, (errors.__doc__ or "").splitlines()) if match}


def family(cls: type[EntrepotError]) -> list[type[EntrepotError]]:
    return [cls, *(each for child in cls.__subclasses__() for each in family(child))]


CLASSES = {cls.__name__: cls for cls in family(EntrepotError) if cls.__module__ == errors.__name__}


def test_every_class_is_printed_in_the_tree() -> None:
    assert set(CLASSES) - {"EntrepotError"} == set(PRINTED)


@pytest.mark.parametrize("name", [name for name, (status, _) in PRINTED.items() if status.isdigit()])
def test_a_class_has_the_status_and_code_of_its_row(name: str) -> None:
    status, codes = PRINTED[name]
    assert str(CLASSES[name].status) == status
    assert re.search(rf"\b{CLASSES[name].code}\b", codes)


@pytest.mark.parametrize(("family_name", "first_digit"), [("CallerError", 4), ("UpstreamError", None), ("HubError", 5)])
def test_blame_decides_the_class_of_status(family_name: str, first_digit: int | None) -> None:
    statuses = {cls.status // 100 for cls in family(CLASSES[family_name])}
    # The one upstream failure that is no 5xx is a limit, which clients know how to wait for.
    assert statuses == ({first_digit} if first_digit else {4, 5})


def test_an_error_keeps_what_it_is_told() -> None:
    error = errors.InvalidRequest("No.", code="narrower", param="n", retry_after_s=1.5)
    assert (str(error), error.message, error.code, error.param, error.retry_after_s) == (
        "No.",
        "No.",
        "narrower",
        "n",
        1.5,
    )
    assert errors.InvalidRequest("No.").code == "invalid_request"


def test_a_refusal_carries_the_upstreams_own_status() -> None:
    refusal = UpstreamRefusal("Too long.", status=413, code="too_long", param="messages")
    assert (refusal.status, refusal.code, refusal.param) == (413, "too_long", "messages")
    assert UpstreamRefusal("No.", status=422).code == "invalid_request"


def test_a_configuration_error_names_its_place_and_is_no_answer_to_a_client() -> None:
    error = errors.ConfigurationError("bad", path=("models", 1, "id"))
    assert (error.message, error.path) == ("bad", ("models", 1, "id"))
    assert not isinstance(error, EntrepotError)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("upstream_rate_limited", errors.UpstreamRateLimited),
        ("upstream_error", errors.UpstreamError),
        ("upstream_stream_broken", errors.UpstreamBroken),
        ("anything", errors.UpstreamBroken),
    ],
)
def test_an_upstreams_failure_is_known_by_its_code(code: str, kind: type[errors.UpstreamError]) -> None:
    error = errors.upstream_error(code, "no luck")
    assert (type(error), error.code, error.message, error.status) == (kind, code, "no luck", kind.status)
