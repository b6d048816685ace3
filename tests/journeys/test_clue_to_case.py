"""Journey 4: clue → case → notice → compliance, as the public, the officers and the platform see it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from copyhold.enforcement.models import Case, Clue, Notice
from copyhold.inspection import services as inspection
from copyhold.inspection.models import Finding
from copyhold.web.demonstration.furnish import furnish

from .conftest import Office, Visitor, patrol, register

pytestmark = pytest.mark.browser


def a_confirmed_finding() -> None:
    register("cat")
    patrol("半月商城", "/item/6.html")
    finding = Finding.objects.order_by("-match__bits").first()
    inspection.confirm_finding(furnish().actor("officer"), finding, reason="Same picture; no licence is recorded.")


def go(one: Visitor, label: str) -> None:
    """Press the button, or follow the link that looks like one, and wait for what comes."""
    with one.page.expect_navigation():
        one.page.locator("main").locator("a, button").filter(has_text=label).first.click()


def test_the_public_reports_and_follows_its_receipt(visitor: Callable[..., Visitor], office: Office):
    one = visitor(language="zh-hans")
    one.open("/report/")
    one.page.fill("#id_url", "mall.halfmoon.example/item/6.html")
    one.page.fill("#id_title", "窗边的猫")
    one.press("Send the report", "提交举报")
    one.sees("Enter the whole address, from http on.", "请填写完整网址（以 http 开头）。")
    expect(one.page.locator("#id_title")).to_have_value("窗边的猫")
    one.page.fill("#id_url", "http://mall.halfmoon.example/item/6.html")
    one.press("Send the report", "提交举报")
    receipt = one.page.url.rstrip("/").rpartition("/")[2]
    one.sees(receipt, receipt)

    number = office.ask(lambda: Clue.objects.get(origin="report").number)
    officer = visitor("officer", then=f"/clues/{number}/")
    go(officer, "Accept")
    officer.sees("Accepted", "已受理")
    one.open(f"/report/{receipt}")
    one.sees("The office has taken it up", "已受理，正在核查。")
    one.open("/report/no-such-receipt")
    one.sees("There is nothing here", "此处没有内容")


def test_a_clue_becomes_a_case_and_the_platform_complies(visitor: Callable[..., Visitor], office: Office):
    office.ask(a_confirmed_finding)
    office.work()
    officer = visitor("officer")
    file_case(officer, office)
    case = office.ask(lambda: Case.objects.get().number)
    read_case(officer)
    number = serve(officer, office)

    platform = visitor("halfmoon", then="/notices/")
    comply(platform, number)
    assert office.ask(lambda: Notice.objects.get().state) == "complied"
    assert platform.open(f"/cases/{case}/").status in {403, 404}

    officer.open(f"/cases/{case}/")
    officer.sees("Complied with", "已处理")
    officer.sees("Halfmoon Mall", "半月商城")
    go(officer, "Begin the investigation")
    officer.sees("Under investigation", "调查中")


def file_case(officer: Visitor, office: Office) -> None:
    """One officer is not enough; two are."""
    clue = office.ask(lambda: Clue.objects.get(finding__isnull=False).number)
    officer.open("/clues/")
    with officer.page.expect_navigation():
        officer.page.locator(f"main a[href*='{clue}']").first.click()
    go(officer, "Open a case…")
    page = officer.page
    page.get_by_label("执法员 2117").check()
    with page.expect_navigation():
        officer.button("Open a case", "立案").click()
    officer.sees("two", "两名")
    page.get_by_label("执法员 2117").check()
    page.get_by_label("执法员 2140").check()
    page.fill("#id_party", "半月商城入驻商户")
    page.select_option("#id_act", "unlicensed_use")
    with page.expect_navigation():
        officer.button("Open a case", "立案").click()
    assert "/cases/" in page.url


def read_case(officer: Visitor) -> None:
    """The chain from the register to the case, the term, the timeline; what is off says why."""
    page = officer.page
    expect(page.locator(".chain li")).to_have_count(7)
    expect(page.locator(".rec .clock").first).to_be_visible()
    assert page.locator(".acts li").count() >= 2
    off = page.locator("main [aria-disabled=true]", has_text="Drop")
    expect(off).to_have_count(1)
    reason = page.locator(f"#{off.get_attribute('aria-describedby')}")
    expect(reason).to_contain_text("not with your role")
    expect(page.locator("main").get_by_text("Decide…")).to_have_count(0)  # not in this state at all


def serve(officer: Visitor, office: Office) -> str:
    page = officer.page
    go(officer, "Draft a notice to a platform…")
    page.select_option("#id_addressee", label="Halfmoon Mall")
    page.select_option("#id_rule", "ecommerce")
    expect(page.locator("#id_urls")).to_have_value(re.compile("/img/case-6.jpg"))
    officer.press("Draft a notice to a platform", "拟制平台通知")
    go(officer, "Serve the notice")
    officer.sees("Served", "已送达")
    return office.ask(lambda: Notice.objects.get().number)


def comply(platform: Visitor, number: str) -> None:
    page = platform.page
    with page.expect_navigation():
        page.locator(f"main a[href*='{number}']").first.click()
    expect(page.locator("main .clock").first).to_be_visible()
    platform.sees("/img/case-6.jpg", "/img/case-6.jpg")
    expect(page.locator("main").get_by_text("Lift…")).to_have_count(0)
    document = page.locator("main a[href^='/documents/']").first.get_attribute("href")
    answer = page.request.get(f"{platform.office.url}{document}")
    assert answer.body().startswith(b"%PDF-")
    go(platform, "Record compliance…")
    page.fill("#id_answer", "已删除商品页并断开链接。")
    platform.press("Record compliance", "登记已处理")
    platform.sees("Complied with", "已处理")
