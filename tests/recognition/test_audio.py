"""Sound: what is found, where, at which speed; what must never match; what is refused and why."""

import importlib.util
import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from copyhold.recognition.core import NotMatchable, UnreadableMedia
from copyhold.recognition.index import MemoryIndex
from copyhold.recognition.matching import identify
from copyhold.recognition.media import audio_decode
from copyhold.recognition.media.audio import RECOGNISER
from copyhold.recognition.media.audio_align import _maximal
from copyhold.recognition.media.audio_decode import RATE, Sound
from copyhold.recognition.media.audio_landmarks import HOP_MS, in_order, landmarks, stronger_near
from copyhold.recognition.media.audio_triplets import GRID, IDENTITY, TRIED, Shift, all_landmarks, triplets

_spec = importlib.util.spec_from_file_location("samples_audio", Path(__file__).parent / "samples" / "audio.py")
samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(samples)


def sound(values):
    return Sound((np.asarray(values).clip(-1, 1) * 32767).astype(np.int16))


@pytest.fixture(scope="module")
def music():
    return sound(samples.sound_of("audio/demo.wav"))


@pytest.fixture(scope="module")
def film():
    return sound(samples.sound_of("video/demo.mp4"))


@pytest.fixture(scope="module")
def office(music, film):
    """An index of the two real recordings: 0 is the music, 1 the film's sound track."""
    references = {0: RECOGNISER.fingerprint(music), 1: RECOGNISER.fingerprint(film)}
    index = MemoryIndex()
    for work, reference in references.items():
        index.add(work, reference)
    return index, references


def search(office, asked):
    index, references = office
    return identify("audio", asked, index, references.__getitem__)


