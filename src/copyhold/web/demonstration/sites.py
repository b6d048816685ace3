"""Five web sites on loopback, with known truth: what a patrol meets out there, in small.

A shop, a newspaper, a forum, an app's page and a right holder's own site, told apart by their host names. They carry
edited copies, licensed copies and their own content, and hostile things: a redirect into a private network, a
decompression bomb, an endless calendar, a folder that robots.txt closes, a page that shows nothing without JavaScript.
"""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass
from functools import cache, partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit

from copyhold.web.demonstration import edits, media

if TYPE_CHECKING:
    from collections.abc import Callable

MALL, NEWS, FORUM, APP, OWN = (
    "mall.halfmoon.example",
    "news.riverside.example",
    "forum.lantern.example",
    "app.skyline.example",
    "whiteelm.example",
)
HOSTS = (MALL, NEWS, FORUM, APP, OWN)
BOMB_BYTES = 512 * 2**20
PIECES = {piece.key: piece for piece in (*media.REGISTERED, media.CORRECTED)}


@dataclass(frozen=True, slots=True)
class Truth:
    """What a patrol should say of one resource: `verdict` is finding, licensed or own."""

    host: str
    path: str
    key: str  # the work's key
    edit: str
    verdict: str = "finding"

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.path}"


TRUTH: tuple[Truth, ...] = (
    Truth(MALL, "/img/case-1.jpg", "cat", "cropped to half"),
    Truth(MALL, "/img/case-2.jpg", "rocket", "caption and badge"),
    Truth(MALL, "/img/case-3.jpg", "motorcycle", "recompressed"),
    Truth(MALL, "/img/case-4.jpg", "tissue", "mirrored and cropped"),
    Truth(MALL, "/img/case-5.jpg", "coffee", "in a poster"),
    Truth(MALL, "/img/case-6.jpg", "cat", "as it is"),
    Truth(NEWS, "/img/breakfast.jpg", "coffee", "as it is, licensed", "licensed"),
    Truth(NEWS, "/img/breakfast-small.jpg", "coffee", "recompressed, licensed", "licensed"),
    Truth(NEWS, "/a/salt-letters.html", "salt", "three paragraphs in a longer article"),
    Truth(NEWS, "/a/codes.html", "iscc", "a passage in a longer article"),
    Truth(FORUM, "/t/lamp.html", "lamp", "the whole text, a few words changed"),
    Truth(FORUM, "/t/boats.html", "boats", "one paragraph quoted in a thread"),
    Truth(FORUM, "/media/remix.mp3", "belly", "under speech, encoded again"),
    Truth(FORUM, "/media/ringtone.mp3", "belly", "ten seconds, encoded again"),
    Truth(FORUM, "/media/kali-cut.mp3", "kali", "twelve seconds of the sound track"),
    Truth(FORUM, "/img/shot.jpg", "motorcycle", "a telephone’s screenshot"),
    Truth(APP, "/img/splash.jpg", "rocket", "cropped; only a browser sees it"),
    Truth(OWN, "/", "salt", "the owner’s own site", "own"),
    Truth(OWN, "/lamp.html", "lamp", "the owner’s own site", "own"),
)


def _image(key: str, edit: Callable[[bytes], bytes]) -> bytes:
    return edit(PIECES[key].read())


def _plain(source: str) -> bytes:
    return edits.plain(media.read(source))


MEDIA: dict[tuple[str, str], Callable[[], bytes]] = {
    (MALL, "/img/case-1.jpg"): lambda: _image("cat", edits.cropped),
    (MALL, "/img/case-2.jpg"): lambda: _image("rocket", edits.captioned),
    (MALL, "/img/case-3.jpg"): lambda: _image("motorcycle", edits.recompressed),
    (MALL, "/img/case-4.jpg"): lambda: _image("tissue", edits.mirrored_crop),
    (MALL, "/img/case-5.jpg"): lambda: _image("coffee", edits.poster),
    (MALL, "/img/case-6.jpg"): lambda: _image("cat", edits.plain),
    (NEWS, "/img/breakfast.jpg"): lambda: _image("coffee", edits.plain),
    (NEWS, "/img/breakfast-small.jpg"): lambda: _image("coffee", edits.recompressed),
    (FORUM, "/img/shot.jpg"): lambda: _image("motorcycle", edits.screenshot),
    (APP, "/img/splash.jpg"): lambda: _image("rocket", lambda data: edits.cropped(data, 0.6)),
    (FORUM, "/media/remix.mp3"): lambda: edits.under_speech(PIECES["belly"].read()),
    (FORUM, "/media/ringtone.mp3"): lambda: edits.clip(PIECES["belly"].read(), 3, 10),
    (FORUM, "/media/kali-cut.mp3"): lambda: edits.clip(PIECES["kali"].read(), 20, 12),
    (FORUM, "/media/own-tune.mp3"): edits.tone,
    **{
        (host, f"/img/own-{number}.jpg"): partial(_plain, source)
        for number, (source, host) in enumerate(zip(media.UNREGISTERED, cycle((MALL, NEWS, FORUM, MALL)), strict=False))
    },
}  # fmt: skip


