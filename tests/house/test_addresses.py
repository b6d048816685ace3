"""Every address has a name, every name an entry in web.access, and every entry an address."""

from django.urls import URLPattern, URLResolver, get_resolver

from copyhold.people.permissions import matrix
from copyhold.web.access import ACCESS, PUBLIC, SIGNED_IN


def addresses(patterns) -> list[URLPattern]:
    found = []
    for pattern in patterns:
        found += addresses(pattern.url_patterns) if isinstance(pattern, URLResolver) else [pattern]
    return found


def test_every_address_is_named():
    assert [str(pattern.pattern) for pattern in addresses(get_resolver().url_patterns) if not pattern.name] == []


def test_every_address_is_in_the_permission_matrix_of_pages():
    assert {pattern.name for pattern in addresses(get_resolver().url_patterns)} - set(ACCESS) == set()


def test_no_entry_without_an_address():
    assert set(ACCESS) - {pattern.name for pattern in addresses(get_resolver().url_patterns)} == set()


def test_pages_ask_for_acts_that_are_granted():
    actions = {permission.action for permission in matrix()} | {PUBLIC, SIGNED_IN}
    assert {name: action for name, action in ACCESS.items() if action not in actions} == {}
