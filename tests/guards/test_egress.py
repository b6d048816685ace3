"""Every rule of the egress, against a real server on loopback that is reached by an explicit exception."""

import contextlib
import gzip
import itertools
import socket
import ssl
import threading
import time
import zlib

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loopback import Server, page, redirect

from copyhold.guards import decoding
from copyhold.guards.egress import Egress, Policy
from copyhold.guards.errors import AddressRefused, FetchRefused, HostUnreachable, RedirectRefused, TooLarge, TooSlow
from copyhold.guards.rate import RateLimiter


def refused(egress, url, kind, **more):
    with pytest.raises(FetchRefused) as caught:
        egress.fetch("GET", url, **more)
    assert type(caught.value) is kind, str(caught.value)
    return caught.value.params["reason"]


def test_a_page_is_fetched_by_its_name(server, egress):
    server.pages["/a?b=c"] = page("hello", "Content-Type: text/html")
    response = egress.fetch("GET", "http://shop.demo/a?b=c", [("Accept", "text/html"), ("Host", "evil"), ("TE", "x")])
    assert (response.status, response.body, response.ip) == (200, b"hello", "127.0.0.1")
    assert response.header("content-type") == "text/html"
    assert response.url == "http://shop.demo/a?b=c"
    assert response.is_complete
    request = server.requests[0]
    assert request.startswith(b"GET /a?b=c HTTP/1.1\r\nHost: shop.demo\r\n")
    assert request.count(b"Host:") == 1
    assert b"TE:" not in request


def test_an_error_status_is_an_answer(egress):
    assert egress.fetch("GET", "http://shop.demo/none").status == 404


def test_head_has_no_body(server, egress):
    server.pages["/"] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    assert egress.fetch("HEAD", "http://shop.demo/").body == b""


def test_chunked_and_unframed_bodies_are_read(server, egress):
    server.pages["/chunked"] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    server.pages["/unframed"] = b"HTTP/1.0 200 OK\r\n\r\nabcde"
    server.pages["/continued"] = b"HTTP/1.1 100 Continue\r\n\r\n" + page("abcde")
    for path in server.pages:
        response = egress.fetch("GET", f"http://shop.demo{path}")
        assert response.body == b"abcde"
        assert response.is_complete


def test_a_body_broken_off_is_kept_and_said_to_be_incomplete(server, egress):
    server.pages["/length"] = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc"
    server.pages["/chunked"] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nff\r\nde"
    for path in server.pages:
        response = egress.fetch("GET", f"http://shop.demo{path}")
        assert response.body.startswith(b"abc")
        assert not response.is_complete


# -- where to ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "10.0.0.1",
        "169.254.169.254",
        "0",
    ],
)
def test_addresses_of_the_own_house_are_refused(host, server):
    egress = Egress(Policy(ports=frozenset({server.port})))
    refused(egress, f"http://{host}:{server.port}/", AddressRefused)
    assert server.requests == []


def test_the_name_is_looked_up_once_and_the_checked_address_is_used(server, monkeypatch):
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])  # re-binding: public when checked, loopback when asked again
    asked, connected = [], []

    def resolve(host, port):
        asked.append(host)
        return next(answers)

    def watch(address, timeout=None):  # no packet leaves the machine in a test
        connected.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", watch)
    egress = Egress(Policy(ports=frozenset({server.port})), resolve=resolve)
    refused(egress, f"http://rebind.example:{server.port}/", HostUnreachable)
    monkeypatch.undo()
    assert asked == ["rebind.example"]
    assert connected == [("8.8.8.8", server.port)]
    assert server.requests == []


def test_of_several_addresses_only_public_ones_are_tried(server):
    egress = Egress(Policy(ports=frozenset({server.port})), resolve=lambda _h, _p: ["127.0.0.1", "10.0.0.1", "::1"])
    assert refused(egress, f"http://mixed.example:{server.port}/", AddressRefused) == "loopback address"
    assert server.requests == []


def test_a_port_outside_the_policy_is_refused(egress):
    assert refused(egress, "http://example.org:22/", AddressRefused) == "port 22"


def test_an_exception_is_for_its_name_and_port_only(server, egress):
    server.pages["/"] = page("a")
    assert egress.fetch("GET", f"http://shop.demo:{server.port}/").status == 200
    refused(egress, f"http://shop.demo:{server.port + 1}/", AddressRefused)
    with pytest.raises(FetchRefused):
        egress.fetch("GET", f"http://sub.shop.demo:{server.port}/")
    assert f"shop.demo -> 127.0.0.1:{server.port}" in egress.policy.describe()["hosts"]
    assert Policy().describe()["hosts"] == "no exceptions"


