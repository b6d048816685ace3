"""What people do send and do: broken files, double clicks, the back button, two at one record, a session that ended.

Each ends in a clear sentence with what to do, and with nothing half-done.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect
from pypdf import PdfWriter

from copyhold.core import ledger
from copyhold.registry.models import Application, Deposit
from copyhold.web.demonstration import media

from .conftest import Office, Visitor
from .test_apply_to_verify import apply

pytestmark = pytest.mark.browser

PICTURE = media.read("skimage:rocket.jpg")


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture_without_pixels() -> bytes:
    header = struct.pack(">IIBBBBB", 0, 0, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def locked_pdf() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def zip_bomb(entry: str) -> bytes:
    """Half a gigabyte of nothing in half a megabyte, in the clothes of a Word document."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open(entry, "w") as inside:
            for _ in range(512):
                inside.write(bytes(1 << 20))
    return out.getvalue()


BROKEN = {
    "empty.jpg": (b"", "Choose a file first."),
    "half.jpg": (PICTURE[: len(PICTURE) // 2], "Send the original file"),
    "letter.jpg": ("这不是图片。This is no picture.\n".encode() * 40, "The file is called .jpg, but it is not"),
    "locked.pdf": (locked_pdf(), "encrypted. Send it without a password."),
    "bomb.docx": (zip_bomb("word/document.xml"), "Send it in parts."),
    "bomb.zip": (zip_bomb("zeros"), "Send the files that are in it."),
    "no-pixels.png": (picture_without_pixels(), "Send the original file"),
}


def test_broken_files_are_refused_with_what_to_do(visitor: Callable[..., Visitor], office: Office):
    """Each at the step “Files”: named, explained, and nothing is filed."""
    one = visitor("reedbank", then="/applications/new/")
    begin(one, "破损文件")
    one.press("Save and continue", "保存并继续")
    step = one.page.url
    for name, (data, words) in BROKEN.items():
        with one.page.expect_navigation():
            one.chooses("#up", name, "application/octet-stream", data)
        one.sees("Not filed", "未能接收")
        one.sees(f"“{name}”:", f"“{name}”：")
        one.sees(words, words)
        expect(one.page.locator(".errsum")).to_be_focused()
    with one.page.expect_navigation():
        one.page.get_by_role("link", name="中文").first.click()
    expect(one.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(one.page.locator("main h1")).to_have_text("样本文件")
    with one.page.expect_navigation():
        one.page.get_by_role("link", name="English").first.click()
    assert office.ask(lambda: Deposit.objects.filter(application__title="破损文件").count()) == 0
    assert one.open(step.replace("/step/2/", "/submit/")).status == 405
    one.sees("This is the address of a button. Go back and press it.", "")
    one.open(step)
    with one.page.expect_navigation():
        one.chooses("#up", "whole.jpg", "image/jpeg", PICTURE)
    one.sees("whole.jpg", "whole.jpg")


def begin(one: Visitor, title: str) -> None:
    one.page.fill("#id_title", title)
    one.page.check("input[name=category][value=G]")
    one.page.check("input[name=nature][value=original]")


def test_a_file_over_the_limit(visitor: Callable[..., Visitor], tmp_path: Path):
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.truncate(65_000_000)
    one = visitor()
    one.open("/identify/")
    with one.page.expect_navigation():
        one.page.set_input_files("#up", large)
    one.sees("The file has 65.0 MB; at most 64.0 MB can be taken here. Send a smaller one.", "")


def test_a_double_click_sends_once_and_back_leads_on(visitor: Callable[..., Visitor], office: Office):
    one = visitor("reedbank")
    number = apply(one, "双击", "rocket.jpg", PICTURE, send=lambda button: button.dblclick())
    assert office.ask(lambda: acts_of(number).count("application.submit")) == 1
    assert not one.page.get_by_text("Something went wrong").count()
    one.page.go_back()
    one.page.wait_for_load_state()
    if one.page.url.endswith("/step/5/"):  # the browser kept the page: its button must not act again
        one.press("Send the application", "提交申请")
    one.open(f"/applications/{number}/")
    one.sees("Submitted", "已提交")
    assert office.ask(lambda: acts_of(number).count("application.submit")) == 1


def test_two_windows_cannot_send_one_application_twice(visitor: Callable[..., Visitor], office: Office):
    one, other = visitor("reedbank"), visitor("reedbank")

    def in_two_windows(button: object) -> None:
        other.open(one.page.url)
        button.click()
        one.page.wait_for_url(lambda url: "/step/" not in url)

    number = apply(one, "两个窗口", "rocket.jpg", PICTURE, send=in_two_windows)
    other.press("Send the application", "提交申请")
    other.sees("Someone was faster, or the record has moved on", "记录已有变化")
    other.sees("Nothing was overwritten. Open the record again", "没有覆盖任何内容")
    assert office.ask(lambda: acts_of(number).count("application.submit")) == 1


def acts_of(number: str) -> list[str]:
    return [act.action for act in ledger.acts_of(Application.objects.get(number=number))]


def test_two_examiners_at_one_application(visitor: Callable[..., Visitor], office: Office):
    number = apply(visitor("farshore"), "两位审查员", "rocket.jpg", PICTURE)
    office.work()
    first, second = (visitor(login, then=f"/examination/{number}/") for login in ("examiner", "examiner2"))
    first.press("Take it", "领取")
    first.sees("It is yours now.", "已领取。")
    second.press("Take it", "领取")
    second.sees("Someone was faster, or the record has moved on", "记录已有变化")
    second.sees("Open the record again and look before you act.", "请重新打开记录")
    second.open(f"/examination/{number}/")
    second.sees("has taken it.", "已由")
    expect(second.button("Accept", "受理")).to_have_attribute("aria-disabled", "true")
    first.press("Accept", "受理")
    first.sees("Accepted.", "已受理")


def test_a_session_that_ended_in_mid_form_says_so(visitor: Callable[..., Visitor], office: Office):
    one = visitor("reedbank", then="/applications/new/")
    begin(one, "会话过期")
    one.press("Save and continue", "保存并继续")
    form = one.page.url.replace("/step/2/", "/step/3/")
    one.open(form)
    one.page.fill("#id_statement", "写了很久的说明")
    office.ask(lambda: Session.objects.all().delete())
    one.press("Save and continue", "保存并继续")
    one.sees("You had been signed out, so what you just sent was not saved.", "登录已失效")
    one.page.fill("#id_login", "reedbank")
    one.page.fill("#id_password", "copyhold")
    one.press("Sign in", "登录")
    assert one.page.url == form, "after signing in one is back at the form"
    one.sees("“会话过期”", "《会话过期》")  # what was saved before is there


def test_what_is_right_is_kept_when_something_else_is_wrong(visitor: Callable[..., Visitor]):
    one = visitor("reedbank", then="/applications/new/")
    begin(one, "半对半错")
    one.press("Save and continue", "保存并继续")
    one.open(one.page.url.replace("/step/2/", "/step/3/"))
    one.page.fill("#id_authors", "沈青")
    for place, part in enumerate(("31", "2", "2025")):
        one.page.fill(f"#id_completed_on_{place}", part)
    one.press("Save and continue", "保存并继续")
    one.sees("There is no such day. Check it.", "没有这一天，请核对。")
    expect(one.page.locator(".errsum")).to_be_focused()
    expect(one.page.locator("#id_authors")).to_have_value("沈青")
    expect(one.page.locator("#id_completed_on_0")).to_have_value("31")
    one.page.locator(".errsum a", has_text="There is no such day").click()
    expect(one.page.locator("#id_completed_on_0")).to_be_focused()


def test_a_wrong_password_and_a_number_nobody_has(visitor: Callable[..., Visitor]):
    one = visitor()
    one.open("/sign-in/")
    one.page.fill("#id_login", "reedbank")
    one.page.fill("#id_password", "wrong")
    one.press("Sign in", "登录")
    one.sees("Account and password do not belong together. Check both.", "账号与密码不符")
    expect(one.page.locator("#id_login")).to_have_value("reedbank")
    one.open("/verify/")
    one.page.fill("#number", "兰作登字-2026-G-99999999")
    one.press("Verify", "核验")
    one.sees("Not in this register", "登记簿中没有该编号")
    one.sees("Check each sign of the number.", "请逐字核对编号")
    one.open("/applications/A-2026-000001/")
    one.sees("Sign in", "登录")