def paragraphs(key: str) -> list[str]:
    """The paragraphs of a registered text, without its title."""
    text = PIECES[key].read().decode()
    return [part.strip() for part in text.split("\n\n") if part.strip()][1:]


def _own_pictures(host: str) -> list[str]:
    return [path for (at, path) in MEDIA if at == host and path.startswith("/img/own-")]


def _page(title: str, body: str, links: tuple[str, ...] = (), language: str = "zh") -> bytes:
    nav = "".join(f'<li><a href="{escape(link)}">{escape(link)}</a></li>' for link in links)
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<body><h1>{escape(title)}</h1>{body}<ul>{nav}</ul></body></html>"
    ).encode()


def _text(*parts: str) -> str:
    return "".join(f"<p>{escape(part)}</p>" for part in parts)


def _picture(path: str, words: str) -> str:
    return f'<figure><img src="{path}" alt="{escape(words)}"><figcaption>{escape(words)}</figcaption></figure>'


@cache
def _law_paragraphs() -> list[str]:
    """Real prose that nobody owns, to put quotations into: a statute."""
    return media.read("law:CL").decode().split("\n\n")[1:]


def _mall() -> dict[str, bytes]:
    own = _own_pictures(MALL)
    items = tuple(f"/item/{number}.html" for number in range(1, 13))
    pages = {
        "/": _page(
            "半月商城", _text("手机壳、挂画、文具，每日上新。"), (*items, "/about.html", "/sale/", "/go/partner")
        ),
        "/about.html": _page(
            "关于我们", _text("半月商城为入驻商家提供展示与支付服务。"), ("/", "/private/hidden.html")
        ),
        "/sale/": _page("促销", _text("每天都有新的日子。"), ("/calendar/2026/11/22",)),
        "/private/hidden.html": _page("内部", _picture("/img/case-6.jpg", "内部样图")),
    }
    for number, path in enumerate(items, 1):
        shown = f"/img/case-{number}.jpg" if number <= 6 else own[(number - 7) % len(own)]
        words = f"商品 {number}，包邮，七天无理由退换。"
        pages[path] = _page(f"商品 {number}", _picture(shown, words), ("/", f"/item/{number % 12 + 1}.html"))
    return pages


def _news() -> dict[str, bytes]:
    law = _law_paragraphs()
    salt, iscc = paragraphs("salt"), paragraphs("iscc")
    own = _own_pictures(NEWS)
    articles = ("/a/breakfast.html", "/a/salt-letters.html", "/a/codes.html", "/a/law.html", "/a/walk.html")
    long = [part for part in iscc if len(part) > 300][:2]
    walk = _picture(own[0], "本报摄影") + _text(law[3], law[7])
    return {
        "/": _page("河岸新闻", _text("河岸新闻网，每日更新。"), (*articles, "/archive/bomb.html")),
        "/a/breakfast.html": _page(
            "城里的早餐",
            _text(law[10], law[11]) + _picture("/img/breakfast.jpg", "图片经授权使用"),
            ("/a/breakfast-2.html",),
        ),
        "/a/breakfast-2.html": _page("城里的早餐（下）", _picture("/img/breakfast-small.jpg", "图片经授权使用")),
        "/a/salt-letters.html": _page("海边旧事", _text(*law[12:16], *salt[1:4], *law[16:20])),
        "/a/codes.html": _page(
            "Codes for content", _text("Our reader asked how a code can follow a file.", *long, *law[20:24]), (), "en"
        ),
        "/a/law.html": _page("法条解读", _text(*law[24:34])),
        "/a/walk.html": _page("散步", walk + "".join(_picture(path, "本报摄影") for path in own[1:])),
        "/archive/bomb.html": b"",  # answered with a decompression bomb
    }


