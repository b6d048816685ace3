"""The conformance suite: every law pack of every country passes it, and no pack can skip it."""

import json
from dataclasses import fields
from importlib.resources import files
from itertools import pairwise

import pytest

from copyhold.jurisdictions import load, load_version, versions
from copyhold.jurisdictions.errors import BrokenPackError, NoPack, NoSuchTerm, WrongNumber
from copyhold.jurisdictions.loader import build
from copyhold.jurisdictions.model import Datum, Item, Text

DATA = files("copyhold.jurisdictions") / "data"
COUNTRIES = sorted(entry.name for entry in DATA.iterdir() if entry.is_dir())
PACKS = [load_version(country, version) for country in COUNTRIES for version in versions(country)]
each_pack = pytest.mark.parametrize("pack", PACKS, ids=str)
LISTS = [
    field.name
    for field in fields(PACKS[0])
    if field.name != "languages" and isinstance(getattr(PACKS[0], field.name), tuple)
]
NEEDED_CLOCKS = {
    "examination",
    "correction",
    "clue_acceptance",
    "decision",
    "preserve",
    "hearing_request",
    "service",
    "payment",
    "publication",
    "platform_action",
    "restore_wait",
    "transfer_decision",
    "transfer_handover",
}


def data_of(pack):
    for name in LISTS:
        yield from (entry for entry in getattr(pack, name) if isinstance(entry, Datum))
    yield from (pack.effect, pack.certificate_basis)
    for form in pack.forms:
        yield from form.fields


def test_two_countries_are_here():
    assert {"cn", "xx"} <= set(COUNTRIES)


@each_pack
def test_every_datum_has_a_source_and_both_languages(pack):
    for datum in data_of(pack):
        assert datum.source.strip()
        names = [getattr(datum, field.name) for field in fields(datum)]
        for text in (value for value in names if isinstance(value, Text)):
            assert text.zh.strip()
            assert text.en.strip()
            assert any("\u4e00" <= char <= "\u9fff" for char in text.zh)


@each_pack
def test_every_article_cited_can_be_opened(pack):
    for datum in data_of(pack):
        for reference in datum.articles:
            article = pack.cite(reference)
            assert article.text
            assert article.citation.zh.startswith("《")


@each_pack
def test_what_claims_the_law_cites_a_statute_that_was_read(pack):
    for datum in data_of(pack):
        if datum.confidence == "law":
            assert datum.articles
            assert all(pack.cite(reference).confidence == "law" for reference in datum.articles)


@each_pack
def test_codes_and_letters_are_unique(pack):
    for name in LISTS:
        keys = [getattr(entry, "code", None) or getattr(entry, "prefix", None) for entry in getattr(pack, name)]
        assert len(keys) == len(set(keys)), name
    letters = [entry.letter for entry in pack.classes]
    assert len(letters) == len(set(letters))


@each_pack
def test_what_refers_inside_the_pack_is_there(pack):
    for registrar in pack.registrars:
        pack.clock(registrar.examination_clock)
    for rule in pack.notice_rules:
        pack.clock(rule.act_clock)
        assert (rule.restore_clock is not None) == (rule.restore == "after_wait")
        assert rule.restore_clock is None or pack.clock(rule.restore_clock)
    letters = {entry.letter for entry in pack.classes}
    assert all(set(fee.classes) <= letters for fee in pack.fees)
    for form in pack.forms:
        assert all(getattr(pack, field.choices) for field in form.fields if field.choices)


@each_pack
def test_the_clocks_that_the_offices_run_are_there(pack):
    assert {clock.code for clock in pack.clocks} >= NEEDED_CLOCKS
    assert all(clock.amount > 0 for clock in pack.clocks)


@each_pack
def test_its_own_numbers_read_back(pack):
    for registrar in pack.registrars:
        for entry in pack.classes:
            number = pack.format_number(registrar.prefix, 2026, entry.letter, 7)
            parts = pack.parse_number(number)
            assert (parts.registrar, parts.year, parts.class_letter, int(parts.serial)) == (
                registrar.prefix,
                2026,
                entry.letter,
                7,
            )


@each_pack
def test_a_number_that_cannot_be_is_refused(pack):
    prefix, letter = pack.registrars[0].prefix, pack.classes[0].letter
    for parts in (("?", 2026, letter, 1), (prefix, 2026, "?", 1), (prefix, 2026, letter, 0), (prefix, 26, letter, 1)):
        with pytest.raises(WrongNumber):
            pack.format_number(*parts)
    with pytest.raises(WrongNumber):
        pack.format_number(prefix, 2026, letter, 10**13)
    with pytest.raises(WrongNumber):
        pack.parse_number("no number")


@pytest.mark.parametrize("country", COUNTRIES)
def test_on_each_day_at_most_one_version_is_in_force(country):
    packs = [load_version(country, version) for version in versions(country)]
    for earlier, later in pairwise(packs):
        assert earlier.valid_to is not None
        assert earlier.valid_to < later.valid_from
    for pack in packs:
        assert load(country, pack.valid_from) is pack


def test_what_is_not_there_is_said():
    pack = PACKS[0]
    for ask in (
        lambda: pack.clock("nothing"),
        lambda: pack.article("CL", "999"),
        lambda: pack.article("??", "1"),
        lambda: pack.item("refusal_grounds", "nothing"),
        lambda: pack.item("nothing", "nothing"),
        lambda: pack.form("nothing"),
        lambda: pack.work_class("?"),
        lambda: pack.registrar("?"),
        lambda: pack.notice_rule("nothing"),
    ):
        with pytest.raises(NoSuchTerm, match="has no"):
            ask()
    for ask in (
        lambda: load("zz", pack.valid_from),
        lambda: load("../cn", pack.valid_from),
        lambda: load("cn", pack.valid_from.replace(year=1990)),
        lambda: load_version("cn", "1"),
    ):
        with pytest.raises(NoPack):
            ask()


GOOD_ITEM = {"code": "a", "name": {"zh": "甲", "en": "A"}, "articles": [], "source": "s", "confidence": "law"}


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": 1},
        {"code": 1},
        {"code": None},
        {"confidence": "certain"},
        {"name": "A"},
        {"name": {"zh": "甲"}},
        {"articles": "CL 1"},
        {"articles": [1]},
    ],
    ids=json.dumps,
)
def test_a_datum_that_breaks_the_schema_stops_the_load(change):
    assert build(Item, GOOD_ITEM, "here").name.en == "A"
    with pytest.raises(BrokenPackError, match="here"):
        build(Item, GOOD_ITEM | change, "here")


def test_a_datum_with_a_missing_key_stops_the_load():
    with pytest.raises(BrokenPackError, match="source"):
        build(Item, {key: value for key, value in GOOD_ITEM.items() if key != "source"}, "here")
