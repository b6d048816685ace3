"""Folders, lists of addresses, WARC and WACZ files; and what is wrong with a place is said before anything is done."""

import gzip
import zipfile

import pytest
from tests.inspection.conftest import said
from tests.reference.registering import PIECES

from copyhold.errors import Conflict, Forbidden, NotFound
from copyhold.inspection import errands, services
from copyhold.inspection.errors import BadTarget
from copyhold.inspection.models import Finding, Patrol, Target
from copyhold.web.demonstration import sites as places

CAT = PIECES["cat"].read()
NEWS = f"http://{places.NEWS}"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "material"
    (made / "deep").mkdir(parents=True)
    (made / "deep" / "猫.png").write_bytes(CAT)
    (made / "notes.txt").write_text("只是几句话。")
    (made / "empty.jpg").write_bytes(b"")
    (made / "broken.png").write_bytes(CAT[:3000])
    (made / "setup.jpg").write_bytes(b"MZ\x90\0" + bytes(90))
    (made / "loop").symlink_to(made)
    return made


def test_a_folder_is_looked_through_file_by_file(register, patrolled, folder):
    register("cat")
    patrol = patrolled(str(folder), source="folder")
    outcomes = {row.resource_url.rpartition("/")[2]: row.outcome for row in patrol.sightings.all()}
    assert outcomes == {
        "%E7%8C%AB.png": "matched",
        "notes.txt": "not_matchable",
        "broken.png": "unreadable",
        "setup.jpg": "unreadable",
    }
    assert "media.mislabelled" in patrol.sightings.get(resource_url__endswith="setup.jpg").reason
    assert Finding.objects.get().exhibit.items.filter(role="warc").count() == 0


@pytest.fixture
def archive(sites, register, patrolled):
    """The WARC of a patrol of ours, as somebody else's archive; its register knows one text."""
    register("iscc")
    patrol = patrolled(f"{NEWS}/a/codes.html", f"{NEWS}/a/law.html", max_depth=0)
    assert list(said(patrol)) == [f"{NEWS}/a/codes.html"]
    from django.conf import settings

    return settings.COPYHOLD_WARC / patrol.number / patrol.sightings.first().warc_file


def test_warc_and_wacz_say_what_the_site_said(archive, patrolled, tmp_path):
    wacz = tmp_path / "site.wacz"
    with zipfile.ZipFile(wacz, "w") as bundle:
        bundle.write(archive, "archive/data.warc.gz")
        bundle.writestr("datapackage.json", "{}")
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress(archive.read_bytes()))
    for path in (archive, wacz, plain):
        patrol = patrolled(str(path), source="warc")
        assert said(patrol) == {f"{NEWS}/a/codes.html": ("国际标准内容代码规范说明", "finding")}
        assert patrol.state == "finished"


def test_a_torn_archive_keeps_what_was_seen_and_says_so(archive, patrolled, tmp_path):
    torn = tmp_path / "torn.warc.gz"
    torn.write_bytes(archive.read_bytes() + gzip.compress(b"this is no record at all\r\n\r\n"))
    with pytest.raises(BadTarget, match="damaged"):
        patrolled(str(torn), source="warc")
    patrol = Patrol.objects.order_by("-pk").first()
    assert patrol.state == "partial"
    assert len(said(patrol)) == 1


@pytest.mark.parametrize(
    ("source", "name", "content"),
    [
        ("folder", "missing", None),
        ("warc", "missing.warc", None),
        ("warc", "notes.warc", b"not an archive"),
        ("warc", "torn.wacz", b"PK\x03\x04 and nothing else"),
        ("warc", "empty.warc.gz", b""),
    ],
)
def test_a_bad_file_is_said_so_and_the_patrol_is_stopped(patrolled, tmp_path, source, name, content):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadTarget) as caught:
        patrolled(str(path), source=source)
    assert name in str(caught.value)
    assert Patrol.objects.get().state == "aborted"


