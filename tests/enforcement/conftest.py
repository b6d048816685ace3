"""The desk of the enforcement corps: clues of every origin, cases at each stage, by the real services."""

import hashlib
from datetime import date
from types import SimpleNamespace

import pytest

from copyhold.core import clock, vault
from copyhold.enforcement import services
from copyhold.enforcement.models import Case, Clue, Notice
from copyhold.evidence.services import Item, seal_exhibit
from copyhold.inspection.models import Finding, Match, Patrol, Sighting, Target
from copyhold.inspection.services import confirm_finding
from copyhold.people.actors import system
from copyhold.people.models import Account
from copyhold.reference.models import Fingerprint
from copyhold.registry import rules as registry_rules
from copyhold.registry import services as registry
from copyhold.registry.models import Work

INSPECTION = system("inspection")
PROPOSAL = "当事人未经许可传播登记作品，拟责令停止侵权行为并没收违法所得。\n依据见下。"


class Desk:
    """Brings clues, cases and notices to a stage, with the people of `tests/conftest.py`."""

    def __init__(self, people: SimpleNamespace) -> None:
        self.people = people
        self.count = 0

    def work(self) -> Work:
        """A registered work of Reedbank Studio."""
        people = self.people
        self.count += 1
        application = registry.start_application(
            people.holder, applicant=people.reedbank, office=people.office, title=f"盐沼夜鹭之{self.count}",
            title_en="Night Heron", category="F", nature="original", ownership="individual", obtained="original",
            completed_on=date(2024, 1, 18), completed_at_place="兰汀", statement="独立完成。",
            authors=[{"name": "林秋水", "nationality": "CN", "signature": "real"}],
        )  # fmt: skip
        registry.add_deposit(
            people.holder, application, filename="heron.png", data=b"heron %d" % self.count, medium="image",
            media_type="image/png",
        )  # fmt: skip
        registry.submit_application(people.holder, application)
        registry.accept_application(people.examiner, application)
        for code in registry_rules.CODES:
            registry.record_check(people.examiner, application, item=code, outcome="pass", note="seen")
        return registry.approve_application(people.examiner, application)

    def finding(self, url: str = "http://mall.halfmoon.example/item/7") -> Finding:
        """A match that no licence covers, with its sealed exhibit, as a patrol leaves it."""
        people, work = self.people, self.work()
        target = Target.objects.create(
            number=f"T-2026-{self.count:04d}", name="半月商城", places=[url], hosts=["mall.halfmoon.example"],
            office=people.corps, platform=people.mall,
        )  # fmt: skip
        patrol = Patrol.objects.create(number=f"P-2026-{self.count:06d}", target=target, queued_at=clock.now())
        sighting = Sighting.objects.create(
            patrol=patrol, page_url=url, resource_url=f"{url}.jpg", medium="image", media_type="image/jpeg",
            blob=vault.put(b"copy %d" % self.count, "image/jpeg"), captured_at=clock.now(), outcome="matched",
        )  # fmt: skip
        fingerprint = Fingerprint.objects.create(
            deposit=work.application.deposits.get(), medium="image", recogniser_version=1,
            blob=vault.put(b"fingerprint %d" % self.count, "application/octet-stream"), postings=88,
            made_at=clock.now(),
        )  # fmt: skip
        match = Match.objects.create(
            sighting=sighting, fingerprint=fingerprint, work=work, bits=90.0, query_share=0.4, work_share=0.91,
            match={"segments": []}, explanation=vault.put(b"explanation", "application/octet-stream"),
            verdict="finding", reasons=[{"code": "no_licence", "licence": "", "covers": False, "en": "", "zh": ""}],
        )  # fmt: skip
        items = [Item("copy.jpg", "copy", "image/jpeg", b"\xff\xd8\xff %d" % self.count)]
        exhibit = seal_exhibit(
            INSPECTION, title="Phone case", source=url, captured_at=clock.now(), items=items, office=people.corps
        )
        return Finding.objects.create(
            number=f"F-2026-{self.count:06d}", match=match, exhibit=exhibit, office=people.corps, found_at=clock.now()
        )

    def confirmed(self, **fields: str) -> Finding:
        return confirm_finding(self.people.officer, self.finding(**fields), reason="同一作品，未见许可。")

    def clue(self, **fields: object) -> Clue:
        self.count += 1
        facts = {"origin": "complaint", "title": f"投诉之{self.count}", "text": "见附件。", "office": self.people.corps}
        facts["url"] = f"http://mall.halfmoon.example/item/{self.count}"
        return services.receive_clue(self.people.officer, **{**facts, **fields})

    @property
    def officers(self) -> list[Account]:
        return [self.people.officer.account, self.people.second_officer.account]

    def case(self, clues: list[Clue] | None = None, **fields: object) -> Case:
        facts = {"title": "半月商城销售侵权商品", "party": "半月商城入驻商户", "act": "network_offer"}
        return services.file_case(
            self.people.head, clues=clues or [self.clue()], officers=self.officers, **{**facts, **fields}
        )

    def investigating(self) -> Case:
        return services.investigate_case(self.people.officer, self.case())

    def pre_notice(self) -> Case:
        return services.give_prior_notice(self.people.officer, self.investigating(), text=PROPOSAL)

    def legal_review(self, *, waives: bool = True) -> Case:
        case = self.pre_notice()
        if waives:
            services.record_statement(self.people.officer, case, text="没有意见。", waives=True)
        return services.send_to_review(self.people.officer, case)

    def reviewed(self, *, waives: bool = True) -> Case:
        case = self.legal_review(waives=waives)
        return services.review_case(self.people.legal, case, opinion="事实清楚，程序合法。", passes=True)

    def decided(self) -> Case:
        return services.decide_case(self.people.head, self.reviewed(), decision="责令立即停止侵权行为。")

    def drafted(self, case: Case | None = None, rule: str = "ecommerce") -> Notice:
        return services.draft_notice(
            self.people.officer, case or self.case(), addressee=self.people.mall, rule=rule,
            urls=["http://mall.halfmoon.example/item/7"],
        )  # fmt: skip

    def served(self, rule: str = "ecommerce") -> Notice:
        return services.serve_notice(self.people.officer, self.drafted(rule=rule))


@pytest.fixture
def desk(people: SimpleNamespace) -> Desk:
    return Desk(people)


@pytest.fixture
def desk_committed(people_committed: SimpleNamespace) -> Desk:
    return Desk(people_committed)


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
