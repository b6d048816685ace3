"""Which network addresses are on the public Internet, and what an address line (URL) really names."""

# ruff: noqa: E501  tables read better in wide lines
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from copyhold.guards.errors import AddressRefused

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
DEFAULT_PORTS = {"http": 80, "https": 443}
# Looked at before Python's own table (whose idea of "global" changed between versions), with the reason that is told.
# IANA special-purpose address registries; RFC 6052 (NAT64), 3056 (6to4), 4380 (Teredo), 6598 (shared), 4291.
SPECIAL = [
    (ipaddress.ip_network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "unspecified address"), ("10.0.0.0/8", "private address"), ("100.64.0.0/10", "carrier's shared address"),
        ("127.0.0.0/8", "loopback address"), ("169.254.0.0/16", "link-local address"), ("172.16.0.0/12", "private address"),
        ("192.0.0.0/24", "protocol assignment"), ("192.0.2.0/24", "documentation address"), ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private address"), ("198.18.0.0/15", "benchmark address"), ("198.51.100.0/24", "documentation address"),
        ("203.0.113.0/24", "documentation address"), ("224.0.0.0/4", "multicast address"), ("240.0.0.0/4", "reserved address"),
        ("::/128", "unspecified address"), ("::1/128", "loopback address"), ("::ffff:0:0/96", "IPv4-mapped address"),
        ("::/96", "IPv4-compatible address"), ("64:ff9b::/96", "NAT64 address"), ("64:ff9b:1::/48", "NAT64 address"),
        ("100::/64", "discard address"), ("2001::/32", "Teredo address"), ("2001::/23", "protocol assignment"),
        ("2001:db8::/32", "documentation address"), ("2002::/16", "6to4 address"), ("3fff::/20", "documentation address"),
        ("fc00::/7", "private address"), ("fe80::/10", "link-local address"), ("fec0::/10", "site-local address"),
        ("ff00::/8", "multicast address"),
    )
]  # fmt: skip
GLOBAL_V6 = ipaddress.ip_network("2000::/3")
UNSAFE_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")
HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]{0,252})|[0-9a-f:.]{2,45}")  # a name or an IPv6 address
MAX_URL = 4096
QUERY_SAFE = "/%:@!$&'()*+,;=~-._?[]{}|^`"


def refusal(address: IPAddress) -> str:
    """Why `address` is not on the public Internet; "" when it is."""
    for network, reason in SPECIAL:
        if address.version == network.version and address in network:
            return reason
    if not address.is_global or (address.version == 6 and address not in GLOBAL_V6):
        return "not a public address"
    return ""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address line: what to connect to and what to ask for. `host` is ASCII, lower case, without
    a final dot.
    """

    scheme: str
    host: str
    port: int
    path: str  # with its query, percent-encoded, never empty

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def authority(self) -> str:
        """For the Host header: with the port only when it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def parse(url: str) -> Target:
    """The target that `url` names. Raises AddressRefused for anything but a plain http or https address."""
    shown = url[:200]
    if len(url) > MAX_URL:
        raise AddressRefused(url=shown, reason="address too long")
    if UNSAFE_IN_URL.search(url):
        raise AddressRefused(url=shown, reason="space, backslash or control character in it")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise AddressRefused(url=shown, reason="not an address") from error
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise AddressRefused(url=shown, reason=f"scheme {scheme or 'missing'}")
    if "@" in parts.netloc:
        raise AddressRefused(url=shown, reason="user name in it")
    host = host.lower()
    if not HOST.fullmatch(host):
        raise AddressRefused(url=shown, reason="host name missing or malformed")
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe=QUERY_SAFE)}" if parts.query else ""
    return Target(scheme, host, DEFAULT_PORTS[scheme] if port is None else port, path + query)
