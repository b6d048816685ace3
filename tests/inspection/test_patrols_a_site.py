"""Journey 3 on a real HTTP server: robots, traps, hostile answers, and what a patrol makes of what it sees."""

import io
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from tests.inspection.conftest import said

from copyhold.core.models import Blob
from copyhold.errors import Conflict
from copyhold.evidence.services import check_exhibit
from copyhold.inspection import frontier, services
from copyhold.inspection.errors import BadTarget
from copyhold.inspection.models import Finding, Match
from copyhold.people.actors import system
from copyhold.registry import services as registry
from copyhold.web.demonstration import sites as places

MALL, NEWS, APP, OWN = (f"http://{host}" for host in (places.MALL, places.NEWS, places.APP, places.OWN))


@pytest.fixture
def mall(sites, register, patrolled):
    register("cat", "rocket")
    return patrolled(f"{MALL}/", max_pages=60, max_depth=6)


def outcome_of(patrol, url):
    return patrol.addresses.get(url=url)


def test_copies_become_findings_with_sealed_exhibits_of_sound_warcs(mall, people, tmp_path):
    found = {finding.match.sighting.resource_url: finding for finding in Finding.objects.all()}
    assert set(found) == {f"{MALL}/img/case-{n}.jpg" for n in (1, 2, 6)}
    assert {finding.match.work.title for finding in found.values()} == {"窗边的猫", "升空"}
    for finding in found.values():
        assert check_exhibit(people.officer, finding.exhibit).ok
        roles = set(finding.exhibit.items.values_list("role", flat=True))
        assert roles == {"copy", "match", "explanation", "warc"}
        assert finding.match.reasons[0]["code"] == "no_licence"
    assert mall.state == "finished"
    assert mall.summary["verdicts"] == {"finding": 3}

    exhibits_hold_both_exchanges_as_sound_warcs(tmp_path)


def exhibits_hold_both_exchanges_as_sound_warcs(tmp_path):
    from warcio.archiveiterator import ArchiveIterator

    from copyhold.core import vault

    finding = Finding.objects.get(match__sighting__resource_url=f"{MALL}/img/case-6.jpg")
    for name in ("exchange.warc.gz", "page.warc.gz"):
        data = vault.get(finding.exhibit.items.get(name=name).blob_id)
        records = [(record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read())
                   for record in ArchiveIterator(io.BytesIO(data), check_digests="raise")]  # fmt: skip
        assert [kind for kind, _, _ in records] == ["response", "request"]
        path = tmp_path / name
        path.write_bytes(data)
        subprocess.run([sys.executable, "-m", "warcio.cli", "check", str(path)], check=True, capture_output=True)
        if name == "exchange.warc.gz":
            copy = finding.exhibit.items.get(role="copy")
            assert records[0][2] == vault.get(copy.blob_id)
        else:
            assert "/item/" in records[0][1]


def test_what_is_refused_is_an_outcome_and_only_what_matched_is_kept_twice(mall, sites):
    refused_and_left(mall, sites)
    kept_once(mall)
    with pytest.raises(Conflict):  # it is finished
        services.run_patrol(mall)


def refused_and_left(mall, sites):
    assert outcome_of(mall, f"{MALL}/private/hidden.html").state == "refused"
    assert "robots" in outcome_of(mall, f"{MALL}/private/hidden.html").outcome
    assert not [url for url in sites.asked if "/private/" in url]
    redirect = outcome_of(mall, f"{MALL}/go/partner")
    assert (redirect.state, "redirect" in redirect.outcome) == ("refused", True)
    assert 0 < mall.addresses.filter(url__contains="/calendar/").count() <= 12


def kept_once(mall):
    for sighting in mall.sightings.all():
        assert bool(sighting.blob_id) == (sighting.outcome == "matched")
        assert sighting.blob_id in {None, sighting.sha256}
    unmatched = mall.sightings.filter(outcome="nothing").first()
    assert not Blob.objects.filter(sha256=unmatched.sha256).exists()
    assert (Path(mall.sightings.first().warc_file).name).endswith(".warc.gz")


def test_a_bomb_is_refused_and_the_rest_is_seen(sites, register, patrolled):
    register("iscc")
    patrol = patrolled(f"{NEWS}/", max_pages=30)
    assert "too_large" in outcome_of(patrol, f"{NEWS}/archive/bomb.html").outcome
    assert said(patrol) == {f"{NEWS}/a/codes.html": ("国际标准内容代码规范说明", "finding")}


def test_the_owners_own_site_raises_nothing(sites, register, patrolled, people):
    people.whiteelm.hosts = [places.OWN]
    people.whiteelm.save()
    register("salt", "lamp", holder=people.other_holder)
    patrol = patrolled(f"{OWN}/")
    assert {verdict for _, verdict in said(patrol).values()} == {"own"}
    assert len(said(patrol)) == 2
    assert not Finding.objects.exists()


