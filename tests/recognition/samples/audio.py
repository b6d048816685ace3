"""Samples of sound. Sources: iscc-samples (CC-BY-4.0); signals made here: tunes, something like speech, test tones."""

import functools
import io
import wave
from pathlib import Path

import av
import iscc_samples
import numpy as np

RATE = 16_000
FILES = Path(iscc_samples.__file__).parent / "files"


def works():
    return {
        "music": (FILES / "audio" / "demo.mp3").read_bytes(),
        "music with a cover": encoded(sound_of("video/demo.mp4")[: 20 * RATE], "mp3", "libmp3lame"),
        "tune": wav(tune(1)),
        "speech": wav(spoken(2)),
    }


def copies():
    music, film = sound_of("audio/demo.wav"), sound_of("video/demo.mp4")
    loud = np.random.default_rng(5).standard_normal(len(music)) * music.std() / 2
    return {
        "5 s as Opus": ("music", encoded(music[4 * RATE : 9 * RATE], "ogg", "libopus", 32_000)),
        "3 s as MP3": ("music", encoded(music[6 * RATE : 9 * RATE], "mp3", "libmp3lame", 64_000)),
        "10 s low-pass": ("music", wav(filtered(music[2 * RATE : 12 * RATE], ("lowpass", "f=1500")))),
        "10 s in noise": ("music", wav((music + loud)[2 * RATE : 12 * RATE])),
        "10 s, 4 % faster": ("music", wav(filtered(music[2 * RATE : 12 * RATE], ("asetrate", "16640")))),
        "10 s, tempo 7 % slower": ("music", wav(filtered(music[2 * RATE : 12 * RATE], ("atempo", "0.93")))),
        "a film's sound track": ("music with a cover", (FILES / "video" / "demo.webm").read_bytes()),
        "AAC in MP4": ("music with a cover", encoded(film[5 * RATE : 15 * RATE], "mp4", "aac", 64_000)),
        "one channel inverted": ("tune", wav(np.stack([tune(1), -tune(1)]))),
        "part of a speech": ("speech", wav(spoken(2)[RATE * 3 : RATE * 9])),
    }


def unrelated():
    return {
        "another tune": wav(tune(7)),
        "another speaker": wav(spoken(8)),
        "other part of the film": encoded(sound_of("video/demo.mp4")[40 * RATE : 48 * RATE], "flac", "flac"),
        "one beep over and over": wav(np.tile(beeps([880]), 20)),
        "clicks": wav(clicks(0.5)),
        "white noise": wav(np.random.default_rng(1).standard_normal(6 * RATE) * 0.1),
        "other white noise": wav(np.random.default_rng(2).standard_normal(6 * RATE) * 0.1),
        "dial tones": wav(dialled("0318827745", 0.2)),
        "other dial tones": wav(dialled("992613048", 0.23)),
        "a scale of beeps over and over": wav(np.tile(beeps([440, 554, 659, 880]), 6)),
    }


def not_matchable():
    return {
        "silence": ("silent", wav(np.zeros(5 * RATE))),
        "1.4 seconds": ("too_short", (FILES / "audio" / "short.wav").read_bytes()),
        "test tone": ("featureless", wav(np.sin(2 * np.pi * 1000 * np.arange(5 * RATE) / RATE) * 0.3)),
    }


def hostile():
    whole = wav(tune(3))
    film = (FILES / "video" / "demo.mp4").read_bytes()
    return {
        "empty": b"",
        "only zeros": bytes(5000),
        "text": b"This is not a recording.",
        "a picture called a sound": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "cut WAV": whole[: len(whole) // 2],
        "cut AIFF": (FILES / "audio" / "demo.aif").read_bytes()[:400_000],
        "cut film without its index": film[: len(film) // 2],
        "film without sound": silent_film(),
        "header only": whole[:44],
        "playlist of a local file": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        "list of other files": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "session description": b"v=0\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 96\n",
        "claims to be eight hours long": claims_hours(8),
    }


@functools.cache
def sound_of(name):
    """One of the real files as floats, by PyAV itself and not by the recogniser."""
    with av.open(str(FILES / name)) as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames]) / 32768


