"""`entrepot prices`: the table of margins, price lists from elsewhere, plans of organisations."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Entrepot

from entrepot.home import open_home
from entrepot.store import Store

LAB = """
# kept as it is
[providers.lab]
base_url = "http://127.0.0.1:1/v1"
auth = "none"
[plans.team]
rules = [{ percent = 50 }]
[[models]]
id = "harbour"
aliases = ["port/harbour"]
price = { input = "1", output = "4" }
offers = [
  { provider = "lab", upstream_model = "x", price = { input = "0.8", output = "5" } },
  { provider = "openai", upstream_model = "y" },
]
"""
PILOT = """
[[models]]
id = "pilot"
aliases = ["quay/pilot"]
offers = [{ provider = "lab", upstream_model = "p" }]
"""


def today() -> str:
    return str(datetime.now(UTC).date())


@pytest.fixture(autouse=True)
def _lab(entrepot: Entrepot) -> None:
    Path("entrepot.toml").write_text(LAB)


def listed(**models: tuple[str, str]) -> str:
    """A file with OpenRouter's model list: dollars for one token."""
    data = [
        {"id": name.replace("__", "/"), "pricing": {"prompt": prompt, "completion": completion}}
        for name, (prompt, completion) in models.items()
    ]
    Path("list.json").write_text(json.dumps({"data": data}))
    return "list.json"


def row(entrepot: Entrepot, *arguments: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = entrepot("prices", "--search", "harbour", "--json", *arguments).json
    return rows


# Listing ------------------------------------------------------------------------------------------


def test_prices_show_what_is_bought_and_sold_and_what_is_left(entrepot: Entrepot) -> None:
    lab, openai = row(entrepot)
    assert lab == {
        "model": "harbour",
        "provider": "lab",
        "source": "list",
        "input buy": "0.8",
        "input sell": "1",
        "output buy": "5",
        "output sell": "4",
        "margin": "-25.0 %",
        "note": "dearer than the sell price: output",
    }
    assert (openai["input buy"], openai["input sell"], openai["margin"], openai["note"]) == (None, "1", None, None)


def test_prices_of_a_plan(entrepot: Entrepot) -> None:
    lab, _ = row(entrepot, "--plan", "team")
    assert (lab["source"], lab["output sell"], lab["margin"], lab["note"]) == ("rule", "6", "16.6 %", None)
    assert entrepot("prices", "--plan", "gone") == (3, "", "entrepot: There is no plan 'gone'; known are team.\n")


def test_prices_are_a_table_for_people(entrepot: Entrepot) -> None:
    shown = entrepot("prices")
    assert shown.code == 0
    assert "gpt-4.1-mini" in shown.out
    assert "dearer than the sell price" in shown.out
    assert entrepot("prices", "--search", "no-such").code == 3


def test_models_show_the_price_in_force(entrepot: Entrepot) -> None:
    rows = f'[[prices]]\nmodel = "harbour"\nfrom = {today()}\nprice = {{ input = "3", output = "9" }}\n'
    Path("entrepot.toml").write_text(LAB + rows)
    (found,) = entrepot("models", "harbour", "--json").json
    assert found["pricing"]["prompt"] == "0.000003"


@pytest.mark.parametrize("command", ["prices", "models", "doctor"])
def test_a_mistake_in_the_tables_is_told_with_its_line(entrepot: Entrepot, command: str) -> None:
    Path("entrepot.toml").write_text(LAB + '[[prices]]\nmodel = "harbor"\n')
    refused = entrepot(command)
    assert refused.code == 2
    assert "entrepot.toml:17: unknown model 'harbor'" in refused.err


# Importing ----------------------------------------------------------------------------------------


def test_an_import_shows_and_writes_nothing_until_it_is_told_to(entrepot: Entrepot) -> None:
    file = listed(port__harbour=("0.000002", "0.000004"), someone__else=("0.1", "0.1"))
    shown = entrepot("prices", "import", file)
    assert shown.code == 0
    assert "Prices of 1 model would change; --write" in shown.out
    assert Path("entrepot.toml").read_text() == LAB
    assert entrepot("prices", "import", file, "--json").json == [
        {"model": "harbour", "rate": "input", "was": "1", "now": "2", "held": False}
    ]


def test_what_is_written_is_in_force_and_leaves_the_rest_of_the_file_alone(entrepot: Entrepot) -> None:
    Path("entrepot.toml").chmod(0o600)
    file = listed(harbour=("0.000002", "0.000004"))
    written = entrepot("prices", "import", file, "--write")
    assert (written.code, "Prices of 1 model written to" in written.out) == (0, True)
    assert Path("entrepot.toml").read_text().startswith(LAB)
    assert Path("entrepot.toml").stat().st_mode & 0o777 == 0o600
    assert row(entrepot)[0]["input sell"] == "2"
    assert entrepot("prices", "import", file, "--json").json == []
    assert {path.name for path in Path().iterdir()} == {"list.json", "entrepot.toml"}


def test_without_a_settings_file_one_is_made_in_the_home(entrepot: Entrepot, tmp_path: Path) -> None:
    Path("entrepot.toml").unlink()
    Path("list.json").write_text('{"gpt-4.1": {"input_cost_per_token": 3e-06, "output_cost_per_token": 8e-06}}')
    assert entrepot("prices", "import", "list.json", "--write").code == 0
    assert 'model = "gpt-4.1"' in (tmp_path / "home" / "entrepot.toml").read_text()


@pytest.mark.parametrize("prices", [("0.00001001", "0.000004"), ("0", "0.000004"), ("0.000001", "0.0000003")])
def test_what_moves_too_far_is_held_until_it_is_accepted(entrepot: Entrepot, prices: tuple[str, str]) -> None:
    file = listed(harbour=prices)
    held = entrepot("prices", "import", file, "--write", "--json")
    assert (held.code, [line["held"] for line in held.json]) == (1, [True])
    assert Path("entrepot.toml").read_text() == LAB
    accepted = entrepot("prices", "import", file, "--write", "--accept", "port/harbour")
    assert accepted.code == 0
    assert f"accepted = {today()}" in Path("entrepot.toml").read_text()


def test_what_is_not_held_is_written_beside_what_is(entrepot: Entrepot) -> None:
    file = listed(harbour=("0", "0"), quay__pilot=("0.000003", "0.000003"))
    Path("entrepot.toml").write_text(LAB + PILOT)
    done = entrepot("prices", "import", file, "--write")
    assert done.code == 1
    assert "Prices of 1 model written" in done.out
    assert row(entrepot)[0]["input sell"] == "1"


def test_what_a_hub_would_refuse_is_not_written(entrepot: Entrepot) -> None:
    Path("entrepot.toml").write_text(LAB.replace('price = { input = "1", output = "4" }\n', ""))
    file = listed(harbour=("0.000001", "0.00006"))
    refused = entrepot("prices", "import", file, "--write")
    assert (refused.code, "harbour: output from 5 to 60" in refused.err) == (2, True)
    assert entrepot("prices", "import", file, "--write", "--accept", "harbour").code == 0
    assert row(entrepot)[0]["output sell"] == "60"


def test_a_list_may_be_a_providers_or_a_plans_and_from_a_later_day(entrepot: Entrepot) -> None:
    file = listed(harbour=("0.0000005", "0.000003"))
    assert entrepot("prices", "import", file, "--provider", "lab", "--write").code == 0
    lab, _ = row(entrepot)
    assert (lab["input buy"], lab["input sell"], lab["note"]) == ("0.5", "1", None)
    assert entrepot("prices", "import", file, "--plan", "team", "--from", "2999-01-01", "--write").code == 0
    assert row(entrepot, "--plan", "team")[0]["source"] == "rule"
    assert 'plan = "team"\nfrom = 2999-01-01' in Path("entrepot.toml").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("none.json",), 3, "none.json cannot be read"),
        (("entrepot.toml",), 2, "the list holds no price that can be read"),
        (("list.json", "--plan", "gone"), 3, "There is no plan 'gone'"),
        (("list.json", "--provider", "gone"), 3, "There is no provider 'gone'"),
        (("list.json", "--provider", "lab", "--plan", "team"), 2, "not both"),
        (("list.json", "--accept", "gone"), 3, "There is no model 'gone'"),
        (("list.json", "--from", "soon", "--write"), 2, "'soon' is not a day"),
    ],
)
def test_what_cannot_be_imported_is_refused(
    entrepot: Entrepot, arguments: tuple[str, ...], code: int, message: str
) -> None:
    listed(harbour=("0.000002", "0.000004"))
    refused = entrepot("prices", "import", *arguments)
    assert (refused.code, message in refused.err) == (code, True)
    assert Path("entrepot.toml").read_text() == LAB


