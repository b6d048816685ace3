"""Journey 1: apply → examine → certify → verify, as the right holder, the examiner and a stranger do it, in both languages."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from copyhold.registry.models import Application, Certificate
from copyhold.web.demonstration import edits, media

from .conftest import NARROW, Office, Visitor

pytestmark = pytest.mark.browser

CAT, COFFEE = "skimage:chelsea.png", "skimage:coffee.png"


def apply(
    one: Visitor, title: str, filename: str, data: bytes, *, send: Callable[[Locator], None] = Locator.click
) -> str:
    """Walk the wizard from the first page to the last; returns the application's number."""
    page = one.page
    one.open("/applications/")
    one.follow("Register a work", "申请登记")
    page.fill("#id_title", title)
    page.fill("#id_title_en", f"{title} (EN)")
    page.check("input[name=category][value=G]")
    page.check("input[name=nature][value=original]")
    one.press("Save and continue", "保存并继续")
    with page.expect_navigation():
        one.chooses("#up", filename, "image/png", data)
    one.sees(filename, filename)
    one.press("Continue", "继续")
    page.check("input[name=ownership][value=individual]")
    page.fill("#id_authors", "沈青")
    for place, part in enumerate(("2", "3", "2025")):
        page.fill(f"#id_completed_on_{place}", part)
    page.fill("#id_completed_at_place", "兰汀")
    page.fill("#id_statement", "现场拍摄并后期调整，构图与光线的选择为独立完成。")
    one.press("Save and continue", "保存并继续")
    page.check("input[name=obtained][value=original]")
    one.press("Save and continue", "保存并继续")
    one.sees("Everything is there", "内容齐全")
    send(one.button("Send the application", "提交申请"))
    page.wait_for_url(lambda url: "/step/" not in url)
    found = re.search(r"A-\d{4}-\d{6}", page.url)
    assert found
    one.sees(f"Sent. Its number is {found[0]}.", f"已提交，编号 {found[0]}。")
    return found[0]


def take_up(one: Visitor, title: str) -> None:
    """Find it in the queue, accept it."""
    one.open("/examination/")
    with one.page.expect_navigation():
        one.page.locator("main").get_by_role("link", name=title).first.click()
    one.press("Accept", "受理")
    one.sees("Accepted. The term of examination runs from now.", "已受理，审查期限自此起算。")


def pass_all(one: Visitor) -> None:
    """Settle every line of the check-list that is still open."""
    while (lines := one.page.locator("#checks .end form button")).count():
        with one.page.expect_navigation():
            lines.first.click()


@pytest.mark.parametrize(("language", "source", "title"), [("en", CAT, "窗边的猫"), ("zh-hans", COFFEE, "晨间咖啡")])
def test_a_picture_is_registered_and_anyone_verifies_it(
    visitor: Callable[..., Visitor], office: Office, language: str, source: str, title: str
):
    holder = visitor("reedbank", language=language)
    number = apply(holder, title, source.partition(":")[2], media.read(source))
    office.work()

    examiner = visitor("examiner", language=language)
    take_up(examiner, f"{title} (EN)" if language == "en" else title)
    expect(examiner.button("Approve and register", "准予登记")).to_have_attribute("aria-disabled", "true")
    examiner.sees("“Approve” opens when these are settled", "以下审查项通过后方可准予登记")
    correct(examiner, holder, number)
    pass_all(examiner)
    examiner.press("Approve and register", "准予登记")
    examiner.sees("Approved and registered", "已准予登记")
    office.work()

    work = office.ask(lambda: Application.objects.select_related("work").get(number=number).work)
    holder.open(f"/applications/{number}/")
    pdf = holder.downloads(holder.link("Download the certificate", "下载证书"))
    bundle = holder.downloads(holder.link("With proof (ZIP)", "连同证明（ZIP）"))
    assert pdf.startswith(b"%PDF-")
    assert bundle.startswith(b"PK")
    assert office.ask(lambda: Certificate.objects.filter(work=work).count()) == 1
    verify_all(visitor(language=language, size=NARROW, sharpness=3), work.number, pdf, bundle)


