"""Clue → case → notice → decision → archive: the whole way, with its papers, its chain and its clocks."""

from datetime import timedelta

from tests.enforcement.conftest import PROPOSAL

from copyhold.core import clock
from copyhold.core.jobs import run_pending
from copyhold.core.ledger import acts_of
from copyhold.enforcement import documents, services
from copyhold.enforcement.chain import chain_of
from copyhold.enforcement.models import Clue


def test_from_two_findings_to_an_archived_case(desk):
    people = desk.people
    findings = [desk.confirmed(), desk.confirmed(url="http://mall.halfmoon.example/item/8")]
    run_pending()
    clues = list(Clue.objects.filter(finding__in=findings).order_by("pk"))
    assert [clue.state for clue in clues] == ["received", "received"]
    assert clues[0].title == f"{findings[0].match.work.title} · mall.halfmoon.example"
    assert (clues[0].platform, clues[0].work, clues[0].office) == (people.mall, findings[0].match.work, people.corps)

    services.accept_clue(people.officer, clues[0])
    case = desk.case(clues)
    assert case.number == f"兰版案〔{clock.today().year}〕1号"
    assert {clue.state for clue in case.clues.all()} == {"filed"}
    assert [link.exhibit for link in case.exhibits.order_by("pk")] == [finding.exhibit for finding in findings]

    notice = services.serve_notice(people.officer, desk.drafted(case))
    assert notice.due_at - notice.served_at == timedelta(hours=24)
    services.record_compliance(people.platform, notice, answer="已下架。")

    services.investigate_case(people.officer, case)
    services.give_prior_notice(people.officer, case, text=PROPOSAL)
    services.record_statement(people.officer, case, text="没有意见，放弃听证。", waives=True)
    services.send_to_review(people.officer, case)
    services.review_case(people.legal, case, opinion="同意。", passes=True)
    services.decide_case(people.head, case, decision="责令停止侵权行为。")
    services.close_case(people.officer, case)

    case.refresh_from_db()
    assert case.state == "closed"
    kinds = list(case.documents.order_by("number").values_list("kind", flat=True))
    assert kinds == ["filing", "platform_notice", "prior_notice", "decision"]
    assert all(documents.read(paper).startswith(b"%PDF-") for paper in case.documents.all())
    links = chain_of(case)
    assert [link.code for link in links] == [
        "registration", "fingerprint", "licence_check", "capture", "match", "clue", "case",
    ]  # fmt: skip
    assert all(link.url_name and link.url_arg for link in links)
    assert list(acts_of(case).values_list("action", flat=True)) == [
        "case.file", "notice.draft", "case.investigate", "case.give_prior_notice", "case.record_statement",
        "case.send_to_review", "case.review", "case.decide", "case.close",
    ]  # fmt: skip
