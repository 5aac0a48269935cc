"""A home opened at the command line, and arguments read as strictly as a request's body."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.accounts.records import MemberPatch
from entrepot.cli.office import checked, opened
from entrepot.errors import InvalidRequest, NotFound


def test_arguments_not_given_change_nothing() -> None:
    assert checked({"name": "Anna", "role": None}, MemberPatch) == MemberPatch(name="Anna")


@pytest.mark.parametrize("values", [{"role": "root"}, {"name": "\udcff"}, {"name": ""}, {"id": "x"}])
def test_arguments_that_cannot_be_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(InvalidRequest):
        checked(values, MemberPatch)


def test_the_operator_acts_in_the_house_unless_told_otherwise(tmp_path: Path) -> None:
    with opened(str(tmp_path), None) as office:
        assert office.operator().organisation_id == office.home.owner.organisation_id
        with pytest.raises(NotFound):
            office.operator("org_0")