# Plans --------------------------------------------------------------------------------------------


def plans(tmp_path: Path) -> list[str]:
    store = Store(tmp_path / "home" / "entrepot.db")
    try:
        return list(store.plans().values())
    finally:
        store.close()


def test_an_organisation_is_put_on_a_plan_and_taken_off(entrepot: Entrepot, tmp_path: Path) -> None:
    opened = open_home(tmp_path / "home")
    organisation_id = opened.owner.organisation_id
    opened.store.close()
    assert entrepot("prices", "assign", "team") == (0, f"{organisation_id} is on the plan team.\n", "")
    assert plans(tmp_path) == ["team"]
    done = entrepot("prices", "assign", "none", "--organisation", organisation_id)
    assert (done.code, plans(tmp_path)) == (0, [])
    taken_off, put_on = entrepot("audit", "--json").json
    assert (put_on["action"], put_on["subject"]) == ("organisation.plan", f"organisation:{organisation_id}")
    assert (put_on["before"], put_on["after"]) == ({"plan": None}, {"plan": "team"})
    assert (taken_off["before"], taken_off["after"]) == ({"plan": "team"}, {"plan": None})


def test_there_must_be_such_a_plan_and_organisation(entrepot: Entrepot) -> None:
    assert entrepot("prices", "assign", "gone").code == 3
    assert entrepot("prices", "assign", "team", "--organisation", "org_none").code == 3
