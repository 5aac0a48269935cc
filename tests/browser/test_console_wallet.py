"""The console's money: it moves once, exactly, by those who may move it, and every screen says the same of it."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect
from tests.support.busy import BusySite
from tests.support.hub import eventually
from tests.support.screen import Site, Watch, axe, axe_in_both_themes, fits

from entrepot.accounts import Role

ROWS = "[role=tabpanel] .table tbody tr"


@pytest.fixture(scope="module")
def site(busy: BusySite) -> Site:
    return busy.site


def asked(page: Page, path: str) -> Any:
    """What the API says to the same member."""
    return page.evaluate("(path) => fetch(path).then((answer) => answer.json())", path)


def balance(page: Page) -> Decimal:
    return Decimal(asked(page, "/v1/wallet")["balance_usd"])


def movements(page: Page, kind: str) -> list[Any]:
    found = asked(page, f"/v1/billing/transactions?type={kind}")["data"]
    assert isinstance(found, list)
    return found


def tile(page: Page, name: str) -> Locator:
    return page.locator(".stat", has=page.get_by_text(name, exact=True)).locator("dd")


def shown(page: Page, name: str) -> Decimal:
    """An amount that a tile shows."""
    found = re.match(r"(-?)\$([\d,.]+)", tile(page, name).inner_text())
    assert found is not None
    return Decimal(found[1] + found[2].replace(",", ""))


def begin(page: Page, what: str) -> Locator:
    """The dialog that does this to the wallet."""
    page.get_by_role("button", name="Manage the wallet").click()
    page.get_by_role("menuitem", name=what).click()
    return page.get_by_role("dialog")


# Moving money -------------------------------------------------------------------------------------


def test_a_grant_moves_money_once_however_often_it_is_clicked(signed_in: Page) -> None:
    signed_in.goto("/console/wallet")
    expect(tile(signed_in, "Balance")).to_be_visible()
    before, grants = balance(signed_in), len(movements(signed_in, "grant"))
    assert shown(signed_in, "Balance") == before
    sent: list[Request] = []
    signed_in.on("request", lambda request: sent.append(request) if request.url.endswith("/wallet/grants") else None)
    dialog = begin(signed_in, "Grant money")
    dialog.get_by_label("Amount (USD)").fill("1,000.000000001")
    dialog.get_by_label("Note (optional)").fill("sorry")
    signed_in.evaluate("""() => {
        const button = [...document.querySelectorAll("[role=dialog] button")].find((each) => each.type === "submit");
        button.click();
        button.click();
    }""")
    expect(signed_in.get_by_text("Done: grant of $1,000.000000001.")).to_be_visible()
    expect(tile(signed_in, "Balance")).to_contain_text(f"{(before + Decimal('1000.000000001')).normalize():,f}")
    assert len(movements(signed_in, "grant")) == grants + 1
    assert len({request.headers["idempotency-key"] for request in sent}) == 1
    expect(signed_in.locator(ROWS).first).to_contain_text("sorry")
    expect(signed_in.locator(ROWS).first).to_contain_text("by The owner")


@pytest.mark.parametrize("text", ["", "0", "-5", "12,50", "1e3", "0.0000000001"])
def test_what_is_no_amount_is_not_sent(signed_in: Page, text: str) -> None:
    signed_in.goto("/console/wallet")
    sent: list[Request] = []
    signed_in.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    dialog = begin(signed_in, "Grant money")
    dialog.get_by_label("Amount (USD)").fill(text)
    dialog.get_by_role("button", name="Grant").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_label("Amount (USD)")).to_have_attribute("aria-invalid", "true")
    assert sent == []


def test_a_correction_says_why_and_may_take_away(signed_in: Page) -> None:
    signed_in.goto("/console/wallet")
    expect(tile(signed_in, "Balance")).to_be_visible()
    before = balance(signed_in)
    dialog = begin(signed_in, "Correct the balance")
    dialog.get_by_label("Amount (USD)").fill("-2.5")
    dialog.get_by_role("button", name="Correct").click()
    expect(dialog.get_by_text("Say why.")).to_be_visible()
    dialog.get_by_label("Note").fill("booked twice")
    axe(signed_in)
    dialog.get_by_role("button", name="Correct").click()
    expect(signed_in.get_by_text("Done: correction of -$2.50.")).to_be_visible()
    assert balance(signed_in) == before - Decimal("2.5")


def test_a_call_is_refunded_from_its_own_page_and_once(busy: BusySite, signed_in: Page, watch: Watch) -> None:
    watch.expect("status of 409")
    status, _ = busy.ask()
    assert status == 200
    signed_in.goto("/console/wallet")
    row = eventually(lambda: next((each for each in movements(signed_in, "usage")), None))
    assert row is not None
    signed_in.goto(f"/console/logs/{row['reference']}")
    signed_in.get_by_role("link", name="Refund").click()
    dialog = signed_in.get_by_role("dialog")
    expect(dialog.get_by_label("Request id of the call")).to_have_value(row["reference"])
    dialog.get_by_role("button", name="Refund").click()
    expect(signed_in.get_by_text(re.compile("Done: refund of"))).to_be_visible()
    assert movements(signed_in, "refund")[0]["amount_usd"] == row["amount_usd"]
    signed_in.goto(f"/console/logs/{row['reference']}")
    expect(signed_in.get_by_role("region", name="Entries of the ledger")).to_contain_text("Given back")
    expect(signed_in.get_by_role("link", name="Refund")).to_have_count(0)
    signed_in.goto(f"/console/wallet?refund={row['reference']}")
    dialog.get_by_role("button", name="Refund").click()
    expect(dialog.get_by_role("alert")).to_contain_text("already_refunded")


def test_vouchers_are_made_redeemed_and_withdrawn(signed_in: Page) -> None:
    signed_in.goto("/console/wallet?tab=vouchers")
    before = balance(signed_in)
    signed_in.get_by_role("button", name="Make vouchers").click()
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_label("Amount of each (USD)").fill("7.5")
    dialog.get_by_label("How many").fill("2")
    dialog.get_by_label("Note (optional)").fill("fair")
    dialog.get_by_role("button", name="Make").click()
    expect(dialog.locator(".codes li")).to_have_count(2)
    codes = dialog.locator(".codes code").all_inner_texts()
    axe(signed_in)
    with signed_in.expect_download() as download:
        dialog.get_by_role("button", name="Download CSV").click()
    written = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8"))))
    assert [row["code"] for row in written] == codes
    dialog.get_by_role("button", name="Done").click()
    expect(signed_in.get_by_text(codes[0])).to_have_count(0)
    signed_in.get_by_role("button", name="Redeem a voucher").click()
    dialog.get_by_label("Code").fill(codes[0].lower().replace("-", ""))
    dialog.get_by_role("button", name="Redeem").click()
    expect(signed_in.get_by_text("Done: voucher of $7.50.")).to_be_visible()
    assert balance(signed_in) == before + Decimal("7.5")
    expect(signed_in.locator(ROWS).get_by_text(re.compile("^redeemed"))).to_have_count(1)
    signed_in.get_by_role("button", name="Withdraw").click()
    dialog.get_by_role("button", name="Withdraw").click()
    expect(signed_in.locator(ROWS)).to_have_count(1)


def test_a_code_that_is_none_is_refused_in_the_dialog(signed_in: Page, watch: Watch) -> None:
    watch.expect("status of 404")
    signed_in.goto("/console/wallet")
    signed_in.get_by_role("button", name="Redeem a voucher").click()
    dialog = signed_in.get_by_role("dialog")
    dialog.get_by_label("Code").fill("<img src=x onerror=alert(1)>")
    dialog.get_by_role("button", name="Redeem").click()
    expect(dialog.get_by_role("alert")).to_contain_text("voucher_not_found")
    signed_in.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_terms_bound_the_wallet(signed_in: Page) -> None:
    signed_in.goto("/console/wallet")
    expect(tile(signed_in, "Available")).to_contain_text("Unbounded")
    dialog = begin(signed_in, "Change the terms")
    dialog.get_by_label("Up to a credit").check()
    dialog.get_by_label("Credit (USD)").fill("50")
    dialog.get_by_role("button", name="Save").click()
    expect(tile(signed_in, "Terms")).to_contain_text("Credit of $50.00")
    assert shown(signed_in, "Available") == balance(signed_in) + 50
    expect(signed_in.get_by_text("A balance is low below $5.00")).to_be_visible()
    dialog = begin(signed_in, "Change the terms")
    dialog.get_by_label("Prepaid").check()
    dialog.get_by_role("button", name="Save").click()
    expect(tile(signed_in, "Terms")).to_contain_text("Stops at zero")
    assert shown(signed_in, "Available") == balance(signed_in)
    dialog = begin(signed_in, "Change the terms")
    dialog.get_by_label("Postpaid").check()
    dialog.get_by_role("button", name="Save").click()
    expect(tile(signed_in, "Available")).to_contain_text("Unbounded")


@pytest.mark.parametrize(("role", "redeems"), [("viewer", False), ("billing", True)])
def test_who_may_only_look_is_offered_nothing_else(
    busy: BusySite, context: BrowserContext, page: Page, role: Role, redeems: bool
) -> None:
    busy.sign_in(context, role)
    page.goto("/console/wallet")
    expect(tile(page, "Balance")).to_be_visible()
    expect(page.get_by_role("button", name="Redeem a voucher")).to_have_count(1 if redeems else 0)
    expect(page.get_by_role("button", name="Manage the wallet")).to_have_count(0)
    expect(page.get_by_role("tab", name="Vouchers")).to_have_count(0)


# What moved it ------------------------------------------------------------------------------------


def test_transactions_are_filtered_continued_and_written(signed_in: Page) -> None:
    signed_in.goto("/console/wallet")
    expect(signed_in.locator(ROWS)).to_have_count(50)
    signed_in.get_by_role("button", name="Older").click()
    expect(signed_in.locator(ROWS).nth(50)).to_be_visible()
    signed_in.get_by_label("Kind").select_option("Top-up")
    expect(signed_in.locator(ROWS)).to_have_count(1)
    expect(signed_in).to_have_url(re.compile("type=topup"))
    expect(signed_in.locator(ROWS)).to_contain_text("+$100.00")
    with signed_in.expect_download() as download:
        signed_in.get_by_role("button", name="CSV of the 1 shown").click()
    (row,) = csv.DictReader(io.StringIO(download.value.path().read_text("utf-8")))
    assert (row["type"], row["amount_usd"], row["note"]) == ("topup", "100", "invoice 7")
    signed_in.get_by_label("Direction").select_option("Out of it")
    expect(signed_in.get_by_text("No transaction fits the filters.")).to_be_visible()


def test_budgets_say_how_full_they_are(signed_in: Page) -> None:
    signed_in.goto("/console/wallet?tab=budgets")
    expect(signed_in.get_by_text("No budgets.")).to_be_visible()
    rule = {"subject": "model", "subject_id": "gpt-4.1", "budget": {"total_usd": "0.000001"}}
    put = """(rule) => fetch("/v1/rules", {method: "PUT", body: JSON.stringify(rule),
        headers: {"content-type": "application/json"}}).then((answer) => answer.status)"""
    assert signed_in.evaluate(put, rule) == 200
    signed_in.reload()
    expect(signed_in.locator(ROWS)).to_contain_text("gpt-4.1")
    expect(signed_in.locator(ROWS)).to_contain_text("full")
    axe(signed_in)


def test_a_statement_reckons_to_the_balance(signed_in: Page) -> None:
    signed_in.goto("/console/wallet")
    signed_in.get_by_role("link", name="Statements").click()
    expect(signed_in.locator(".reckoning td").last).to_be_visible()
    cells = signed_in.locator(".reckoning td").all_inner_texts()
    opening, moved, used, closing = (Decimal(text.replace("$", "").replace(",", "")) for text in cells)
    assert opening + moved + used == closing == balance(signed_in)
    for by in ("model", "key", "meter"):
        signed_in.get_by_role("tab", name=f"By {by}").click()
        table = signed_in.get_by_role("region", name=f"Usage by {by}")
        costs = table.locator("tbody tr td:last-child").all_inner_texts()
        assert sum(Decimal(text.removeprefix("$").replace(",", "")) for text in costs) == -used


def test_a_statement_is_a_file_and_a_page_to_print(context: BrowserContext, signed_in: Page) -> None:
    signed_in.goto("/console/statements")
    expect(signed_in.locator(".reckoning")).to_be_visible()
    texts = []
    for name in ("CSV", "JSON"):
        with signed_in.expect_download() as download:
            signed_in.get_by_role("link", name=name, exact=True).click()
        assert re.fullmatch(rf"statement-\d{{4}}-\d\d\.{name.lower()}", download.value.suggested_filename)
        texts.append(download.value.path().read_text("utf-8"))
    assert texts[0].startswith("type,at,amount_usd")
    assert '"object":"statement"' in texts[1]
    with context.expect_page() as opened:
        signed_in.get_by_role("link", name="Page to print").click()
    expect(opened.value.get_by_role("heading", level=1)).to_contain_text("Statement")


def test_months_go_back_to_the_first(signed_in: Page) -> None:
    signed_in.goto("/console/statements/2026-01")
    expect(signed_in.get_by_text("No call was charged in this month.")).to_be_visible()
    expect(signed_in.get_by_label("Month")).to_have_value("2026-01")
    signed_in.goto("/console/statements/2026-13")
    expect(signed_in.get_by_text("There is no page at this address.")).to_be_visible()


PLACES = ("/console/wallet", "/console/wallet?tab=budgets", "/console/wallet?tab=vouchers", "/console/statements")


@pytest.mark.parametrize("path", PLACES)
def test_everyone_can_use_it(signed_in: Page, path: str) -> None:
    signed_in.goto(path)
    expect(signed_in.locator(".stat, .reckoning").first).to_be_visible()
    expect(signed_in.locator(".loading")).to_have_count(0)
    axe_in_both_themes(signed_in)
    signed_in.set_viewport_size({"width": 375, "height": 800})
    fits(signed_in)


# Several organisations ----------------------------------------------------------------------------

FOUND = """(spec) => fetch("/v1/organisations", {
  method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(spec),
}).then((answer) => answer.status)"""


def test_who_runs_the_hub_chooses_whose_money_is_shown_and_moved(signed_in: Page) -> None:
    signed_in.goto("/console/wallet")
    assert signed_in.evaluate(FOUND, {"name": "Harbour", "owner_email": "harbour@hub.test"}) == 201
    own, grants = balance(signed_in), len(movements(signed_in, "grant"))
    signed_in.reload()
    signed_in.get_by_label("Organisation").select_option("Harbour")
    expect(tile(signed_in, "Balance")).to_contain_text("$0.00")
    dialog = begin(signed_in, "Grant money")
    dialog.get_by_label("Amount (USD)").fill("7.25")
    dialog.get_by_role("button", name="Grant").click()
    expect(signed_in.get_by_text("Done: grant of $7.25.")).to_be_visible()
    expect(tile(signed_in, "Balance")).to_contain_text("$7.25")
    expect(signed_in.locator(ROWS)).to_have_count(1)
    signed_in.goto("/console/statements")
    signed_in.get_by_label("Organisation").select_option("Harbour")
    expect(signed_in.get_by_role("main")).to_contain_text("$7.25")
    assert (balance(signed_in), len(movements(signed_in, "grant"))) == (own, grants)