def wav(samples):
    """Floats, mono or channels × samples, as a 16-bit WAV file."""
    channels = np.atleast_2d(samples)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((len(channels), 2, RATE, 0, "NONE", ""))
        file.writeframes((channels.T.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def frame_of(samples):
    whole = (np.asarray(samples).clip(-1, 1) * 32767).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(whole[None], format="s16", layout="mono")
    frame.sample_rate, frame.pts = RATE, 0
    return frame


def encoded(samples, form, codec, bit_rate=128_000):
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as container:
        stream = container.add_stream(codec, rate=RATE, layout="mono")
        stream.bit_rate = bit_rate
        resampler = av.AudioResampler(stream.format, "mono", RATE, frame_size=stream.frame_size or 1024)
        for part in [*resampler.resample(frame_of(samples)), *resampler.resample(None), None]:
            container.mux(stream.encode(part))
    return buffer.getvalue()


def filtered(samples, *filters):
    """Through FFmpeg's own filters: asetrate changes the speed, atempo the tempo alone."""
    graph = av.filter.Graph()
    chain = [graph.add_abuffer(sample_rate=RATE, format="s16", layout="mono", time_base="1/16000")]
    chain += [graph.add(name, arguments) for name, arguments in filters]
    chain += [graph.add("aresample", str(RATE)), graph.add("aformat", "sample_fmts=s16:channel_layouts=mono")]
    graph.link_nodes(*chain, graph.add("abuffersink")).configure()
    graph.push(frame_of(samples))
    graph.push(None)
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            return np.concatenate(parts) / 32768


def tune(seed, seconds=12):
    """Plucked notes of random pitch and length, several at a time."""
    random = np.random.default_rng(seed)
    samples = np.zeros(seconds * RATE)
    at = 0.0
    while at < seconds - 0.6:
        hertz = 220 * 2 ** (random.integers(0, 30) / 12)
        length = int(random.choice([0.25, 0.4, 0.6]) * RATE)
        time = np.arange(length) / RATE
        note = sum(np.sin(2 * np.pi * hertz * part * time) / part for part in (1, 2, 3)) * np.exp(-5 * time)
        begin = int(at * RATE)
        samples[begin : begin + length] += note * 0.15
        at += random.choice([0.1, 0.15, 0.25])
    return samples


def spoken(seed, seconds=12):
    """Something like speech: a buzzing voice of wandering pitch through two formants, with consonants and pauses."""
    random = np.random.default_rng(seed)
    parts = []
    while sum(map(len, parts)) < seconds * RATE:
        length = int(random.uniform(0.08, 0.25) * RATE)
        time = np.arange(length) / RATE
        pitch = random.uniform(90, 220) * (1 + random.uniform(-0.2, 0.2) * time / time[-1])
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        first, second = random.uniform(280, 850), random.uniform(900, 2500)
        voice = sum(
            np.sin(number * phase) * sum(np.exp(-(((number * pitch - peak) / 130) ** 2)) for peak in (first, second))
            for number in range(1, 22)
        )
        parts.append(voice * np.hanning(length) * 0.2)
        parts.append(random.standard_normal(int(random.uniform(0.01, 0.08) * RATE)) * 0.02)
        parts.append(np.zeros(int(random.choice([0, 0, 0.05, 0.2]) * RATE)))
    return np.concatenate(parts)[: seconds * RATE]


def beeps(hertz, length_s=0.12, gap_s=0.1):
    time = np.arange(int(length_s * RATE)) / RATE
    gap = np.zeros(int(gap_s * RATE))
    return np.concatenate([part for one in hertz for part in (np.sin(2 * np.pi * one * time) * 0.3, gap)])


def clicks(every_s, seconds=6):
    return np.where(np.arange(seconds * RATE) % int(every_s * RATE) == 0, 0.9, 0.0)


def dialled(digits, length_s):
    """DTMF, as telephones send it."""
    rows, columns = (697, 770, 852, 941), (1209, 1336, 1477)
    keys = "123456789*0#"
    tones = [(rows[keys.index(digit) // 3], columns[keys.index(digit) % 3]) for digit in digits]
    return np.concatenate([beeps([low], length_s) / 2 + beeps([high], length_s) / 2 for low, high in tones])


def silent_film():
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8))))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def claims_hours(hours):
    """A FLAC file of one second whose header promises hours (36 bits of samples at the end of STREAMINFO's facts)."""
    data = bytearray(encoded(np.zeros(RATE), "flac", "flac"))
    facts = int.from_bytes(data[18:26], "big")
    data[18:26] = (facts >> 36 << 36 | hours * 3600 * RATE).to_bytes(8, "big")
    return bytes(data)
