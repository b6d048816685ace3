"""The works of the demonstration: real files, who files them, and under which title."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Piece:
    """One work as its owner files it. `category` is the letter of the law pack's class."""

    key: str
    title: str
    title_en: str
    category: str
    medium: str
    media_type: str
    owner: str  # code of the organisation
    filename: str
    source: str  # "skimage:…", "iscc:…" or "own:…"
    completed: str
    published: str = ""
    place: str = "兰汀"
    statement: str = ""

    def read(self) -> bytes:
        return read(self.source)


def read(source: str) -> bytes:
    """The bytes of a real file: skimage:NAME, iscc:FOLDER/NAME, or own:NAME."""
    place, _, name = source.partition(":")
    if place == "own":
        return (HERE / "data" / "texts" / name).read_bytes()
    if place == "law":
        return _statute(name)
    if place == "edit":
        from copyhold.web.demonstration import edits

        verb, _, inner = name.removesuffix(")").partition("(")
        return bytes(getattr(edits, verb)(read(inner)))
    root = _package("skimage", "data") if place == "skimage" else _package("iscc_samples", "files")
    return (root / name).read_bytes()


@cache
def _package(name: str, folder: str) -> Path:
    return Path(str(files(name))) / folder


def _statute(code: str) -> bytes:
    """A whole statute as text, from the law pack: something that nobody may own."""
    law = json.loads((Path(str(files("copyhold.jurisdictions"))) / "data" / "cn" / "laws" / f"{code}.json").read_text())
    articles = (f"第 {number} 条　{text}" for number, text in law["articles"].items())
    return "\n\n".join((law["name"]["zh"], *articles)).encode()


PHOTO = "由作者本人于现场拍摄并后期调整，构图、光线与时机的选择体现独创性。"
PROSE = "作者独立创作的散文，题材、结构与文字均为原创。"
SOUND = "作者自行作曲、演奏并录制，混音由作者完成。"

REGISTERED: tuple[Piece, ...] = (
    Piece("cat", "窗边的猫", "Cat at the Window", "G", "image", "image/png", "reedbank", "chelsea.png",
          "skimage:chelsea.png", "2025-03-02", "2025-04-11", statement=PHOTO),
    Piece("coffee", "晨间咖啡", "Morning Coffee", "G", "image", "image/png", "reedbank", "coffee.png",
          "skimage:coffee.png", "2025-05-18", "2025-06-01", statement=PHOTO),
    Piece("rocket", "升空", "Lift-off", "G", "image", "image/jpeg", "reedbank", "rocket.jpg",
          "skimage:rocket.jpg", "2025-07-09", "2025-07-10", statement=PHOTO),
    Piece("motorcycle", "车库里的摩托车", "Motorcycle in the Garage", "G", "image", "image/png", "far-shore",
          "motorcycle.png", "skimage:motorcycle_left.png", "2024-11-20", "2025-01-05", statement=PHOTO),
    Piece("tissue", "染色切片", "Stained Section", "G", "image", "image/png", "far-shore", "section.png",
          "skimage:ihc.png", "2025-02-14", "2025-02-20", statement="作者本人制片并在显微镜下拍摄，染色与取景为作者选择。"),
    Piece("salt", "盐站来信", "Letters from Salt Station", "A", "text", "text/plain", "white-elm",
          "盐站来信.txt", "own:salt-station.zh.txt", "2025-01-30", "2025-03-15", statement=PROSE),
    Piece("lamp", "守灯人的一年", "The Lamp Keeper’s Year", "A", "text", "text/plain", "white-elm",
          "守灯人的一年.txt", "own:lamp-keeper.zh.txt", "2025-08-12", "2025-09-01", statement=PROSE),
    Piece("iscc", "国际标准内容代码规范说明", "ISCC Specification", "A", "text", "text/markdown", "white-elm",
          "iscc-specification.md", "iscc:text/demo.md", "2025-04-04", "2025-04-20",
          statement="Written by the authors named; structure, wording and examples are their own."),
    Piece("belly", "肚脐", "Belly Button", "B", "audio", "audio/wav", "luting", "belly-button.wav",
          "iscc:audio/demo.wav", "2025-06-06", "2025-06-18", statement=SOUND),
    Piece("kali", "卡莉", "Kali", "B", "audio", "video/mp4", "luting", "kali.mp4",
          "iscc:video/demo.mp4", "2025-09-09", "2025-09-20", statement=SOUND),
)  # fmt: skip

CORRECTED = Piece(
    "boats", "纸船的账本", "The Ledger of Paper Boats", "A", "text", "text/plain", "white-elm", "纸船的账本.txt",
    "own:paper-boats.zh.txt", "2025-10-03", "2025-10-20", statement="原创散文。",
)  # fmt: skip

# Statutes are no protected subject matter (Copyright Law, article 5): the office must refuse this one.
STATUTE = Piece(
    "statute", "著作权法全文整理", "The Copyright Law, edited", "A", "text", "text/plain", "far-shore",
    "著作权法.txt", "law:CL", "2025-11-01", statement="根据公开文本整理。",
)  # fmt: skip

# An edited copy of "Cat at the Window", filed by somebody else: the office must see it at examination.
COPYIST = Piece(
    "copyist", "家有小猫", "Our Kitten", "G", "image", "image/jpeg", "far-shore", "kitten.jpg",
    "edit:mirrored_crop(skimage:chelsea.png)", "2026-01-08", "2026-01-09", statement=PHOTO,
)  # fmt: skip

UNREGISTERED = (
    "skimage:astronaut.png", "skimage:camera.png", "skimage:coins.png", "skimage:hubble_deep_field.jpg",
    "skimage:moon.png", "skimage:page.png", "skimage:horse.png", "skimage:brick.png",
    "skimage:gravel.png", "skimage:retina.jpg", "skimage:cell.png",
)  # fmt: skip