def test_an_unknown_name_is_unreachable():
    def resolve(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    assert refused(Egress(resolve=resolve), "http://nowhere.example/", HostUnreachable) == "no such name"


def test_a_resolver_that_hangs_is_too_slow():
    release = threading.Event()
    egress = Egress(Policy(total_s=0.1), resolve=lambda _h, _p: [str(release.wait(20))])
    refused(egress, "http://slow.example/", TooSlow)
    release.set()


def test_a_closed_port_is_unreachable(server, policy):
    server.close()
    assert "refused" in refused(Egress(policy), "http://shop.demo/", HostUnreachable)


# -- redirects --------------------------------------------------------------------------------------------------------


def test_redirects_are_followed_and_listed(server, egress):
    server.pages["/1"] = redirect("/2")
    server.pages["/2"] = redirect("http://news.demo/3", "301 Moved")
    server.pages["/3"] = page("there")
    response = egress.fetch("GET", "http://shop.demo/1")
    assert response.body == b"there"
    assert [(hop.url, hop.status) for hop in response.hops] == [
        ("http://shop.demo/1", 302),
        ("http://shop.demo/2", 301),
        ("http://news.demo/3", 200),
    ]


def test_the_sixth_redirect_is_refused(server, egress):
    for number in range(10):
        server.pages[f"/{number}"] = redirect(f"/{number + 1}")
    server.pages["/10"] = page("end")
    assert egress.fetch("GET", "http://shop.demo/5").body == b"end"
    assert refused(egress, "http://shop.demo/4", RedirectRefused) == "more than 5 redirects"
    server.pages["/loop"] = redirect("/loop")
    refused(egress, "http://shop.demo/loop", RedirectRefused)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "ftp://shop.demo/",
        "http://user@news.demo/", "//localhost/", "http://[::1]/", "http://news.demo:22/", "http://[/", "http://10.0.0.1:80/x",
    ],
)  # fmt: skip
def test_a_redirect_into_the_own_house_is_refused(server, egress, location):
    server.pages["/"] = redirect(location)
    refused(egress, "http://shop.demo/", RedirectRefused)
    assert len(server.requests) == 1


def test_secrets_do_not_travel_to_another_origin_and_a_post_becomes_a_get(server, egress):
    server.pages["/post"] = redirect("http://news.demo/", "303 See Other")
    server.pages["/"] = page("a")
    egress.fetch("POST", "http://shop.demo/post", [("Cookie", "a=b"), ("Accept", "c")], body=b"form")
    assert b"Cookie: a=b" in server.requests[0]
    assert server.requests[0].endswith(b"form")
    assert server.requests[1].startswith(b"GET / ")
    assert b"Cookie" not in server.requests[1]
    assert b"Accept: c" in server.requests[1]


def test_a_hop_can_be_refused_by_the_caller(server, egress):
    server.pages["/a"] = redirect("http://news.demo/b")
    seen = []
    egress.fetch("GET", "http://shop.demo/a", before_hop=seen.append)
    assert seen == ["http://shop.demo/a", "http://news.demo/b"]

    def refuse(url):
        raise HostUnreachable(url=url, reason="not today")

    assert refused(egress, "http://shop.demo/a", HostUnreachable, before_hop=refuse) == "not today"
    assert len(server.requests) == 2


@pytest.mark.parametrize("header", [("A", "b\r\nC: d"), ("A\r\nB", "c"), ("A: b", "c"), ("", "c"), ("A", "b\0")])
def test_a_header_cannot_break_out_of_its_line(egress, header):
    with pytest.raises(ValueError, match="cannot be sent"):
        egress.fetch("GET", "http://shop.demo/", [header])


# -- how much and how long ----------------------------------------------------------------------------------------------


def test_a_body_over_the_cap_is_refused(server, egress):
    cap = egress.policy.max_body_bytes
    server.pages["/fits"] = page(b"a" * cap)
    server.pages["/announced"] = page(b"a" * (cap + 1))
    server.pages["/unframed"] = b"HTTP/1.0 200 OK\r\n\r\n" + b"a" * (cap + 1)
    server.pages["/chunked"] = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * cap + b"0\r\n\r\n"
    )
    assert len(egress.fetch("GET", "http://shop.demo/fits").body) == cap
    for path in ("/announced", "/unframed", "/chunked"):
        assert "bytes" in refused(egress, f"http://shop.demo{path}", TooLarge)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_decompression_bomb_is_refused(server, egress, coding):
    flat = bytes(100_000_000) if "," in coding else bytes(20_000_000)
    bomb = {
        "gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress,
        "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    }[coding](flat)  # fmt: skip
    assert len(bomb) < egress.policy.max_body_bytes
    server.pages["/"] = page(bomb, f"Content-Encoding: {coding}")
    assert "decoding" in refused(egress, "http://shop.demo/", TooLarge)


@pytest.mark.parametrize("coding", ["rot13", "gzip, gzip, gzip"])
def test_codings_we_do_not_undo_are_refused(server, egress, coding):
    server.pages["/"] = page("a", f"Content-Encoding: {coding}")
    assert "coding" in refused(egress, "http://shop.demo/", HostUnreachable)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_broken_codings_are_refused(server, egress, coding):
    server.pages["/"] = page(b"\xff\xfe\xfdthis is none of them", f"Content-Encoding: {coding}")
    assert refused(egress, "http://shop.demo/", HostUnreachable) == f"broken {coding}"


ENCODERS = {
    "gzip": gzip.compress, "x-gzip": lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]), "br": brotli.compress,
    "deflate": zlib.compress, "identity": bytes, "": bytes,
    "deflate, gzip": lambda data: gzip.compress(zlib.compress(data)),
}  # fmt: skip