def test_there_is_no_other_kind_of_source(people):
    with pytest.raises(BadTarget):
        services.add_target(people.officer, name="x", places=["x"], office=people.corps, source_name="ftp")
    assert not Target.objects.exists()


class TestErrands:
    """What the command line makes of a TARGET."""

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("https://a.example/x.txt", "site"),
            ("http://a.example", "site"),
            ("crawl.WARC.gz", "warc"),
            ("crawl.wacz", "warc"),
            ("addresses.txt", "list"),
            ("pictures", "folder"),
            ("one.jpg", "folder"),
        ],
    )
    def test_the_kind_is_seen_by_its_look(self, text, kind):
        assert errands.kind_of(text) == kind

    def test_a_list_is_its_addresses_and_no_further(self, tmp_path):
        path = tmp_path / "list.txt"
        path.write_text("\ufeff# ours\nhttp://b.example/1\n\n http://B.example:80/1 \nhttps://c.example/2\n")
        errand = errands.errand_of(str(path))
        assert errand.places == ("http://b.example/1", "https://c.example/2")
        assert errand.max_depth == 0

    @pytest.mark.parametrize("content", [b"", b"# nothing\n", b"http://a.example/\nno address\n", b"\xff\xfe\x00"])
    def test_a_list_without_sound_addresses_is_refused(self, tmp_path, content):
        path = tmp_path / "list.txt"
        path.write_bytes(content)
        with pytest.raises(BadTarget) as caught:
            errands.errand_of(str(path))
        assert "list.txt" in str(caught.value)

    def test_the_same_errand_uses_its_target_again_and_goes_on_where_it_was(self, people, house):
        errand = errands.Errand(name="x", source="site", places=("http://a.example/",), hosts=("b.example",))
        again = {"office": people.corps, "territory": "CN", "max_pages": 5, "delay_s": 0.0}
        first = errands.patrol_for(errand, **again)
        assert errands.patrol_for(errand, **again).pk == first.pk
        assert first.target.hosts == ["a.example", "b.example"]
        Patrol.objects.update(state="finished")
        assert errands.patrol_for(errand, **again).target.pk == first.target.pk
        assert Patrol.objects.count() == 2

    def test_without_an_office_nobody_inspects(self, db):
        with pytest.raises(NotFound, match="copyhold demo"):
            errands.office_named()


class TestJudging:
    @pytest.fixture
    def finding(self, register, patrolled, tmp_path):
        register("cat")
        (tmp_path / "cat.png").write_bytes(CAT)
        patrolled(str(tmp_path / "cat.png"), source="folder")
        return Finding.objects.get()

    def test_once_and_by_the_office_whose_it_is(self, finding, people):
        for actor in (people.examiner, people.holder, people.platform, people.headquarters, people.legal):
            with pytest.raises(Forbidden):
                services.confirm_finding(actor, finding, reason="it is one")
        seen = finding.version
        services.ask_owner(people.officer, finding, reason="a licence may exist")
        with pytest.raises(Conflict):
            services.confirm_finding(people.second_officer, finding, reason="it is one", seen=seen)
        services.confirm_finding(people.second_officer, finding, reason="it is one", seen=finding.version)
        with pytest.raises(Conflict):
            services.reject_finding(people.officer, finding, reason="it is none")
        finding.refresh_from_db()
        assert (finding.state, finding.judged_by) == ("confirmed", people.second_officer.actor_id)

    def test_a_reason_is_needed(self, finding, people):
        from copyhold.errors import BadInput

        with pytest.raises(BadInput):
            services.reject_finding(people.officer, finding, reason="  ")
        assert finding.state == "to_judge"

    def test_only_officers_add_targets(self, people):
        for actor in (people.examiner, people.holder, people.platform):
            with pytest.raises(Forbidden):
                services.add_target(actor, name="x", places=["http://a.example/"], office=people.corps)