def _forum() -> dict[str, bytes]:
    lamp, boats = paragraphs("lamp"), paragraphs("boats")
    changed = [part.replace("老周", "老赵").replace("灯塔", "塔").replace("小小的", "") for part in lamp]
    threads = ("/t/lamp.html", "/t/boats.html", "/t/music.html", "/t/shot.html", "/t/chat.html")
    own = _own_pictures(FORUM)
    sounds = "".join(
        f'<audio controls src="/media/{name}"></audio>'
        for name in ("remix.mp3", "ringtone.mp3", "kali-cut.mp3", "own-tune.mp3")
    )
    return {
        "/": _page("灯笼论坛", _text("请文明发言。"), threads),
        "/t/lamp.html": _page("转一篇好文", _text("看到一篇好文，和大家分享。", *changed, "写得真好！")),
        "/t/boats.html": _page("说说老手艺", _text("你们那里还有造纸的吗？", boats[1], "我爷爷就是做这个的。")),
        "/t/music.html": _page("翻唱与铃声", _text("自己剪的，随便用。") + sounds),
        "/t/shot.html": _page("晒图", _picture("/img/shot.jpg", "刚看到的")),
        "/t/chat.html": _page("闲聊", "".join(_picture(path, "随手拍") for path in own) + _text("今天天气不错。")),
    }


APP_SCRIPT = b"""
document.addEventListener("DOMContentLoaded", () => {
  const image = new Image();
  image.src = "/img/" + ["spl", "ash"].join("") + ".jpg";
  image.alt = "Skyline";
  document.body.append(image);
});
"""


def _app() -> dict[str, bytes]:
    shell = b'<!doctype html><html lang="zh"><meta charset="utf-8"><title>Skyline</title><script src="/app.js"></script><body></body></html>'
    return {"/": shell, "/app.js": APP_SCRIPT}


def _own() -> dict[str, bytes]:
    return {
        "/": _page("白榆书局", _text(*paragraphs("salt")), ("/lamp.html",)),
        "/lamp.html": _page("守灯人的一年", _text(*paragraphs("lamp"))),
    }


BUILDERS = {MALL: _mall, NEWS: _news, FORUM: _forum, APP: _app, OWN: _own}
ROBOTS = b"User-agent: *\nDisallow: /private/\n"
TYPES = {".html": "text/html; charset=utf-8", ".jpg": "image/jpeg", ".mp3": "audio/mpeg", ".js": "text/javascript"}


class Sites(ThreadingHTTPServer):
    """All the sites, on one loopback port, by host name. Use as a context manager."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Visit)
        self.pages = {host: build() for host, build in BUILDERS.items()}
        self.media: dict[tuple[str, str], bytes] = {}
        self.asked: list[str] = []
        self._making = threading.Lock()

    @property
    def egress_hosts(self) -> dict[str, tuple[str, int]]:
        """What COPYHOLD_EGRESS_HOSTS must hold for these names to be reachable."""
        return dict.fromkeys(HOSTS, ("127.0.0.1", self.server_address[1]))

    def answer(self, host: str, path: str) -> tuple[int, dict[str, str], bytes]:  # noqa: PLR0911 - a table of answers
        """Status, headers and body of one request."""
        if path == "/robots.txt":
            return 200, {"Content-Type": "text/plain"}, ROBOTS
        if host == MALL and path == "/go/partner":
            return 302, {"Location": "http://10.0.0.1/admin"}, b""
        if host == MALL and path.startswith("/calendar/"):
            return 200, {"Content-Type": TYPES[".html"]}, _calendar(path)
        if host == NEWS and path == "/archive/bomb.html":
            return 200, {"Content-Type": TYPES[".html"], "Content-Encoding": "gzip"}, _bomb()
        if (host, path) in MEDIA:
            return 200, {"Content-Type": TYPES[path[path.rindex(".") :]]}, self._medium(host, path)
        page = self.pages.get(host, {}).get(path)
        if page is None:
            return 404, {"Content-Type": TYPES[".html"]}, _page("没有这一页", "")
        return 200, {"Content-Type": TYPES[".js"] if path.endswith(".js") else TYPES[".html"]}, page

    def _medium(self, host: str, path: str) -> bytes:
        with self._making:
            if (host, path) not in self.media:
                self.media[host, path] = MEDIA[host, path]()
            return self.media[host, path]

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True, name="demonstration-sites").start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


@cache
def _bomb() -> bytes:
    """Half a gigabyte of nothing, in half a megabyte."""
    return gzip.compress(b"\0" * BOMB_BYTES, 9)


def _calendar(path: str) -> bytes:
    """Every day links to the next, for ever."""
    try:
        year, month, day = (int(part) for part in path.strip("/").split("/")[1:4])
    except ValueError:
        year, month, day = 2026, 1, 1
    day += 1
    month, day = (month, day) if day <= 28 else (month + 1, 1)
    year, month = (year, month) if month <= 12 else (year + 1, 1)
    following = f"/calendar/{year}/{month}/{day}"
    return _page(f"{year}-{month}-{day}", _text("没有安排。"), (following, following + "?view=week"))


class _Visit(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Sites

    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").split(":")[0]
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(f"http://{host}{path}")
        status, headers, body = self.server.answer(host, path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet: what was asked is in `asked`."""
