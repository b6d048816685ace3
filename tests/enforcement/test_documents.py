"""Each paper of a case is a readable PDF with its number, parties, facts, articles, addresses, exhibits and term."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from copyhold.core.jobs import run_pending
from copyhold.core.ledger import acts_of
from copyhold.enforcement import documents, papers, services
from copyhold.enforcement.models import Clue, Document
from copyhold.registry.errors import Unprintable


def text_of(document):
    reader = PdfReader(BytesIO(documents.read(document)))
    words = "".join(page.extract_text() for page in reader.pages)
    return re.sub(r"[\s\u200b\xad]+", "", words), reader


@pytest.fixture
def file(desk):
    """A case from a finding, decided; its papers by kind."""
    people = desk.people
    desk.confirmed()
    run_pending()
    case = desk.case(list(Clue.objects.all()))
    services.serve_notice(people.officer, desk.drafted(case))
    services.investigate_case(people.officer, case)
    services.give_prior_notice(people.officer, case, text="拟责令停止侵权行为。")
    services.record_statement(people.officer, case, text="没有意见。", waives=True)
    services.send_to_review(people.officer, case)
    services.review_case(people.legal, case, opinion="同意。", passes=True)
    services.decide_case(people.head, case, decision="责令停止侵权行为。")
    return case, {paper.kind: paper for paper in case.documents.all()}


EVERY = ["兰汀省版权局", "兰汀省执法总队", "半月商城入驻商户", "盐沼夜鹭", "通过信息网络擅自向公众提供他人作品"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("filing", ["立案审批表", *EVERY, "自行检查", "C-20", "第六十条", "item/7", "officer、officer2"]),
        ("platform_notice", ["平台处理通知书", "半月商城", "N-20", "盐沼夜鹭", "电子商务法》第四十二条", "item/7"]),
        ("prior_notice", ["行政处罚事先告知书", *EVERY, "拟责令停止侵权行为", "第四十五条", "听证"]),
        ("decision", ["行政处罚决定书", *EVERY, "责令停止侵权行为", "没有意见", "第六十条", "行政复议"]),
    ],
)
def test_a_paper_says_what_it_must(file, kind, words):
    case, papers_of = file
    text, reader = text_of(papers_of[kind])
    missing = [word for word in words if word not in text]
    assert not missing, text
    exhibit = case.exhibits.get().exhibit
    assert exhibit.number in text
    assert exhibit.manifest_sha256 in text
    assert (case.number in text) or kind == "platform_notice"
    assert reader.metadata.title
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_the_term_on_the_notice_is_the_one_that_runs(file):
    case, papers_of = file
    notice = case.notices.get()
    due = notice.due_at.astimezone(papers.law.pack_of(notice).zone)
    text, _ = text_of(papers_of["platform_notice"])
    assert f"{due.year}年{due.month}月{due.day}日{due:%H:%M}前" in text


def test_a_notice_claims_a_match_only_where_there_is_one(desk, file):
    _, papers_of = file
    assert "未见覆盖该使用的许可" in text_of(papers_of["platform_notice"])[0]
    complained = Document.objects.get(notice=desk.served())
    assert "登记作品相同" not in text_of(complained)[0]
    assert "涉嫌侵犯著作权" in text_of(complained)[0]


@pytest.mark.parametrize(
    ("rule", "words"), [("network", "应当立即恢复"), ("ecommerce", "15日内"), ("civil", "合理期限内")]
)
def test_a_notice_says_how_its_rule_restores(desk, rule, words):
    assert words in text_of(Document.objects.get(notice=desk.served(rule=rule)))[0]


def test_papers_are_numbered_in_the_order_of_the_file(file):
    case, _ = file
    assert list(case.documents.order_by("pk").values_list("number", flat=True)) == [1, 2, 3, 4]
    assert "之4" in text_of(case.documents.get(number=4))[0]


def test_the_digest_of_each_paper_stands_in_the_ledger(file):
    case, papers_of = file
    told = {entry.detail.get("document") for entry in acts_of(case)} | {
        entry.detail.get("document") for entry in acts_of(case.notices.get())
    }
    assert {paper.blob_id for paper in papers_of.values()} <= told


def test_a_referral_bears_its_marks(desk):
    people, case = desk.people, desk.investigating()
    services.record_quantities(people.officer, case, quantities={"copies": 12406})
    services.refer_case(people.head, case, reason="复制品数量达到追诉标准。")
    text, _ = text_of(case.documents.get(kind="referral"))
    assert "12,406/500达到" in text
    assert "行政执法机关移送涉嫌犯罪案件的规定" in text


def test_what_no_font_can_show_is_refused_and_the_state_stays(desk):
    case = desk.investigating()
    with pytest.raises(Unprintable):
        services.give_prior_notice(desk.people.officer, case, text="拟处罚 \U0001f9ff\U0010fffd")
    case.refresh_from_db()
    assert (case.state, case.documents.count()) == ("investigating", 1)


@pytest.mark.parametrize("typed", ["#panic()", "= 标题", "$x$", "*粗* _斜_", "<a>", "//", "\\", "#{}[]", "@ref", "~"])
def test_what_is_typed_is_never_markup(desk, typed):
    case = desk.case(party=f"甲{typed}乙")
    assert re.sub(r"\s", "", f"甲{typed}乙") in text_of(case.documents.get())[0]


def test_a_long_paper_goes_on_to_further_pages(desk):
    people = desk.people
    urls = [f"http://mall.halfmoon.example/item/{at}?{'q' * 150}" for at in range(150)]
    notice = services.draft_notice(people.officer, desk.case(), addressee=people.mall, rule="ecommerce", urls=urls)
    services.serve_notice(people.officer, notice)
    text, reader = text_of(Document.objects.get(notice=notice))
    assert len(reader.pages) > 2
    assert "item/149" in text


def test_a_picture_of_it_is_a_png(desk):
    case = desk.case()
    content = papers.content_of(papers.filing_form(case, list(case.clues.all())), case.office)
    assert documents.render_picture(content).startswith(b"\x89PNG")
