"""Two originals: which one is shown, and that the switch keeps the page."""

from types import SimpleNamespace

from django.test import Client


def words(client: Client, url: str = "/", **headers: str) -> str:
    return client.get(url, headers=headers).content.decode()


def test_the_browser_is_believed_until_someone_switches(people: SimpleNamespace):
    client = Client()
    assert 'lang="zh-Hans"' in words(client, **{"accept-language": "zh-CN,zh;q=0.9"})
    assert 'lang="en"' in words(client, **{"accept-language": "en-GB"})
    assert "作品登记簿" in words(client, "/?lang=zh-hans", **{"accept-language": "en-GB"})
    assert "作品登记簿" in words(client, "/", **{"accept-language": "en-GB"})  # kept in the cookie
    assert "The register of works" in words(client, "/?lang=en")


def test_an_unknown_language_gets_the_offices_own(people: SimpleNamespace):
    assert 'lang="zh-Hans"' in words(Client(), **{"accept-language": "fr"})
    assert 'lang="zh-Hans"' in words(Client(), "/?lang=xx")


def test_the_switch_keeps_page_and_filters(people: SimpleNamespace):
    html = words(Client(), "/works/?q=heron&page=1", **{"accept-language": "en"})
    assert 'href="?q=heron&amp;page=1&amp;lang=zh-hans"' in html
