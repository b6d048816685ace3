"""Journey 3: target → patrol → capture → match → licence check → finding, as the officer does it."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from copyhold.core import clock
from copyhold.inspection.models import Finding, Patrol
from copyhold.registry import services as registry
from copyhold.web.demonstration.furnish import furnish
from copyhold.web.demonstration.sites import MALL, NEWS

from .conftest import Office, Visitor, register

pytestmark = pytest.mark.browser


def licensed_elsewhere() -> str:
    """“Cat at the Window” is registered, and licensed to the newspaper: not to the mall."""
    work = register("cat")[0]
    today = clock.today()
    licence = registry.record_licence(
        furnish().actor("reedbank"), work=work, licensee="河岸新闻网", rights=["network"], hosts=[NEWS], territories=["CN"],
        valid_from=today, valid_to=today + timedelta(days=365),
    )  # fmt: skip
    return licence.number


def test_a_patrol_finds_a_copy_and_an_officer_confirms_it(visitor: Callable[..., Visitor], office: Office):
    licence = office.ask(licensed_elsewhere)
    officer = visitor("officer")
    order_patrol(officer)
    office.work()
    officer.page.reload()
    assert office.ask(lambda: Patrol.objects.get().state) == "finished"
    officer.sees(f"http://{MALL}/item/6.html", MALL)

    number = office.ask(lambda: Finding.objects.get().number)
    officer.open("/findings/")
    with officer.page.expect_navigation():
        officer.page.locator(f"main a[href*='{number}']").first.click()
    look(officer, licence)
    judge(officer)
    office.work()
    officer.open(f"/findings/{number}/")
    officer.sees("Confirmed", "已确认")
    assert officer.page.locator("main a[href*='/clues/']").count()
    check_exhibit(officer)


def order_patrol(officer: Visitor) -> None:
    page = officer.page
    officer.open("/targets/new/")
    page.fill("#id_name", "半月商城")
    page.fill("#id_places", "mall.halfmoon.example")
    page.fill("#id_max_pages", "3")
    page.fill("#id_delay_s", "0.2")
    officer.press("Add the target", "新增目标")
    officer.sees("Enter a whole address, from http on: mall.halfmoon.example", "请填写完整网址")
    page.fill("#id_places", f"http://{MALL}/item/6.html")
    officer.press("Add the target", "新增目标")
    assert re.search(r"/targets/T-\d{4}-\d{4}/$", page.url)
    with page.expect_navigation():
        page.locator("form[action$='/patrol/'] button").click()
    assert re.search(r"/patrols/P-\d{4}-\d{6}/$", page.url)
    officer.sees("is ordered.", "已下达巡查")


def look(officer: Visitor, licence: str) -> None:
    """The evidence side by side, the licence check with its reason, the custody."""
    images = officer.page.locator(".pair img")
    expect(images).to_have_count(2)
    for place in range(2):
        assert images.nth(place).evaluate("async image => { await image.decode(); return image.naturalWidth; }") > 0
    assert officer.page.locator(".pair svg path.region").count() >= 2
    officer.sees(licence, licence)
    officer.sees("河岸新闻网", "河岸新闻网")
    officer.sees("Sealed", "封存")
    officer.sees("Opened", "调阅")  # the looking itself is in the custody
    officer.sees("窗边的猫", "窗边的猫") if officer.language != "en" else officer.sees("Cat at the Window", "")


def judge(officer: Visitor) -> None:
    page = officer.page
    send = page.locator("form[action*='/judge/'] button").last
    page.check("input[name=judgement][value=confirm]")
    with page.expect_navigation():
        send.click()
    officer.sees("Give a reason that a stranger can follow.", "请写明理由。")
    expect(page.locator("input[name=judgement][value=confirm]")).to_be_checked()
    page.fill("#id_reason", "The mall shows the registered picture; the only licence is for another site.")
    with page.expect_navigation():
        send.click()
    officer.sees("Confirmed; a clue follows from it.", "已确认，线索随后生成。")


def check_exhibit(officer: Visitor) -> None:
    """The exhibit is verified on its page, and its bundle by a stranger."""
    with officer.page.expect_navigation():
        officer.page.locator("main a[href*='/exhibits/']").first.click()
    with officer.page.expect_navigation():
        officer.page.locator("form[action$='/check/'] button").click()
    officer.sees("Checked just now: every proof holds", "刚刚核对：全部证明有效")
    bundle = officer.downloads(officer.page.locator("form[action$='/bundle/'] button"))
    officer.open("/verify/")
    officer.drops("[data-drop]", "exhibit.zip", "application/zip", bundle)
    officer.press("Check the file", "核验文件")
    officer.sees("Genuine: sealed evidence of this office", "真实：本机构封存的证据")
