"""Samples of text: classics in the public domain, the Declaration of Independence, and sentences of our own."""

import io
import zipfile

ZHUANGZI = (
    "北冥有魚，其名為鯤。鯤之大，不知其幾千里也。化而為鳥，其名為鵬。鵬之背，不知其幾千里也；怒而飛，其翼若垂天之雲。"
    "是鳥也，海運則將徙於南冥。南冥者，天池也。齊諧者，志怪者也。諧之言曰：「鵬之徙於南冥也，水擊三千里，"
    "摶扶搖而上者九萬里，去以六月息者也。」野馬也，塵埃也，生物之以息相吹也。天之蒼蒼，其正色邪？其遠而無所至極邪？"
    "其視下也，亦若是則已矣。且夫水之積也不厚，則其負大舟也無力。覆杯水於坳堂之上，則芥為之舟；置杯焉則膠，水淺而舟大也。"
)
SIMPLIFIED = (
    "北冥有鱼，其名为鲲。鲲之大，不知其几千里也。化而为鸟，其名为鹏。鹏之背，不知其几千里也；怒而飞，其翼若垂天之云。"
    "是鸟也，海运则将徙于南冥。南冥者，天池也。"
)
DECLARATION = (
    "When in the Course of human events, it becomes necessary for one people to dissolve the political bands which have "
    "connected them with another, and to assume among the powers of the earth, the separate and equal station to which "
    "the Laws of Nature and of Nature's God entitle them, a decent respect to the opinions of mankind requires that they "
    "should declare the causes which impel them to the separation. We hold these truths to be self-evident, that all men "
    "are created equal, that they are endowed by their Creator with certain unalienable Rights, that among these are "
    "Life, Liberty and the pursuit of Happiness."
)
POEM = "床前明月光，疑是地上霜。举头望明月，低头思故乡。"
NEWS_ZH = (
    "昨日下午，市图书馆新馆正式对读者开放。新馆位于城东的旧厂房，原来的车间改成了阅览室，锅炉房成了咖啡厅。"
    "馆长介绍说，改造工程历时两年，保留了绝大部分砖墙和钢梁。附近的居民排队进馆，很多人是来看看自己工作过的地方。"
    "一位退休工人指着窗边的座位说，那里从前放着他的车床。图书馆计划每周六举办讲座，首场的题目是城市里的树木。"
)
NEWS_EN = (
    "The ferry stopped running at noon because the river had risen over the landing. Farmers on the far bank moved their "
    "sheep to the hill behind the school, and the baker carried bread across in a rowing boat until it was too dark to "
    "see the poles. By the morning the water had dropped a hand's breadth, and the ferryman painted a new line on the wall."
)

HOST_ZH = (
    "菜市场门口的老槐树今年开花晚了半个月，卖豆腐的阿姨说是因为春天的雨水少。树下照例摆着几张旧竹椅，退休的邮递员每天在那里修收音机，"
    "谁家的坏了都可以拿来，只收零件的钱。他说手艺放久了会生锈，人也是一样。"
)
HOST_EN = (
    "Our street has had the same lamps since before the tram was taken up, and the council would like to replace them. "
    "Two meetings were held in the gymnasium; at the second one somebody brought a lamp and lit it, and nobody spoke for "
    "a while. The vote was put off until autumn."
)


def works():
    return {
        "zhuangzi": ZHUANGZI.encode(),
        "declaration": DECLARATION.encode(),
        "poem": POEM.encode("gb18030"),
        "both": (NEWS_ZH + "\n" + NEWS_EN).encode("utf-16"),
    }


def copies():
    quoted = " ".join(DECLARATION.split()[40:75])
    return {
        "traditional to simplified": ("zhuangzi", SIMPLIFIED.encode()),
        "other punctuation and width": (
            "zhuangzi",
            ZHUANGZI.replace("，", " , ").replace("。", "\n").encode("big5hkscs"),
        ),
        "capitals": ("declaration", DECLARATION.upper().encode()),
        "35 words in another article": ("declaration", f"{HOST_EN} {quoted} {HOST_ZH}".encode()),
        "47 characters in another article": ("zhuangzi", (HOST_ZH + ZHUANGZI[105:158] + HOST_EN).encode()),
        "every ninth word changed": (
            "declaration",
            " ".join("other" if row % 9 == 4 else word for row, word in enumerate(DECLARATION.split())).encode(),
        ),
        "sentences in another order": ("both", "。".join(reversed(NEWS_ZH.split("。"))).encode()),
        "poem in a page": ("poem", f"<html><body><p>{HOST_EN}</p><p>{POEM}</p></body></html>".encode()),
        "as subtitles": ("declaration", subtitles(DECLARATION)),
        "as a Word document": ("both", docx(NEWS_ZH, NEWS_EN)),
    }


def unrelated():
    return {
        "other classic": "子曰：學而時習之，不亦說乎？有朋自遠方來，不亦樂乎？人不知而不慍，不亦君子乎？巧言令色，鮮矣仁。".encode(),
        "other report": b"A kettle boils sooner with the lid on. Nobody in the village could say why the bell rang twice.",
        "shares a proverb": (
            "这件事情告诉我们，千里之行，始于足下，任何人都不能例外，举头望明月的时候也要看看脚下的路。".encode()
        ),
        "shares a phrase": (
            b"The board said that the pursuit of happiness is not a budget line and that all men and women of the choir "
            b"are equally welcome at the rehearsal on Thursday evening in the parish hall."
        ),
    }


def not_matchable():
    return {
        "one word": ("too_short", b"Hello."),
        "a heading": ("too_short", "第一章 总则".encode()),
        "one line over and over": ("featureless", b"no data\n" * 500),
        "a page without text": ("too_short", b"<html><body><img src='x.png'></body></html>"),
    }


def hostile():
    locked = bytearray(docx(NEWS_EN))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = locked.find(mark)
        while at >= 0:
            locked[at + offset] |= 1
            at = locked.find(mark, at + 4)
    return {
        "empty": b"",
        "only zeros": bytes(1000),
        "random bytes": bytes((row * 7919 + row * row * 31) % 256 for row in range(4096)),
        "cut PDF": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R",
        "encrypted PDF": encrypted_pdf(),
        "cut ZIP": docx(NEWS_EN)[:300],
        "encrypted ZIP": bytes(locked),
        "archive": zipped({"a.txt": b"hello"}),
        "ZIP bomb": zipped({"word/document.xml": b"<a>" + b" " * (80 << 20) + b"</a>"}),
        "XML bomb": zipped({"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'}),
        "old Word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "rich text": b"{\\rtf1\\ansi Hello}",
    }


def subtitles(text):
    words = text.split()
    lines = [" ".join(words[at : at + 7]) for at in range(0, len(words), 7)]
    cues = (
        f"{row + 1}\n00:00:{row:02},000 --> 00:00:{row + 1:02},000\n<i>{line}</i>\n" for row, line in enumerate(lines)
    )
    return "\r\n".join(cues).encode("utf-8-sig")


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def docx(*paragraphs):
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{paragraph}</w:t></w:r></w:p>" for paragraph in paragraphs)
    return zipped({"word/document.xml": f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'.encode()})


def encrypted_pdf():
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
