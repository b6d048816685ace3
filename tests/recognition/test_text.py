"""Text: every format and encoding gives the same words; passages are found where they stand; explanations add up."""

import random

import iscc_samples
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from copyhold.recognition.core import Match, NotMatchable, Segment
from copyhold.recognition.index import MemoryIndex
from copyhold.recognition.matching import identify
from copyhold.recognition.media.text import RECOGNISER
from copyhold.recognition.media.text_decode import TextDocument
from copyhold.recognition.media.text_explain import rows
from copyhold.recognition.media.text_tokens import pack_line, shingles, tokenise, unpack_line, winnow

CHINESE = "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"
FILES = {path.suffix: path for path in iscc_samples.texts()}


def find(work, query):
    reference = RECOGNISER.fingerprint(TextDocument(work))
    index = MemoryIndex()
    index.add(7, reference)
    return identify("text", TextDocument(query), index, {7: reference}.__getitem__)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030"])
def test_an_encoding_is_recognised_by_the_content(encoding):
    assert RECOGNISER.decode(CHINESE.encode(encoding)).text == CHINESE


def test_big5_is_told_from_gb18030():
    traditional = (
        "學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？人不知而不慍，不亦君子乎？這是一個大的問題，我們不會來。"
    )
    assert RECOGNISER.decode(traditional.encode("big5")).text == traditional


def test_western_bytes_are_read_as_western():
    text = "Le café était fermé, mais la crème brûlée de l'hôtel était à goûter; où est donc l'été?"
    assert RECOGNISER.decode(text.encode("cp1252")).text == text


def test_a_text_that_was_cut_inside_a_character_is_read():
    assert RECOGNISER.decode(CHINESE.encode()[:-1]).text == CHINESE[:-1]


@pytest.mark.parametrize("suffix", [".docx", ".odt", ".html", ".xhtml", ".txt", ".xml"])
def test_one_document_in_many_formats_is_one_work(suffix):
    work = RECOGNISER.decode(FILES[".txt"].read_bytes())
    matches = find(work.text, RECOGNISER.decode(FILES[suffix].read_bytes()).text)
    assert matches[0].work_share > 0.95


@pytest.mark.parametrize(("suffix", "form"), [(".pdf", "pdf"), (".epub", "epub"), (".md", "plain")])
def test_another_format_holds_text_that_finds_itself(suffix, form):
    document = RECOGNISER.decode(FILES[suffix].read_bytes())
    assert document.form == form
    assert find(document.text, document.text)[0].query_share == 1.0


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_tokens_stand_where_they_say(text):
    tokens = tokenise(text)
    assert np.all(tokens.starts < tokens.ends)
    assert np.all(tokens.ends <= len(text))
    assert np.all(tokens.starts[1:] >= tokens.starts[:-1])
    for row in range(len(tokens.hashes)):
        alone = tokenise(text[tokens.starts[row] : tokens.ends[row]])
        assert tokens.hashes[row] in alone.hashes


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 700), st.integers(1, 300)), max_size=30))
def test_a_line_keeps_the_place_of_every_token(steps):
    text = "".join(" " * gap + "x" * length + " " for gap, length in steps)
    tokens = tokenise(text)
    line = unpack_line(pack_line(tokens))
    assert line.starts.tolist() == tokens.starts.tolist()
    assert line.ends.tolist() == np.minimum(tokens.ends, tokens.starts + 255).tolist()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=60), st.integers(1, 8))
def test_winnowing_keeps_the_least_of_every_window(values, window):
    hashes = np.array(values, np.uint64)
    expected = {
        max(place for place in range(start, start + window) if values[place] == min(values[start : start + window]))
        for start in range(len(values) - window + 1)
    }
    assert winnow(hashes, window).tolist() == sorted(expected)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("漢字與簡體", "汉字与简体"),
        ("ＡＢＣ ﬁne", "abc fine"),
        ("Crème Brûlée", "creme brulee"),
        ("don’t stop", "DONT, stop!"),
        ("黄河 入\n海流", "黄河入海流"),
    ],
)
def test_what_looks_alike_is_alike(one, other):
    assert tokenise(one).hashes.tolist() == tokenise(other).hashes.tolist()


