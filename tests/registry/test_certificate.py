"""The certificate shows the items of the template and nothing else, in both languages, on one page, for ever alike."""

import io
import json
import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader

from copyhold.core import vault
from copyhold.jurisdictions import load_version
from copyhold.registry import services
from copyhold.registry.certificate import rendering
from copyhold.registry.certificate.content import CertificateFacts, Words, content_of
from copyhold.registry.errors import Unprintable
from copyhold.registry.jobs import issue_certificate

PACK = load_version("cn", "2026-1")
AT = datetime(2026, 6, 15, 6, tzinfo=UTC)
FACTS = CertificateFacts(
    number="兰作登字-2026-F-00000017",
    title=Words(zh="盐沼夜鹭", en="Night Heron over the Salt Marsh"),
    category=Words(zh="美术作品", en="Fine art"),
    authors=("林秋水", "𠮷野䶮"),
    owner=Words(zh="苇岸工作室", en="Reedbank Studio"),
    completed_on=date(2024, 1, 18),
    published_on=date(2024, 2, 6),
    registered_on=date(2026, 6, 15),
    office=Words(zh="兰汀省版权局", en="Lanting Copyright Office"),
    basis=Words(zh=PACK.certificate_basis.name.zh, en=PACK.certificate_basis.name.en),
    effect=Words(zh=PACK.effect.name.zh, en=PACK.effect.name.en),
    verify_url="https://copyright.example/v/%E5%85%B0%E4%BD%9C%E7%99%BB%E5%AD%97-2026-F-00000017",
)
ATTACHED = b'{"credentialSubject":{"number":"1"}}'


def pdf_of(facts=FACTS, at=AT):
    return rendering.render(content_of(facts, credential=ATTACHED), made_at=at)


def text_of(pdf):
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text.replace("\u200b", "").split())


def test_every_item_of_the_template_stands_on_the_page():
    text = text_of(pdf_of())
    for item in (
        "作品登记证书", "Certificate of Registration", "登记号", "兰作登字-2026-F-00000017",
        "作品名称", "盐沼夜鹭", "Night Heron over the Salt Marsh", "作品类别", "美术作品", "Fine art",
        "作者", "林秋水", "著作权人", "苇岸工作室", "Reedbank Studio", "创作完成日期", "2024-01-18",
        "首次发表日期", "2024-02-06", "登记日期", "2026-06-15", "登记机构", "兰汀省版权局", "Lanting Copyright Office",
        "第十二条", "article 12 of the Copyright Law", "2026 年 6 月 15 日", "15 June 2026", "prima facie evidence",
    ):  # fmt: skip
        assert item in text, item


def test_rare_characters_in_names_print():
    text = text_of(pdf_of())
    assert "𠮷野䶮" in text


def test_the_same_facts_give_the_same_bytes():
    assert pdf_of() == pdf_of()
    assert pdf_of(at=datetime(2026, 6, 16, tzinfo=UTC)) != pdf_of()


def test_another_process_gives_the_same_bytes_too():
    script = (
        "import pickle, sys; from copyhold.registry.certificate import rendering;"
        "content, at = pickle.load(sys.stdin.buffer); sys.stdout.buffer.write(rendering.render(content, made_at=at))"
    )
    given = pickle.dumps((content_of(FACTS, credential=ATTACHED), AT))
    made = subprocess.run([sys.executable, "-c", script], input=given, stdout=subprocess.PIPE, check=True)
    assert made.stdout == pdf_of()


def test_it_is_an_archivable_and_accessible_pdf_with_its_data_attached():
    reader = PdfReader(io.BytesIO(pdf_of()))
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"].startswith("zh")
    assert reader.metadata.title == "作品登记证书 兰作登字-2026-F-00000017"
    assert reader.attachments == {"certificate.json": [ATTACHED]}


def test_it_carries_its_fonts_with_it():
    reader = PdfReader(io.BytesIO(pdf_of()))
    fonts = reader.pages[0]["/Resources"]["/Font"]
    for name in fonts:
        descriptor = fonts[name]["/DescendantFonts"][0]["/FontDescriptor"]
        assert {"/FontFile3", "/FontFile2"} & set(descriptor)


@pytest.mark.parametrize(
    "facts",
    [
        replace(FACTS, title=Words(zh="长" * 300, en="Long " * 60)),
        replace(FACTS, authors=tuple(f"作者{n}" for n in range(60))),
        replace(FACTS, owner=Words(zh="司" * 200, en="Company " * 25), title=Words(zh="题" * 300, en="Title " * 50)),
        replace(FACTS, office=Words(zh="版" * 30, en="Office " * 12)),
        replace(FACTS, authors=tuple(f"第{n}作者" for n in range(5000))),
        replace(FACTS, completed_on=None, published_on=None, title=Words(zh="x")),
        replace(FACTS, title=Words(zh="a" * 300)),
    ],
    ids=[
        "long title",
        "sixty authors",
        "long owner",
        "long office",
        "five thousand authors",
        "little known",
        "one long word",
    ],
)
def test_it_stays_on_one_page(facts):
    reader = PdfReader(io.BytesIO(pdf_of(facts)))
    assert len(reader.pages) == 1
    assert facts.office.zh[:5] in reader.pages[0].extract_text()


@pytest.mark.parametrize(
    "hostile", ["#panic()", "*bold* $x$ <label> @ref", '"; #sys', "\\u{41}", "//comment", "= Title"]
)
def test_what_was_typed_is_shown_and_never_run(hostile):
    assert hostile in text_of(pdf_of(replace(FACTS, title=Words(zh=hostile))))


@pytest.mark.parametrize("letters", ["\U0001f9ab", "\u202e", "\x07", "ཀ"])
def test_characters_that_no_font_holds_are_told_at_filing(letters):
    with pytest.raises(Unprintable):
        rendering.need_printable([f"夜鹭{letters}"])


def test_an_application_with_such_a_title_is_told_before_it_is_filed(desk):
    application = desk.draft(title="夜鹭\U0001f9ab")
    with pytest.raises(Unprintable):
        services.submit_application(desk.people.holder, application)
    application.refresh_from_db()
    assert application.state == "draft"


def test_ordinary_names_are_printable():
    rendering.need_printable(["𠮷野䶮", "Zoë Ångström", "Łukasz", "Ελένη", "Лев Толстой", "김민준", "やまだ", "A·B—C…"])


def test_the_issued_pdf_carries_the_record_for_machines(desk):
    work = desk.registered()
    issue_certificate.call(work_id=work.pk)
    certificate = work.certificates.get()
    pdf = vault.get(certificate.pdf_id)
    attached = json.loads(PdfReader(io.BytesIO(pdf)).attachments["certificate.json"][0])
    signed = dict(certificate.credential["credentialSubject"])
    assert signed.pop("pdf_sha256") == certificate.pdf_id
    assert attached["credentialSubject"] == signed
    assert work.number in text_of(pdf)


def test_the_code_leads_to_the_page_that_verifies(desk):
    import cv2
    import numpy as np

    work = desk.registered()
    picture = cv2.imdecode(np.frombuffer(services.certificate_picture(work), np.uint8), cv2.IMREAD_COLOR)
    address, *_ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert address == services.issuing.verify_address(work.number)
    assert address.startswith("http://127.0.0.1:8000/v/%E5%85%B0")
