import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copyhold.guards.addresses import parse, refusal
from copyhold.guards.errors import AddressRefused

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::8.8.8.8",
    "64:ff9b::808:808",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "4000::1",
    "5f00::1",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "93.184.216.34",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "223.255.255.254",
    "2606:4700::1111",
    "2400:3200::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused_with_a_reason(address):
    assert refusal(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_passes(address):
    assert refusal(ipaddress.ip_address(address)) == ""


@given(st.ip_addresses())
def test_nothing_passes_that_pythons_own_table_calls_private(address):
    if not address.is_global or address.is_multicast:
        assert refusal(address)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://Example.ORG", "http://example.org/"),
        ("https://example.org:443/a?b=c#d", "https://example.org/a?b=c"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("http://example.org./a", "http://example.org/a"),
        ("http://例子.测试/图片?名=值", "http://xn--fsqu00a.xn--0zwm56d/%E5%9B%BE%E7%89%87?%E5%90%8D=%E5%80%BC"),
        ("http://[2606:4700::1111]:8080/", "http://[2606:4700::1111]:8080/"),
        ("http://example.org/%7Ea%20b", "http://example.org/%7Ea%20b"),
        ("http://example.org?a=1", "http://example.org/?a=1"),
    ],
)
def test_plain_addresses_are_normalised(url, target):
    assert parse(url).url == target


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "//example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:alert(1)",
        "data:text/html,a",
        "http://",
        "http:///path",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://example.org@127.0.0.1/",
        "http://@example.org/",
        "http://example.org:99999/",
        "http://example.org:a/",
        "http://example.org/a b",
        "http://example.org/\r\nHost: other",
        "http://example.org\\@127.0.0.1/",
        "http://[::1%25eth0]/",
        "http://[::1/",
        "http://exa%6dple.org/",
        "http://" + "a" * 300 + ".org/",
        "http://example.org/" + "a" * 5000,
        "http://\u2100.example/\x00",
    ],
)
def test_anything_else_is_refused(url):
    with pytest.raises(AddressRefused) as caught:
        parse(url)
    assert str(caught.value)


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://a.example/", "http://a.example:8/?"]))
def test_any_text_is_a_plain_target_or_refused(text, start):
    try:
        target = parse(start + text)
    except AddressRefused:
        return
    assert target.url.isascii()
    assert parse(target.url) == target
    assert not set(target.url) & set(" \r\n\t\\@") or "@" in target.path