def test_chinese_shingles_have_five_characters_and_english_ones_four_words():
    for text in ("一二三四五六", "one two three four five"):
        tokens = tokenise(text)
        assert len(shingles(tokens.hashes, tokens.weights)) == 2


def prose(seed, words):
    """Unrelated prose of one language: words as frequent as Zipf and Mandelbrot found them."""
    lexicon = [f"word{row}" for row in range(3000)]
    return " ".join(random.Random(seed).choices(lexicon, [1 / (row + 3.7) for row in range(3000)], k=words))


def test_a_passage_in_a_long_article_is_found_where_it_stands():
    work, host = prose(1, 4000), prose(2, 6000)
    words = work.split(" ")
    quotation = " ".join(words[2000:2030])
    article = host[:9000] + " >> " + quotation + " << " + host[9000:]
    match = find(work, article)[0]
    start, end = match.segments[0].query
    assert abs(start - article.index(quotation)) < 40
    assert abs(end - article.index(quotation) - len(quotation)) < 40
    begin, finish = match.segments[0].reference
    assert abs(begin - work.index(quotation)) < 40
    assert abs(finish - work.index(quotation) - len(quotation)) < 40


def test_a_proverb_or_a_heading_in_common_is_no_match():
    work = prose(3, 500) + " A bird in the hand is worth two in the bush. " + prose(4, 500)
    assert find(work, prose(5, 500) + " A bird in the hand is worth two in the bush. " + prose(6, 500)) == []


def test_a_table_of_equal_cells_is_not_matchable():
    with pytest.raises(NotMatchable):
        RECOGNISER.fingerprint(TextDocument("0.00 0.00 n/a\n" * 300))


def test_a_frame_that_many_works_share_counts_for_little():
    frame = (
        "Home | About | Help | Sign in | Terms of use | Privacy | Contact our friendly office team at any time of day"
    )
    references = {row: RECOGNISER.fingerprint(TextDocument(f"{frame} {prose(row, 300)}")) for row in range(12)}
    index = MemoryIndex()
    for row, reference in references.items():
        index.add(row, reference)
    page = TextDocument(f"{frame} {prose(99, 300)}")
    assert identify("text", page, index, references.__getitem__) == []


def test_an_excluded_work_is_not_found_and_a_withdrawn_one_is_no_error():
    reference = RECOGNISER.fingerprint(TextDocument(CHINESE))
    index = MemoryIndex()
    index.add(7, reference)
    assert identify("text", TextDocument(CHINESE), index, {7: reference}.__getitem__, exclude=[7]) == []
    assert identify("text", TextDocument(CHINESE), index, {}.__getitem__) == []


def test_an_explanation_marks_each_character_that_changed():
    found = rows("今天天气很好。我们去公园。她没有来。", "今天天氣很好。我們去海邊。後來下雨了。")
    assert [row["kind"] for row in found] == ["equal", "changed", "added", "left_out"]
    assert found[0]["exact"] is False
    changed = found[1]
    assert [changed["query"][start:end] for start, end in changed["inserted"]] == ["公园"]
    assert [changed["reference"][start:end] for start, end in changed["deleted"]] == ["海邊"]


@settings(max_examples=60, deadline=None)
@given(st.text("ab甲乙。.\n ", max_size=40), st.text("ab甲乙。.\n ", max_size=40))
def test_the_rows_of_an_explanation_make_up_both_passages(query, reference):
    found = rows(query, reference)
    assert "".join(row["query"] for row in found) == query
    assert "".join(row["reference"] for row in found) == reference


def test_a_long_passage_is_shown_in_part_and_says_so():
    text = prose(8, 9000)
    match = Match(1, 99.0, (Segment((0, len(text)), (0, len(text)), 99.0),), 1.0, 1.0)
    shown = RECOGNISER.explain(TextDocument(text), TextDocument(text), match)
    assert shown.data["passages"][0]["is_cut"] is True