def test_a_licensed_copy_is_recognised_and_left_alone(sites, register, patrolled, people):
    (coffee,) = register("coffee")
    registry.record_licence(
        people.holder, work=coffee, licensee="河岸新闻网", rights=["network"], hosts=[places.NEWS], territories=["CN"],
        valid_from=date(2020, 1, 1), valid_to=date(2030, 12, 31),
    )  # fmt: skip
    patrol = patrolled(f"{NEWS}/", max_pages=30)
    assert {url.rpartition("/")[2]: verdict for url, (_, verdict) in said(patrol).items()} == {
        "breakfast.jpg": "licensed",
        "breakfast-small.jpg": "licensed",
    }
    match = Match.objects.first()
    assert match.reasons[0]["code"] == "covered"
    assert not Finding.objects.exists()


@pytest.mark.browser
def test_a_page_that_needs_javascript_is_shown_by_a_browser(sites, register, patrolled):
    register("rocket")
    patrol = patrolled(f"{APP}/")
    assert said(patrol) == {f"{APP}/img/splash.jpg": ("升空", "finding")}
    exhibit = Finding.objects.get().exhibit
    assert exhibit.items.filter(name="page.warc.gz").exists()


def test_the_same_bytes_at_several_addresses_are_recognised_once(sites, register, patrolled, monkeypatch):
    register("cat")
    asked = []
    from copyhold.inspection import recognise

    real = recognise.reference.identify
    monkeypatch.setattr(recognise.reference, "identify", lambda *a, **k: asked.append(a[1]) or real(*a, **k))
    base = f"{MALL}/img/case-6.jpg"
    patrol = patrolled(base, f"{base}?size=1", f"{base}?size=2", max_depth=0)
    assert len(said(patrol)) == 3
    assert len(asked) == 1
    assert Finding.objects.count() == 3
    explanations = set(Match.objects.values_list("explanation", flat=True))
    assert len(explanations) == 1


@pytest.mark.parametrize(
    "place", ["ftp://a.example/", "no address", "http://", "http://a.example:99999/", "file:///etc"]
)
def test_a_place_that_is_no_address_is_said_so(house, patrolled, place):
    with pytest.raises(BadTarget) as caught:
        patrolled(place)
    assert place in str(caught.value)
    from copyhold.inspection.models import Patrol

    assert Patrol.objects.get().state == "aborted"


def test_a_silent_host_is_a_patrol_in_part(house, patrolled):
    house.COPYHOLD_EGRESS_HOSTS = {"gone.example": ("127.0.0.1", 9)}
    patrol = patrolled("http://gone.example/")
    assert patrol.state == "partial" or patrol.addresses.get().state == "refused"
    assert patrol.addresses.get().outcome


class TestFrontier:
    @pytest.fixture
    def patrol(self, people, house):
        target = services.add_target(
            people.officer, name="x", places=["http://shop.example/"], office=people.corps, max_pages=200, max_depth=50
        )
        return services.queue_patrol(people.officer, target)

    def test_one_spelling_for_one_address(self):
        spellings = [
            "HTTP://Shop.Example",
            "http://shop.example:80/",
            "http://shop.example/#top",
            " http://shop.example/ ",
        ]
        assert {frontier.normal(url) for url in spellings} == {"http://shop.example/"}

    def test_what_no_visit_could_use_is_left_out(self, patrol):
        bad = [
            "http://[::1",
            "http://shop.example:99999/",
            "javascript:x",
            "http://shop.example/\x00",
            "http://other.example/",
        ]
        assert frontier.add(patrol, bad, kind="page", depth=0) == 0

    def test_an_endless_calendar_ends_by_itself(self, patrol):
        """Each day links to the next and to its week: two shapes that name one another for ever."""
        waiting, seen = ["http://shop.example/calendar/1"], 0
        while waiting and seen < 1000:
            page = waiting.pop()
            day = int(page.partition("?")[0].rpartition("/")[2]) + 1
            links = [f"http://shop.example/calendar/{day}", f"http://shop.example/calendar/{day}?view=week"]
            before = patrol.addresses.count()
            frontier.add(patrol, links, kind="page", depth=1, found_on=page)
            waiting += list(patrol.addresses.order_by("pk").values_list("url", flat=True)[before:])
            seen += 1
        assert seen <= 3 * frontier.MOST_OF_ONE_SHAPE

    def test_a_shops_long_list_of_goods_is_no_trap(self, patrol):
        goods = [f"http://shop.example/item/{n}.html" for n in range(120)]
        assert frontier.add(patrol, goods, kind="page", depth=1, found_on="http://shop.example/") == 120

    def test_pages_and_media_are_counted_apart(self, patrol):
        pages = [f"http://shop.example/{chr(97 + n % 26) * (n // 26 + 1)}" for n in range(300)]
        pictures = [f"http://shop.example/img/{n}.jpg" for n in range(100)]
        assert frontier.add(patrol, pages, kind="page", depth=1) == 200
        assert frontier.add(patrol, pages, kind="page", depth=1) == 0
        assert frontier.add(patrol, pictures, kind="media", depth=1) == 100

    def test_two_visitors_never_meet_and_a_late_lease_is_taken_over(self, patrol, monkeypatch):
        frontier.add(patrol, ["http://shop.example/a", "http://shop.example/b"], kind="page", depth=0)
        first, second = frontier.lease(patrol), frontier.lease(patrol)
        assert first.pk != second.pk
        assert frontier.lease(patrol) is None
        patrol.addresses.update(lease_until="2020-01-01T00:00:00Z")
        assert frontier.lease(patrol).pk == first.pk
        assert system("x")