def part(whole, begin_ms, length_ms):
    return Sound(whole.samples[begin_ms * RATE // 1000 : (begin_ms + length_ms) * RATE // 1000])


@pytest.mark.parametrize("begin_ms", [5_013, 10_007, 33_333])
@pytest.mark.parametrize("length_ms", [3_000, 10_000])
def test_an_excerpt_is_located_within_20_ms(office, film, begin_ms, length_ms):
    match = search(office, part(film, begin_ms, length_ms))[0]
    segment = match.segments[0]
    assert match.work == 1
    middle = sum(segment.reference) / 2 - sum(segment.query) / 2
    assert abs(middle - begin_ms) <= 20
    assert match.query_share > 0.7
    assert match.work_share == pytest.approx(length_ms / film.duration_ms, abs=0.05)


@pytest.mark.parametrize(
    ("name", "filters", "rate", "pitch"),
    [
        ("speed", [("asetrate", "16480")], 1.03, 1.03),
        ("speed", [("asetrate", "14720")], 0.92, 0.92),
        ("tempo", [("atempo", "1.08")], 1.08, 1.0),
        ("pitch", [("asetrate", "16800"), ("aresample", "16000"), ("atempo", "0.952381")], 1.0, 1.05),
    ],
)
def test_a_changed_copy_is_found_and_the_change_is_named(office, film, name, filters, rate, pitch):
    changed = sound(samples.filtered(film.samples[12 * RATE : 22 * RATE] / 32768, *filters))
    match = search(office, changed)[0]
    segment = match.segments[0]
    assert match.work == 1
    assert segment.detail["speed"] * segment.detail["tempo"] == pytest.approx(rate, abs=0.006)
    assert segment.detail["speed"] * segment.detail["pitch"] == pytest.approx(pitch, abs=0.015)
    assert segment.detail[name] != 1.0
    assert abs(sum(segment.reference) / 2 - 12_000 - rate * sum(segment.query) / 2) <= 60  # the filters add some delay


def test_music_under_speech_6_db_louder_is_found(office, film):
    song, speech = film.samples[4 * RATE : 14 * RATE] / 32768, samples.spoken(3, 10)
    mixed = song / song.std() * 0.5 + speech / speech.std()
    assert [match.work for match in search(office, sound(mixed * 0.1))] == [1]


def test_two_works_in_one_recording_are_both_found_with_their_places(office, music, film):
    both = Sound(np.concatenate([music.samples[: 6 * RATE], film.samples[20 * RATE : 28 * RATE]]))
    matches = {match.work: match.segments[0] for match in search(office, both)}
    assert set(matches) == {0, 1}
    assert matches[0].query[1] <= 6_300
    assert matches[1].query[0] >= 5_700
    assert matches[1].reference[0] - matches[1].query[0] == pytest.approx(14_000, abs=20)


def test_two_stretches_in_another_order_are_two_segments(office, film):
    cut = Sound(np.concatenate([film.samples[40 * RATE : 47 * RATE], film.samples[5 * RATE : 12 * RATE]]))
    match = search(office, cut)[0]
    offsets = sorted(round((one.reference[0] - one.query[0]) / 1000) for one in match.segments)
    assert offsets == [-2, 40]


def test_a_clip_inside_silence_and_noise_covers_only_its_place(office, film):
    hiss = np.random.default_rng(4).standard_normal(10 * RATE) * 300
    whole = np.concatenate([hiss, film.samples[8 * RATE : 16 * RATE], np.zeros(5 * RATE)]).astype(np.int16)
    segment = search(office, Sound(whole))[0].segments[0]
    assert segment.query[0] >= 9_700
    assert segment.query[1] <= 18_300


SYNTHETIC = {
    "dial tones": lambda: samples.dialled("0318827745031", 0.2),
    "other dial tones": lambda: samples.dialled("9926130480517", 0.23),
    "beeps": lambda: np.tile(samples.beeps([440, 554, 659, 880]), 6),
    "quicker beeps": lambda: np.tile(samples.beeps([440, 587, 698, 988, 1175], 0.07), 8),
    "clicks": lambda: samples.clicks(0.5),
    "quicker clicks": lambda: samples.clicks(0.31),
    "white noise": lambda: np.random.default_rng(21).standard_normal(6 * RATE) * 0.1,
    "sweep": lambda: np.sin(2 * np.pi * np.cumsum(np.geomspace(200, 4000, 6 * RATE)) / RATE) * 0.3,
    "a note over and over": lambda: np.tile(samples.tune(5)[:RATE], 6),
}


def test_signals_that_are_everywhere_match_neither_music_nor_each_other(office):
    prints = {}
    for name, make in SYNTHETIC.items():
        made = sound(make())
        try:
            prints[name] = (RECOGNISER.query(made)[:2], RECOGNISER.fingerprint(made))
        except NotMatchable:
            continue
        assert search(office, made) == [], name
    assert len(prints) >= 6
    for one, other in permutations(prints, 2):
        for query in prints[one][0]:
            assert RECOGNISER.confirm(query, prints[other][1], 0) is None, f"{one} matched {other}"


@pytest.mark.parametrize(
    ("reason", "values"),
    [
        ("silent", np.zeros(5 * RATE)),
        ("too_short", samples.tune(1)[: int(1.9 * RATE)]),
        ("too_short", []),
        ("featureless", np.sin(2 * np.pi * 440 * np.arange(5 * RATE) / RATE) * 0.5),
    ],
)
def test_too_little_to_recognise_says_why(reason, values):
    for side in (RECOGNISER.fingerprint, RECOGNISER.query):
        with pytest.raises(NotMatchable) as refusal:
            side(sound(values))
        assert refusal.value.reason == reason


@pytest.mark.parametrize(
    "name",
    [
        *(f"audio/demo.{ending}" for ending in ("aac", "ac3", "aif", "mp3", "ogg", "opus", "wav", "wv")),
        "audio/withcover.mp3",
    ],
)
def test_every_form_of_one_recording_sounds_the_same(office, name):
    decoded = RECOGNISER.decode((samples.FILES / name).read_bytes())
    assert decoded.duration_ms == pytest.approx(15_500, abs=60)
    match = search(office, decoded)[0]
    assert match.work == 0
    assert match.query_share > 0.9


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm", "mov", "avi", "wmv", "flv", "mpg", "3gp"])
def test_a_film_is_found_by_its_sound_track(office, ending):
    decoded = RECOGNISER.decode((samples.FILES / "video" / f"demo.{ending}").read_bytes())
    assert [match.work for match in search(office, part(decoded, 20_000, 10_000))] == [1]


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("media.empty", b""),
        ("media.unreadable", b"not a sound"),
        ("media.truncated", samples.wav(samples.tune(1, 3))[:30_000]),
        ("media.too_long", samples.claims_hours(8)),
        ("media.no_audio", samples.silent_film()),
    ],
)
def test_what_cannot_be_read_says_what_to_do(code, data):
    with pytest.raises(UnreadableMedia) as refusal:
        RECOGNISER.decode(data)
    assert refusal.value.instance_code == code
    assert str(refusal.value).endswith(".")


def test_damage_in_the_middle_is_refused_and_a_scratch_is_played_over(film):
    whole = bytearray(samples.encoded(film.samples[: 20 * RATE] / 32768, "mp3", "libmp3lame"))
    scratched = whole.copy()
    scratched[100_000:100_040] = bytes(40)
    assert RECOGNISER.decode(bytes(scratched)).duration_ms == pytest.approx(20_000, abs=200)


def test_a_recording_larger_than_the_limit_is_refused_unread(monkeypatch):
    monkeypatch.setattr(audio_decode, "MAX_BYTES", 1000)
    with pytest.raises(UnreadableMedia, match="larger than"):
        RECOGNISER.decode(bytes(1001))


