"""Every page of every role, wide and narrow, in both languages: what everybody needs of a page.

Each role walks from its desk along the links; one page of each kind (URL name) is looked at. Chromium's console must
stay silent all the while (see Visitor), so a breach of the content policy fails the walk as well.
"""

from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from copyhold.people import permissions
from copyhold.web.access import ACCESS, PUBLIC, SIGNED_IN
from copyhold.web.demonstration.furnish import ACCOUNTS, furnish

from .conftest import NARROW, WIDE, Office, Visitor

pytestmark = pytest.mark.browser

EXTRA = ("/v/no-such-number", "/no-such-page")
ROLES = ("", "reedbank", "examiner", "chief", "officer", "head", "legal", "hq", "halfmoon")
NOT_PAGES = {
    "document",
    "sign_out",
    "log_checkpoint",
    "log_tile",
    "work_picture",
    "certificate_pdf",
    "certificate_bundle",
}
FILES = ("_file", "_pdf", "_picture", "_bundle", "_download")

LOOK = """
() => {
  const wrong = [], seen = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const all = selector => [...document.querySelectorAll(selector)];
  const told = element => element.outerHTML.slice(0, 140);
  const words = element => (element.getAttribute('aria-label') || element.textContent || '').trim()
    || (element.getAttribute('aria-labelledby') || '').split(' ').map(id => document.getElementById(id)?.textContent || '').join('')
    || [...element.querySelectorAll('img[alt], svg[aria-label]')].map(one => one.alt || one.getAttribute('aria-label')).join('');
  const one = (name, selector) => { const found = all(selector).filter(seen).length;
    if (found !== 1) wrong.push(`${found} × ${name}`); };
  one('h1', 'h1'); one('main', 'main');
  if (!all('nav').length) wrong.push('no nav');
  if (!all('header').length) wrong.push('no header');
  if (!document.title.trim() || document.title.trim().startsWith('·')) wrong.push('no title');
  const skip = document.querySelector('a.skip');
  if (!skip || !document.querySelector(skip.getAttribute('href'))) wrong.push('skip link leads nowhere');
  all('[style], style').forEach(e => wrong.push(`inline style: ${told(e)}`));
  all('*').filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).forEach(e => wrong.push(`inline script: ${told(e)}`));
  all('input:not([type=hidden]), select, textarea').forEach(e => {
    if (!e.labels?.length && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby')) wrong.push(`no label: ${told(e)}`); });
  all('button, a[href], summary, [role=button]').filter(e => !words(e)).forEach(e => wrong.push(`no name: ${told(e)}`));
  all('img:not([alt])').forEach(e => wrong.push(`no alt: ${told(e)}`));
  all('nav:not([aria-label]):not([aria-labelledby])').forEach(e => wrong.push(`nav without a name: ${told(e)}`));
  all('table').filter(e => !e.querySelector('th')).forEach(e => wrong.push(`table without heads: ${told(e)}`));
  all('[aria-describedby], [aria-labelledby], label[for]').forEach(e =>
    ['aria-describedby', 'aria-labelledby', 'for'].flatMap(name => (e.getAttribute(name) || '').split(' ')).filter(Boolean)
      .filter(id => !document.getElementById(id)).forEach(id => wrong.push(`names #${id}, which is not there: ${told(e)}`)));
  const ids = all('[id]').map(e => e.id);
  [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))].forEach(id => wrong.push(`id twice: ${id}`));
  return wrong;
}
"""
SIDEWAYS = """
() => { const page = document.documentElement, room = page.clientWidth;
  if (page.scrollWidth <= room) return [];
  const wide = [...document.querySelectorAll('main *, header *, footer *')].filter(e => e.getBoundingClientRect().right > room + 1
    && !e.closest('.scroll')).slice(0, 4).map(e => e.outerHTML.slice(0, 120));
  return [`scrolls sideways: ${page.scrollWidth} > ${room}`, ...wide]; }
"""
# After one real Tab the browser draws the focus wherever a script puts it, as it does for further Tabs.
FOCUS = """
() => { const wrong = [], drawn = e => { const s = getComputedStyle(e);
    return (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none'; };
  for (const e of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')) {
    if (!e.checkVisibility({visibilityProperty: true}) || e.disabled) continue;
    e.focus();
    if (document.activeElement !== e) continue;
    const shown = [e, ...(e.labels || []), e.closest('label, .drop, .choice, .tick')].filter(Boolean);
    if (!shown.some(drawn)) wrong.push(`focus cannot be seen: ${e.outerHTML.slice(0, 140)}`);
  }
  return wrong; }
"""
LANGUAGES = {"en": ("en", "中文"), "zh-hans": ("zh-Hans", "English")}