@given(st.binary(max_size=300), st.integers(1, 700), st.sampled_from(sorted(ENCODERS)))
def test_what_was_encoded_is_decoded(part, times, coding):
    data = part * times
    between = 100 if "," in coding else 0  # the inner coding may be longer than what it encodes
    assert decoding.decode(ENCODERS[coding](data), coding, max_bytes=len(data) + between, max_ratio=1e9) == data
    if data and coding not in {"", "identity"}:
        with pytest.raises(decoding.BombError):
            decoding.decode(ENCODERS[coding](data), coding, max_bytes=len(data) - 1, max_ratio=1e9)


def test_deflate_without_its_frame_is_decoded_as_browsers_do():
    packer = zlib.compressobj(wbits=-15)
    raw = packer.compress(b"abc" * 99) + packer.flush()
    assert decoding.decode(raw, "deflate", max_bytes=999, max_ratio=200) == b"abc" * 99


@given(st.binary(max_size=400), st.sampled_from(["gzip", "deflate", "br"]))
def test_any_bytes_decode_or_are_refused(untrusted, coding):
    with contextlib.suppress(decoding.BombError, decoding.UndecodableError):
        assert len(decoding.decode(untrusted, coding, max_bytes=5000, max_ratio=200)) <= 5000


def dripping(start, drop):
    def send(connection, _request):
        connection.sendall(start)
        while True:
            time.sleep(0.02)
            connection.sendall(drop)

    return send


@pytest.mark.parametrize(
    "page_",
    [
        dripping(b"", b"H"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
        dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"a"),
        dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        lambda connection, _request: connection.recv(1),
    ],
    ids=["status line", "headers", "body", "chunks", "silence"],
)
def test_a_server_that_drips_is_cut_off(server, policy, page_):
    server.pages["/"] = page_
    egress = Egress(Policy(hosts=policy.hosts, delay_s=0, total_s=0.4))
    refused(egress, "http://shop.demo/", TooSlow)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", HostUnreachable),
        (b"not http at all\r\n\r\n", HostUnreachable),
        (b"HTTP/1.1 abc\r\n\r\n", HostUnreachable),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n", HostUnreachable),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000, TooLarge),
        (b"HTTP/1.1 200 OK\r\n" + (b"A: " + b"b" * 9000 + b"\r\n") * 50 + b"\r\n", TooLarge),
    ],
)
def test_what_is_not_plain_http_is_refused(server, egress, answer, kind):
    server.pages["/"] = answer
    refused(egress, "http://shop.demo/", kind)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc", page("a", "Content-Length: -5")]
)
def test_broken_framing_gives_no_exception_of_another_kind(server, egress, answer):
    server.pages["/"] = answer
    with contextlib.suppress(FetchRefused):
        assert isinstance(egress.fetch("GET", "http://shop.demo/").body, bytes)


# -- TLS ------------------------------------------------------------------------------------------------------------------


def test_tls_is_checked_against_the_name_though_the_address_is_pinned(tmp_path):
    certificate = self_signed(tmp_path, "shop.demo")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate)
    server = Server(serving)
    server.pages["/"] = page("sealed")
    trusting = ssl.create_default_context(cafile=str(certificate))
    hosts = dict.fromkeys(("shop.demo", "news.demo"), ("127.0.0.1", server.port))
    policy = Policy(hosts=hosts, delay_s=0)
    assert Egress(policy, tls=trusting).fetch("GET", "https://shop.demo/").body == b"sealed"
    assert "TLS" in refused(Egress(policy, tls=trusting), "https://news.demo/", HostUnreachable)
    assert "TLS" in refused(Egress(policy), "https://shop.demo/", HostUnreachable)
    server.close()


def self_signed(folder, name):
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=3))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


# -- politeness -------------------------------------------------------------------------------------------------------------


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def test_requests_to_one_host_keep_their_distance_and_other_hosts_do_not_wait(server, policy):
    clock = Clock()
    server.pages["/"] = page("a")
    egress = Egress(Policy(hosts=policy.hosts, delay_s=2.0), clock=clock, sleep=clock.sleep)
    for host in ("shop.demo", "shop.demo", "news.demo", "shop.demo"):
        egress.fetch("GET", f"http://{host}/")
    assert clock.slept == [2.0, 2.0]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 5)), max_size=30), st.floats(0.1, 3))
def test_no_two_turns_of_a_host_are_closer_than_the_delay(visits, delay_s):
    clock, turns = Clock(), {}
    limiter = RateLimiter(delay_s, clock, clock.sleep)
    for host, pause in visits:
        clock.now += pause
        limiter.wait(host)
        turns.setdefault(host, []).append(clock.now)
    for times in turns.values():
        assert all(later - earlier >= delay_s - 1e-6 for earlier, later in itertools.pairwise(times))
