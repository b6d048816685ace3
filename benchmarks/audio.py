"""Recall, false positives, location and speed of the audio recogniser on a folder of recordings.

    python benchmarks/audio.py [FOLDER] [--queries N]

Every other recording is registered; excerpts of the registered ones are edited and must be found, excerpts of the rest
must not. The threshold is the highest score that half of the negatives reach; the other half tells the false positives.
Without FOLDER: the development data (music of Debian games, see docs) and iscc-samples, as far as they are installed.
Chromaprint is measured beside it when `fpcalc` is installed, speech is laid over with `espeak-ng`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import av
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from copyhold.errors import BadInput
from copyhold.recognition.matching import STRONG_BITS
from copyhold.recognition.media.audio import MIN_BITS, AudioRecogniser
from copyhold.recognition.media.audio_decode import RATE, Sound
from copyhold.recognition.segments import SegmentIndex

SUFFIXES = AudioRecogniser.suffixes
RECORDINGS, LONGEST_S, LENGTHS_S = 64, 120, (3, 5, 10)
SPOKEN = (
    "Copyright protects the works of authors. Whoever recognises a song under this voice has listened well, and may "
    "now go on to say where it begins, where it ends, and how loud it was before somebody spoke over it."
)
RECOGNISER = AudioRecogniser(least_bits=4.0, least_segment_bits=4.0)  # scores below the limit are wanted here


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--queries", type=int, default=3, help="conditions per recording and length")
    parser.add_argument("--recordings", type=int, default=RECORDINGS)
    parser.add_argument("--negatives", type=int, default=120)
    arguments = parser.parse_args()
    random = np.random.default_rng(7)
    sounds, times = load(arguments.folder, arguments.recordings)
    registered = range(0, len(sounds), 2)
    with tempfile.TemporaryDirectory() as folder:
        index, references = register(Path(folder), sounds, registered, times)
        edits = conditions()
        rows = list(positives(sounds, registered, edits, arguments.queries, random))
        rows += list(negatives(sounds, edits, arguments.negatives, random))
        peer = Chromaprint({work: sounds[work] for work in registered}) if shutil.which("fpcalc") else None
        for row in track(rows, "queries", console=Console(stderr=True)):
            begin = time.process_time()
            row.update(best(row["sound"], index, references, row["work"]))
            row["seconds"] = time.process_time() - begin
            if peer:
                row.update(peer.best(row["sound"], row["work"]))
            del row["sound"]
    report(rows, times, len(registered))


def load(folder: Path | None, most: int) -> tuple[list[Sound], dict[str, float]]:
    """The first two minutes of every recording longer than thirteen seconds."""
    sounds, times = [], defaultdict(float)
    for path in track(recordings(folder), "decoding", console=Console(stderr=True)):
        begin = time.process_time()
        try:
            sound = RECOGNISER.decode(path.read_bytes())
        except BadInput:
            continue
        if sound.duration_ms < 13_000:
            continue
        times["decode"] += (time.process_time() - begin) * min(1, LONGEST_S * 1000 / sound.duration_ms)
        sounds.append(Sound(sound.samples[: LONGEST_S * RATE].copy()))
        if len(sounds) == most:
            break
    return sounds, times


def recordings(folder: Path | None) -> list[Path]:
    if folder:
        return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    import iscc_samples

    samples = Path(iscc_samples.__file__).parent / "files"
    games = Path("/usr/share/games")
    found = [samples / "audio" / "demo.wav", samples / "video" / "demo.mp4"]
    return found + sorted(path for path in games.rglob("*.ogg") if path.stat().st_size > 250_000)


def register(
    folder: Path, sounds: list[Sound], works: range, times: dict[str, float]
) -> tuple[SegmentIndex, dict[int, object]]:
    begin = time.process_time()
    references = {}
    for work in works:
        try:
            references[work] = RECOGNISER.fingerprint(sounds[work])
        except BadInput:
            continue
    times["extract"] = (time.process_time() - begin) * len(sounds) / len(works)
    times["sound_s"] = sum(sound.duration_ms for sound in sounds) / 1000
    prints = references.values()
    times["postings_per_s"] = sum(len(one.hashes) for one in prints) / sum(one.extent / 1000 for one in prints)
    index = SegmentIndex(folder)
    index.append(
        np.concatenate([one.hashes for one in prints]),
        np.concatenate([np.full(len(one.hashes), work, np.uint32) for work, one in references.items()]),
        np.concatenate([one.positions for one in prints]),
    )
    return index, references


def filtered(sound: Sound, *filters: tuple[str, str]) -> Sound:
    """Through FFmpeg's own filters: what pirates use."""
    graph = av.filter.Graph()
    chain = [graph.add_abuffer(sample_rate=RATE, format="s16", layout="mono", time_base="1/16000")]
    chain += [graph.add(name, arguments) for name, arguments in filters]
    chain += [graph.add("aresample", str(RATE)), graph.add("aformat", "sample_fmts=s16:channel_layouts=mono")]
    graph.link_nodes(*chain, graph.add("abuffersink")).configure()
    frame = av.AudioFrame.from_ndarray(sound.samples[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts = RATE, 0
    graph.push(frame)
    graph.push(None)
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            return Sound(np.concatenate(parts))


def encoded(sound: Sound, form: str, codec: str, bit_rate: int) -> Sound:
    import io

    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as container:
        stream = container.add_stream(codec, rate=RATE, layout="mono")
        stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(sound.samples[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        resampler = av.AudioResampler(stream.format, "mono", RATE, frame_size=stream.frame_size or 1024)
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(part))
    return RECOGNISER.decode(buffer.getvalue())


def mixed(sound: Sound, other: np.ndarray, music_db: float) -> Sound:
    """With the music so many dB over (or, negative, under) the other sound."""
    music, other = sound.samples / 32768, np.resize(other, len(sound.samples))
    both = music / (music.std() + 1e-9) * 10 ** (music_db / 20) + other / other.std()
    return Sound((both / np.abs(both).max() * 30_000).astype(np.int16))


def conditions() -> dict[str, tuple[object, float]]:
    """Name → (edit, how many times as fast the result plays)."""
    hiss = np.random.default_rng(11).standard_normal(RATE * 10)
    table = {
        "as it is": (lambda sound: sound, 1.0),
        "MP3 64 kbit/s": (lambda sound: encoded(sound, "mp3", "libmp3lame", 64_000), 1.0),
        "Opus 24 kbit/s": (lambda sound: encoded(sound, "ogg", "libopus", 24_000), 1.0),
        "low-pass 1.5 kHz": (lambda sound: filtered(sound, ("lowpass", "f=1500"), ("lowpass", "f=1500")), 1.0),
        "noise, 6 dB under": (lambda sound: mixed(sound, hiss, 6), 1.0),
        "noise, as loud": (lambda sound: mixed(sound, hiss, 0), 1.0),
    }
    for rate in (0.9, 0.96, 1.03, 1.1):
        table[f"speed {rate}"] = (lambda s, r=rate: filtered(s, ("asetrate", str(round(RATE * r)))), rate)
        table[f"tempo {rate}"] = (lambda s, r=rate: filtered(s, ("atempo", str(r))), rate)
        table[f"pitch {rate}"] = (
            lambda s, r=rate: filtered(
                s, ("asetrate", str(round(RATE * r))), ("aresample", str(RATE)), ("atempo", str(1 / r))
            ),
            1.0,
        )
    if shutil.which("espeak-ng"):
        spoken = subprocess.run(["espeak-ng", "--stdout", SPOKEN], capture_output=True, check=True).stdout
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            file.write(spoken)
            file.flush()
            speech = RECOGNISER.decode(Path(file.name).read_bytes()).samples / 32768
        table["under speech, as loud"] = (lambda sound: mixed(sound, speech, 0), 1.0)
        table["under speech, -6 dB"] = (lambda sound: mixed(sound, speech, -6), 1.0)
    return table


def excerpt(sound: Sound, seconds: int, random: np.random.Generator) -> tuple[Sound, float]:
    """One stretch that is not silent, and where it begins in milliseconds."""
    for _ in range(20):
        begin = int(random.integers(0, len(sound.samples) - seconds * RATE))
        samples = sound.samples[begin : begin + seconds * RATE]
        if samples.std() > 100:
            break
    return Sound(samples), begin * 1000 / RATE


def positives(sounds, works, edits, count, random):
    for work in works:
        for seconds in LENGTHS_S:
            for name in random.choice(sorted(edits), count, replace=False):
                part, begin_ms = excerpt(sounds[work], seconds, random)
                edit, rate = edits[name]
                row = {"work": work, "name": name, "length_s": seconds, "begin_ms": begin_ms, "rate": rate}
                yield row | {"sound": edit(part)}


def negatives(sounds, edits, count, random):
    for number in range(count):
        work = 1 + 2 * int(random.integers(0, len(sounds) // 2))
        name = str(random.choice(sorted(edits)))
        seconds = LENGTHS_S[number % len(LENGTHS_S)]
        part, _ = excerpt(sounds[work], seconds, random)
        yield {"work": None, "name": name, "length_s": seconds, "sound": edits[name][0](part)}


def best(sound: Sound, index: SegmentIndex, references: dict, work: int | None) -> dict:
    """Highest score of the right work and of any wrong one, searching as `matching.identify` does."""
    row = {"right": 0.0, "wrong": 0.0, "match": None, "variants": 0}
    try:
        queries = RECOGNISER.query(sound)
    except BadInput:
        return row
    for query in queries:
        row["variants"] += 1
        for candidate in RECOGNISER.candidates(query, index.lookup(query.hashes), 20):
            match = RECOGNISER.confirm(query, references[candidate], candidate)
            key = "right" if candidate == work else "wrong"
            if match and match.bits > row[key]:
                row[key] = match.bits
                if candidate == work:
                    row["match"] = match.segments[0]
        if max(row["right"], row["wrong"]) >= STRONG_BITS:
            break
    return row


class Chromaprint:
    """The peer: fpcalc's raw codes, best share of equal bits over all alignments."""

    def __init__(self, sounds: dict[int, Sound]) -> None:
        self.codes = {work: self.raw(sound) for work, sound in sounds.items()}

    def raw(self, sound: Sound) -> np.ndarray:
        import wave

        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            with wave.open(file.name, "wb") as out:
                out.setparams((1, 2, RATE, 0, "NONE", ""))
                out.writeframes(sound.samples.tobytes())
            done = subprocess.run(
                ["fpcalc", "-raw", "-json", "-length", "0", file.name], capture_output=True, check=False
            )  # exit status 3 with a good fingerprint: known in Debian 12
        try:
            return np.array(json.loads(done.stdout)["fingerprint"], np.uint32)
        except (ValueError, KeyError):
            return np.empty(0, np.uint32)

    def best(self, sound: Sound, work: int | None) -> dict[str, float]:
        query, scores = self.raw(sound), {"peer_right": 0.0, "peer_wrong": 0.0}
        for known, codes in self.codes.items():
            if not len(query) or len(codes) < len(query):
                continue
            windows = np.lib.stride_tricks.sliding_window_view(codes, len(query))
            score = 1 - float(np.bitwise_count(windows ^ query).mean(axis=1).min()) / 32
            key = "peer_right" if known == work else "peer_wrong"
            scores[key] = max(scores[key], score)
        return scores


def limit_of(rows: list[dict], wrong: str, length: int) -> float:
    return max([row[wrong] for row in rows if row["length_s"] == length], default=0.0)


def report(rows: list[dict], times: dict[str, float], works: int) -> None:
    asked = [row for row in rows if row["work"] is not None]
    others = [row for row in rows if row["work"] is None]
    table = Table(title=f"Recall with zero false positives, {works} works, {len(asked)} + {len(others)} queries")
    for column in ("condition", *(f"{length} s" for length in LENGTHS_S), "at the fixed limit", "Chromaprint"):
        table.add_column(column, justify="left" if column == "condition" else "right")
    own = {length: limit_of(others + asked, "wrong", length) for length in LENGTHS_S}
    peer = (
        {length: limit_of(others + asked, "peer_wrong", length) for length in LENGTHS_S}
        if "peer_wrong" in rows[0]
        else {}
    )
    for name in [*sorted({row["name"] for row in asked}), "all"]:
        chosen = [row for row in asked if name in {row["name"], "all"}]
        cells = [share([r["right"] > own[n] for r in chosen if r["length_s"] == n]) for n in LENGTHS_S]
        cells.append(share([row["right"] >= MIN_BITS for row in chosen]))
        cells.append(share([row["peer_right"] > peer[row["length_s"]] for row in chosen]) if peer else "-")
        table.add_row(name, *cells)
    Console(width=120).print(table)
    print(json.dumps(figures(rows, asked, others, times, own, peer)))


def share(found: list[bool]) -> str:
    return f"{100 * sum(found) / len(found):.0f} % of {len(found)}" if found else "-"


def figures(rows, asked, others, times, own, peer) -> dict:
    half = len(others) // 2

    def at_each_length(key: str, limits: dict[int, float]) -> dict[int, float]:
        return {n: mean([r[key] > limits[n] for r in asked if r["length_s"] == n]) for n in limits}

    limit = max((row["wrong"] for row in others[:half]), default=0.0)
    above = sum(row["wrong"] > limit for row in others[half:])
    tested = len(others) - half
    errors = []
    for row in asked:
        if row["match"] and row["right"] >= MIN_BITS:
            middle = [sum(span) / 2 for span in (row["match"].query, row["match"].reference)]
            errors.append(abs(middle[1] - row["begin_ms"] - middle[0] * row["rate"]))
    return {
        "recall_zero_fp": at_each_length("right", own),
        "recall_at_limit": at_each_length("right", dict.fromkeys(LENGTHS_S, MIN_BITS)),
        "chromaprint_zero_fp": at_each_length("peer_right", peer),
        "limit_bits": MIN_BITS,
        "highest_wrong_bits": round(max(row["wrong"] for row in rows), 1),
        "held_out": {"bits": round(limit, 1), "false": above, "of": tested, "upper_95": round(upper(above, tested), 3)},
        "wrong_at_limit": sum(row["wrong"] >= MIN_BITS for row in rows),
        "location_error_ms": {"p50": round(percentile(errors, 50), 1), "p95": round(percentile(errors, 95), 1)},
        "extract_over_decode": round(times["extract"] / max(times["decode"], 1e-9), 2),
        "extract_ms_per_s": round(1000 * times["extract"] / times["sound_s"], 2),
        "postings_per_s": round(times["postings_per_s"]),
        "query_cpu_s": {"found_p50": round(percentile([r["seconds"] for r in asked if r["right"] >= MIN_BITS], 50), 3),
                        "nothing_p50": round(percentile([r["seconds"] for r in others], 50), 3)},
    }  # fmt: skip


def mean(found: list[bool]) -> float:
    return round(sum(found) / len(found), 3) if found else 0.0


def percentile(values: list[float], at: float) -> float:
    return float(np.percentile(values, at)) if values else 0.0


def upper(false: int, tested: int) -> float:
    """Upper end of Wilson's 95 % interval."""
    if not tested:
        return 1.0
    rate, z2 = false / tested, 1.96**2
    spread = 1.96 * (rate * (1 - rate) / tested + z2 / (4 * tested**2)) ** 0.5
    return (rate + z2 / (2 * tested) + spread) / (1 + z2 / tested)


if __name__ == "__main__":
    main()
