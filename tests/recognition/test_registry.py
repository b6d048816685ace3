"""Which medium is it? By content; what a name claims is checked."""

import iscc_samples
import pytest

from copyhold.recognition.core import UnreadableMedia
from copyhold.recognition.registry import UnknownMedium, for_medium, recognisers, sniff, what_is

TEXT = "正文 some words".encode()


def test_every_recogniser_is_found_under_its_own_name():
    assert {medium: found.medium for medium, found in recognisers().items()} == {name: name for name in recognisers()}


@pytest.mark.parametrize("medium", ["", "text_tokens", "../text", "smell"])
def test_an_unknown_medium_is_refused(medium):
    with pytest.raises(UnknownMedium):
        for_medium(medium)


@pytest.mark.parametrize("path", iscc_samples.images(), ids=lambda path: path.name)
def test_pictures_are_told_by_their_content(path):
    assert what_is(path.read_bytes())[1] == "image"


@pytest.mark.parametrize("path", iscc_samples.audios(), ids=lambda path: path.name)
def test_recordings_are_told_by_their_content(path):
    assert what_is(path.read_bytes())[1] == "audio"


@pytest.mark.parametrize(
    ("data", "name", "code", "word"),
    [
        (b"", "a.txt", "media.empty", "empty"),
        (b" \n\0\0 ", "a.txt", "media.empty", "empty"),
        (TEXT, "photo.jpg", "media.mislabelled", "plain text"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "song.mp3", "media.mislabelled", "JPEG"),
        (b"\x7fELF" + bytes(100), "poem.txt", "media.mislabelled", "program"),
        (b"\x7fELF" + bytes(100), "poem", "media.unsupported", "program"),
        (b"Rar!\x1a\x07" + bytes(100), "works.rar", "media.unsupported", "RAR"),
        (bytes(range(1, 255)) * 4, "unknown", "media.unsupported", "unknown"),
    ],
    ids=["empty", "blank", "text-as-jpg", "jpg-as-mp3", "program-as-txt", "program", "archive", "noise"],
)
def test_what_cannot_be_used_is_refused_and_named(data, name, code, word):
    with pytest.raises(UnreadableMedia) as refusal:
        sniff(data, name)
    assert refusal.value.instance_code == code
    assert word in str(refusal.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "gb18030", "big5"])
def test_plain_text_in_any_encoding_is_text(encoding):
    assert sniff("正文文字 some words".encode(encoding), "a.txt") == "text"