def correct(examiner: Visitor, holder: Visitor, number: str) -> None:
    """The office asks for a correction, the right holder answers, and the work-bench shows the answer."""
    asked = "请说明拍摄过程。Say how the picture was taken."
    examiner.follow("Ask for correction…", "要求补正……")
    examiner.page.check("input[name=ground][value=none]")
    examiner.page.fill("#id_text", asked)
    examiner.press("Send the request", "发出补正通知")
    examiner.sees("The request for correction was sent.", "补正通知已发出。")

    holder.open("/applications/")
    holder.page.locator(".note.wait a").first.click()
    holder.sees(asked, asked)
    holder.follow("Creation", "创作情况")
    holder.page.fill("#id_statement", "二〇二五年三月于窗前拍摄，自然光，后期仅调整曝光。")
    holder.press("Save and continue", "保存并继续")
    holder.open(f"/applications/{number}/answer/")
    holder.page.fill("#id_text", "已补充拍摄过程。")
    holder.press("Send the correction", "提交补正")
    holder.sees("Your correction was sent.", "补正已提交。")

    examiner.open(f"/examination/{number}/")
    examiner.sees("已补充拍摄过程。", "已补充拍摄过程。")
    examiner.sees("后期仅调整曝光", "后期仅调整曝光")


def verify_all(anyone: Visitor, number: str, pdf: bytes, bundle: bytes) -> None:
    """By number, by QR, by bundle, by PDF; and one changed byte is refused."""
    anyone.open("/verify/")
    anyone.page.fill("#number", number)
    anyone.press("Verify", "核验")
    anyone.sees("Genuine and in force", "真实有效")

    anyone.open(f"/works/{number}")
    target = anyone.reads_qr(".cert svg.qr")
    assert target.startswith(anyone.office.url)
    anyone.open(target)
    anyone.sees("Genuine and in force", "真实有效")

    changed = bytearray(bundle)
    changed[len(changed) // 2] ^= 1
    other = bytearray(pdf)
    other[len(other) // 2] ^= 1
    for name, data, words in (
        ("bundle.zip", bundle, ("Genuine and in force", "真实有效")),
        ("certificate.pdf", pdf, ("Genuine and in force", "真实有效")),
        ("changed.zip", bytes(changed), ("Not genuine, or changed", "不真实或已被改动")),
        ("changed.pdf", bytes(other), ("Not genuine, or changed", "不真实或已被改动")),
    ):
        anyone.open("/verify/")
        anyone.drops("[data-drop]", name, "application/octet-stream", data)
        anyone.sees(name, name)
        anyone.press("Check the file", "核验文件")
        anyone.sees(*words)


def test_an_edited_copy_is_shown_beside_the_original_and_refused(visitor: Callable[..., Visitor], office: Office):
    """Follows the journeys above: “Cat at the Window” is registered."""
    copyist = visitor("farshore")
    number = apply(copyist, "家有小猫", "kitten.jpg", edits.mirrored_crop(media.read(CAT)))
    office.work()
    examiner = visitor("examiner2")
    take_up(examiner, "家有小猫 (EN)")
    expect(examiner.page.locator("#check-duplicate")).to_have_class(re.compile("warn"))
    pair = examiner.page.locator("#likeness")
    expect(pair.locator("img")).to_have_count(2)
    for place in range(2):
        loaded = (
            pair.locator("img")
            .nth(place)
            .evaluate("async image => { await image.decode(); return image.naturalWidth; }")
        )
        assert loaded > 0
    assert pair.locator("svg path.region").count() >= 2
    for view in ("over", "difference", "beside"):
        examiner.page.click(f"[data-view={view}]")
        expect(pair).to_have_attribute("data-mode", view)
    examiner.sees("mirrored", "已镜像")

    examiner.follow("Refuse…", "不予登记……")
    examiner.button("Refuse and send", "作出决定并发出").click()
    examiner.sees("Choose the ground.", "请选择事由。")
    examiner.page.check("input[name=ground][value=copy_of_other]")
    examiner.page.fill(
        "#id_text", "与在先登记的《窗边的猫》相同。The same picture as “Cat at the Window”, registered earlier."
    )
    examiner.press("Refuse and send", "作出决定并发出")
    examiner.sees("Refused; the letter was sent.", "已作出不予登记决定并发出通知。")

    copyist.open(f"/applications/{number}/")
    copyist.sees("Refused", "不予登记")
    letter = office.ask(lambda: Application.objects.get(number=number).letters.get(kind="refusal"))
    assert letter.article
    copyist.sees(letter.article, letter.article)
