"""Steering by model name and by header, and the errors that can be asked for."""

from __future__ import annotations

import pytest

from entrepot import errors
from entrepot.providers.sandbox import faults
from entrepot.providers.sandbox.faults import Fault, Steering


def test_any_other_model_without_a_header_is_not_steered() -> None:
    assert Steering.parse(None, "gpt-4.1-mini") == Steering()


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("sandbox/echo", Steering(echo=True)),
        ("sandbox/slow", Steering(latency_ms=500, tokens_per_s=20)),
        ("sandbox/error-429", Steering(fault=Fault("error", 429))),
        ("sandbox/cut-stream", Steering(fault=Fault("cut-after", 5))),
        ("sandbox/reasoning", Steering(reasoning=True)),
    ],
)
def test_a_sandbox_model_presets_its_manner(model: str, expected: Steering) -> None:
    assert Steering.parse(None, model) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("latency_ms=200, tokens_per_s=50", Steering(latency_ms=200, tokens_per_s=50.0)),
        (" fault = cut-after:3 ,", Steering(fault=Fault("cut-after", 3))),
        ("fault=stall-after", Steering(fault=Fault("stall-after", 0))),
        ("fault=error-503,retry_after_s=0.5", Steering(fault=Fault("error", 503), retry_after_s=0.5)),
        ("fault=timeout", Steering(fault=Fault("timeout"))),
        ("reasoning=true,echo=false", Steering(reasoning=True)),
        ("", Steering()),
    ],
)
def test_the_header_steers_any_model(header: str, expected: Steering) -> None:
    assert Steering.parse(header, "gpt-4.1-mini") == expected


def test_the_header_overrides_what_the_model_presets() -> None:
    assert Steering.parse("tokens_per_s=5", "sandbox/slow") == Steering(latency_ms=500, tokens_per_s=5)


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("speed=3", "latency_ms"),
        ("latency_ms", "latency_ms"),
        ("latency_ms=-1", "600000"),
        ("latency_ms=600001", "600000"),
        ("latency_ms=1.5", "whole number"),
        ("latency_ms=٣", "whole number"),
        ("tokens_per_s=0", "0.1"),
        ("tokens_per_s=nan", "0.1"),
        ("retry_after_s=3601", "3600"),
        ("fault=explode", "bad-tool-json"),
        ("fault=error-418", "error-429"),
        ("fault=cut-after:x", "whole number"),
        ("echo=maybe", "true or false"),
        ("latency_ms=1,latency_ms=2", "twice"),
    ],
)
def test_a_header_that_cannot_be_followed_is_refused_with_what_exists(header: str, named: str) -> None:
    with pytest.raises(errors.InvalidRequest, match=named) as caught:
        Steering.parse(header, "gpt-4.1-mini")
    assert caught.value.param == faults.HEADER


def test_an_unknown_sandbox_model_is_not_found_and_lists_the_others() -> None:
    with pytest.raises(errors.NotFound, match="sandbox/echo") as caught:
        Steering.parse(None, "sandbox/nothing")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.UpstreamRefusal),
        (401, errors.UpstreamRefusal),
        (403, errors.UpstreamRefusal),
        (404, errors.UpstreamRefusal),
        (429, errors.UpstreamRateLimited),
        (500, errors.UpstreamError),
        (503, errors.UpstreamOverloaded),
        (504, errors.UpstreamTimeout),
        (529, errors.UpstreamOverloaded),
    ],
)
def test_an_asked_for_status_comes_as_the_error_an_upstream_would_cause(status: int, kind: type) -> None:
    error = faults.error(Steering.parse(None, f"sandbox/error-{status}"))
    assert error is not None
    assert type(error) is kind
    assert error.status == status


def test_a_rate_limit_says_when_to_come_back() -> None:
    error = faults.error(Steering.parse("retry_after_s=7", "sandbox/error-429"))
    assert error is not None
    assert error.retry_after_s == 7


@pytest.mark.parametrize("name", [name for name in faults.MODELS if not name.startswith("sandbox/error-")])
def test_other_models_do_not_fail_before_they_answer(name: str) -> None:
    assert faults.error(Steering.parse(None, name)) is None


def test_faults_of_the_connection_have_their_own_errors() -> None:
    assert isinstance(faults.error(Steering(fault=Fault("timeout"))), errors.UpstreamTimeout)
    assert isinstance(faults.error(Steering(fault=Fault("unreachable"))), errors.UpstreamUnreachable)
