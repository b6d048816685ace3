"""Every page of the public and the applicant, in both languages: it answers, it is sound, the policy is strict."""

from collections.abc import Callable
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.test import Client

from copyhold.registry import services
from copyhold.registry.models import Work

PUBLIC_PAGES = [
    "/", "/works/",
    "/works/?q=letters&by=title&category=A&state=active&from=2020-01-01&to=2099-01-01",
    "/works/?q=nothing-like-it",
    "/works/?page=999",
    "/works/{work}", "/v/{work}", "/verify/", "/identify/", "/report/", "/report/?work={work}", "/log/",
    "/log/?entry=0", "/accessibility/", "/privacy/", "/api/", "/sign-in/", "/sign-out/",
]  # fmt: skip
APPLICANT_PAGES = [
    "/applications/", "/applications/new/", "/applications/{draft}/", "/applications/{draft}/step/1/",
    "/applications/{draft}/step/2/", "/applications/{draft}/step/3/", "/applications/{draft}/step/4/",
    "/applications/{draft}/step/5/", "/applications/{done}/", "/works/{work}/licence/", "/works/{work}",
    "/applications/{asked}/answer/", "/applications/{asked}/", "/applications/{asked}/step/5/", "/sign-in/role/",
]  # fmt: skip
LANGUAGES = ["en", "zh-hans"]


class Page(HTMLParser):
    """What a reader, a screen reader or the policy would stumble over."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lang, self.headings, self.faults = "", 0, []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[dict[str, str | None]] = []
        self.inside_label = 0
        self.feed(html)
        assert len(self.ids) == len(set(self.ids)), "an id stands twice"
        unnamed = [one for one in self.controls if one.get("id") not in self.labelled]
        assert not unnamed, f"no label: {unnamed}"
        assert not self.faults, self.faults
        assert self.headings == 1, "one h1 a page"

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        facts = dict(pairs)
        if "style" in facts or any(name.startswith("on") for name in facts):
            self.faults.append((tag, facts))
        if tag == "script" and "src" not in facts:
            self.faults.append("inline script")
        if tag == "html":
            self.lang = facts["lang"] or ""
        if tag == "h1":
            self.headings += 1
        if facts.get("id"):
            self.ids.append(str(facts["id"]))
        if tag == "label":
            self.inside_label += 1
            self.labelled.add(str(facts.get("for")))
        hidden = facts.get("type") == "hidden"
        if (
            tag in {"input", "select", "textarea"}
            and not hidden
            and not self.inside_label
            and "aria-label" not in facts
        ):
            self.controls.append(facts)
        if tag == "img" and "alt" not in facts:
            self.faults.append("img without alt")

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.inside_label -= 1


def sound(client: Client, url: str, language: str) -> Page:
    answer = client.get(url, headers={"accept-language": language})
    assert answer.status_code == 200, url
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    html = answer.content.decode()
    assert "{%" not in html
    assert "{{" not in html
    page = Page(html)
    assert page.lang == ("zh-Hans" if language == "zh-hans" else "en")
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_public(language: str, people: SimpleNamespace, work: Work):
    for url in PUBLIC_PAGES:
        sound(Client(), url.format(work=work.number), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_an_empty_register(language: str, people: SimpleNamespace):
    for url in ("/", "/works/", "/log/", "/api/"):
        sound(Client(), url, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_the_applicant(language: str, people: SimpleNamespace, work: Work, enter: Callable[..., Client]):
    draft = services.start_application(people.holder, applicant=people.reedbank, office=people.office, title="灯彩")
    asked = services.start_application(
        people.holder, applicant=people.reedbank, office=people.office, **_answers(title="盐站来信二集")
    )
    services.add_deposit(
        people.holder, asked, filename="b.txt", data=b"another text", medium="text", media_type="text/plain"
    )
    services.submit_application(people.holder, asked)
    services.accept_application(people.examiner, asked)
    services.ask_correction(people.examiner, asked, text="请补充创作说明。")
    for page in APPLICANT_PAGES:
        url = page.format(work=work.number, draft=draft.number, asked=asked.number, done=work.application.number)
        sound(enter(people.holder), url, language)


def _answers(**more: object) -> dict[str, object]:
    from tests.web.conftest import ANSWERS

    return {**ANSWERS, **more}


def test_after_sign_in_an_applicant_works_at_the_list(people: SimpleNamespace, enter: Callable[..., Client]):
    assert enter(people.holder).get("/desk/")["Location"] == "/applications/"


def test_static_files_are_served_without_collecting_them(db: None):
    for name in ("look.css", "look.js", "mark.svg", "specimen.svg"):
        answer = Client().get(f"/static/web/{name}")
        assert answer.status_code == 200, name
        assert answer["X-Content-Type-Options"] == "nosniff"
        answer.close()


def test_a_natural_persons_name_is_masked_everywhere(people: SimpleNamespace, work: Work):
    type(people.reedbank).objects.filter(pk=people.reedbank.pk).update(
        name="林秋水", name_en="Lin Qiushui", is_natural_person=True
    )
    for url in ("/", "/works/", f"/works/{work.number}", f"/v/{work.number}", f"/api/v1/works/{work.number}"):
        for language in LANGUAGES:
            html = Client().get(url, headers={"accept-language": language}).content.decode()
            assert "林秋水" not in html, url
            assert "Qiushui" not in html, url
    assert Client().get(f"/works/{work.number}/certificate.pdf").status_code == 403


def test_search_everywhere_shows_each_role_what_it_may_see(
    people: SimpleNamespace, work: Work, enter: Callable[..., Client]
):
    def kinds(client: Client) -> set[str]:
        return {hit["kind"] for hit in client.get("/seek?q=盐站", headers={"accept-language": "en"}).json()["hits"]}

    assert kinds(Client()) == {"Work"}
    assert kinds(enter(people.holder)) == {"Work", "Application"}
    assert kinds(enter(people.other_holder)) == {"Work"}