def test_explanation_is_small_plain_and_playable(office, film):
    asked = part(film, 15_000, 30_000)
    match = search(office, asked)[0]
    shown = RECOGNISER.explain(asked, film, match)
    text = json.dumps(shown.data, allow_nan=False)
    assert len(text) < 20_000
    assert {"en", "zh"} == set(shown.data["words"])
    for side, whole in (("query", asked), ("reference", film)):
        told = shown.data[side]
        assert len(told["envelope"]) <= 400
        assert max(told["envelope"]) == pytest.approx(np.abs(whole.samples.astype(int)).max() / 32768, abs=0.001)
        played = RECOGNISER.decode(shown.files[told["excerpt"]])
        assert 0 < played.duration_ms <= 20_000
        begin = match.segments[0].query[0] if side == "query" else match.segments[0].reference[0]
        at = begin * RATE // 1000
        np.testing.assert_array_equal(played.samples, whole.samples[at : at + len(played.samples)])


def test_landmarks_do_not_depend_on_the_blocks_they_are_computed_in(film, monkeypatch):
    whole = landmarks(film)
    monkeypatch.setattr("copyhold.recognition.media.audio_landmarks._BLOCK", 700)
    np.testing.assert_array_equal(landmarks(film), whole)


def test_landmarks_move_with_the_sound(film):
    """A delay of whole hops moves nearly every landmark by as much."""
    early, late = landmarks(part(film, 0, 10_000)), landmarks(part(film, 100 * HOP_MS, 8_000))
    inner = early[(early["ms"] > 3_000) & (early["ms"] < 9_000)]
    there = {(int(one["ms"]) + 2_000, int(one["pitch"])) for one in late}
    assert np.mean([(int(one["ms"]), int(one["pitch"])) in there for one in inner]) > 0.95


def test_ranks_agree_with_counting_one_by_one(film):
    peaks = landmarks(part(film, 5_000, 4_000))
    counted = stronger_near(peaks)
    for row, one in enumerate(peaks):
        near = (np.abs(peaks["ms"] - one["ms"]) <= 500) & (np.abs(peaks["pitch"].astype(int) - one["pitch"]) <= 36 * 8)
        beats = peaks["strength"] > one["strength"]
        beats |= (peaks["strength"] == one["strength"]) & (np.arange(len(peaks)) < row)
        assert counted[row] == (near & beats).sum()


def test_a_hash_forgets_when_and_the_neighbours_hold_the_plain_hashes(film):
    peaks = landmarks(part(film, 5_000, 4_000))
    later = peaks.copy()
    later["ms"] += 12_340
    hashes, positions = triplets(peaks, 5)
    moved, moved_positions = triplets(later, 5)
    np.testing.assert_array_equal(hashes, moved)
    np.testing.assert_array_equal(positions + 12_340, moved_positions)
    assert set(hashes.tolist()) <= set(triplets(peaks, 5, (0.3,) * 5)[0].tolist())
    assert int(hashes.max()) < 1 << 34


def test_a_long_query_keeps_to_its_limit_and_whole_stretches(film):
    peaks = landmarks(film)
    everything, _ = triplets(peaks, 8)
    some, positions = triplets(peaks, 8, limit=len(everything) // 4)
    assert set(some.tolist()) <= set(everything.tolist())
    assert 0.1 < len(some) / len(everything) < 0.3
    assert len(np.unique(positions // 2000)) < 0.4 * film.duration_ms / 2000


def test_variants_expand_from_the_first_as_it_crossed_the_sandbox(film):
    variants = RECOGNISER.query(part(film, 5_000, 4_000))
    expanded = RECOGNISER.expand(variants[0])
    assert len(expanded) == len(variants) == len(TRIED) == len(GRID) + 1
    for row in (0, 1, 2, 17):
        assert expanded[row].to_bytes() == variants[row].to_bytes()


def test_a_shift_undone_moves_time_and_pitch(film):
    peaks = landmarks(part(film, 0, 3_000))
    assert Shift().undo(peaks).tobytes() == peaks.tobytes()
    undone = Shift(rate=1.02, pitch=2 ** (1 / 36)).undo(peaks)
    np.testing.assert_allclose(undone["ms"], peaks["ms"] * 1.02, atol=0.5)
    np.testing.assert_array_equal(undone["pitch"], peaks["pitch"] - 8)
    assert IDENTITY in GRID


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: b[:10], lambda b: b"\xff" * 16 + b[16:]]
)
def test_a_damaged_fingerprint_is_refused(film, damage):
    extra = RECOGNISER.query(part(film, 0, 3_000))[0].extra
    assert len(in_order(all_landmarks(extra)))
    with pytest.raises(UnreadableMedia):
        all_landmarks(damage(extra))


def test_the_best_run_agrees_with_trying_all():
    random = np.random.default_rng(9)
    for _ in range(200):
        scores = random.normal(-0.2, 1, int(random.integers(1, 25)))
        first, last = _maximal(scores)
        best = max(scores[i : j + 1].sum() for i in range(len(scores)) for j in range(i, len(scores)))
        assert scores[first : last + 1].sum() == pytest.approx(best)