def kind_of(address: str) -> str:
    """The URL name, and the step of a wizard: pages of one kind look alike."""
    try:
        found = resolve(unquote(urlsplit(address).path))
    except Resolver404:
        return ""
    return f"{found.url_name} {found.kwargs['step']}" if "step" in found.kwargs else found.url_name or ""


def doors(login: str) -> list[str]:
    """Pages without arguments that this role may open."""
    found = []
    actor = furnish().actor(login) if login else None
    for kind, act in ACCESS.items():
        try:
            path = reverse(kind)
        except NoReverseMatch:
            continue
        may = act in {PUBLIC, SIGNED_IN} or (actor is not None and permissions.may(actor, act))
        if may and is_page(kind, login) and (act == PUBLIC) != bool(login):
            found.append(path)
    return found


def links_of(one: Visitor) -> list[str]:
    """Addresses of the office's own pages that stand on this one."""
    here = one.page.url
    found = one.page.eval_on_selector_all(
        "a[href]:not([download])", "links => links.map(link => link.getAttribute('href'))"
    )
    return [address for address in (urljoin(here, link) for link in found) if address.startswith(one.office.url)]


def is_page(kind: str, login: str) -> bool:
    """Public pages are looked at as the public only."""
    if login and ACCESS.get(kind) == PUBLIC:
        return False
    return bool(kind) and kind not in NOT_PAGES and not kind.endswith(FILES) and not kind.startswith("api_")


def look_at(one: Visitor, *, thoroughly: bool) -> list[str]:
    """One page as it stands: wide, narrow; and, once for each kind of page, tabbed through and in the other language."""
    page, address = one.page, one.page.url
    wrong = checked(one, "en")
    page.keyboard.press("Tab")
    wrong += page.evaluate(FOCUS) if thoroughly else []
    page.set_viewport_size(NARROW)
    wrong += page.evaluate(SIDEWAYS)
    page.set_viewport_size(WIDE)
    wrong += other_language(one) if thoroughly else []
    return [f"{kind_of(address) or address}: {words}" for words in wrong]


def other_language(one: Visitor) -> list[str]:
    page, address, wrong = one.page, one.page.url, []
    switched = page.get_by_role("link", name=LANGUAGES["en"][1]).first.get_attribute("href") or ""
    one.open(urljoin(address, switched))
    if urlsplit(page.url).path != urlsplit(address).path:
        wrong.append(f"the other language leads to {page.url}")
    wrong += checked(one, "zh-hans")
    page.set_viewport_size(NARROW)
    wrong += page.evaluate(SIDEWAYS)
    page.set_viewport_size(WIDE)
    one.open("/verify/?lang=en")
    return wrong


def checked(one: Visitor, language: str) -> list[str]:
    wrong = one.page.evaluate(LOOK) + one.page.evaluate(SIDEWAYS)
    spoken = one.page.locator("html").get_attribute("lang")
    return wrong + ([f"says lang={spoken}"] if spoken != LANGUAGES[language][0] else [])


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """Kinds of pages that another role has looked at thoroughly."""
    return set()


@pytest.mark.parametrize("login", ROLES)
def test_pages(visitor: Callable[..., Visitor], stocked: Office, looked_at: set[str], login: str):
    one = visitor(login)
    waiting = deque(
        f"{stocked.url}{path}" for path in stocked.ask(lambda: [*doors(login), *EXTRA[: 0 if login else None]])
    )
    seen: set[str] = set()
    wrong: list[str] = []
    while waiting:
        address = waiting.popleft()
        kind = kind_of(address) or address
        if kind in seen:
            continue
        seen.add(kind)
        answer = one.open(address)
        if answer.status == HTTPStatus.METHOD_NOT_ALLOWED or "text/html" not in answer.headers.get("content-type", ""):
            continue  # the address of a button, or of a script's question
        waiting.extend(link for link in links_of(one) if is_page(kind_of(link), login))
        wrong += look_at(one, thoroughly=kind not in looked_at)
        looked_at.add(kind)
    assert not wrong, "\n".join(wrong)


def test_every_role_is_walked():
    assert {role for login, _, role, _ in ACCOUNTS if login in ROLES} == {role for _, _, role, _ in ACCOUNTS}
