"""Character accuracy of the OCR judge on drawn signs, whose text is known.

    python tests/benchmarks/ocr_signs.py --json notebooks/reports/ocr_signs.json

Fifty Chinese and fifty English signs: a board on a background of noise, in colours that can be
told apart, lettering of 28 to 72 px by the fonts given, turned by up to 4°, blurred by up to 1 px,
some under a grain of noise and saved as JPEG. The same fifty texts of each language are drawn as
the miniature draws its signs, too, and read by both readers, the OCR and the one that knows the
miniature's glyphs.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from zimg_kernel.experiments.bench.judge.lettering import Reading, lettering_scores, read_sign

CHINESE = [
    "新春快乐", "恭喜发财", "清心茶馆", "王记炒饭", "手冲咖啡", "新品上市", "开业大吉",
    "万事如意", "书店", "公园", "花好月圆", "吉祥如意", "平安药房", "老北京烤鸭", "百年老店",
    "欢迎光临", "请勿吸烟", "小心地滑", "安全出口", "停车场", "人民广场", "中山路", "图书馆",
    "博物馆", "春夏秋冬", "福", "茶", "酒", "海鲜大排档", "兰州拉面", "四川火锅", "豆浆油条",
    "营业中", "今日特价", "八折优惠", "买一送一", "会议室", "洗手间", "禁止停车", "前方施工",
    "阳光幼儿园", "第一中学", "国际机场", "地铁站", "江南水乡", "景泰蓝", "紫砂壶", "宣纸",
    "龙井茶", "文房四宝",
]  # fmt: skip
ENGLISH = [
    "OPEN", "SALE", "EXIT", "HELLO", "MARKET", "COFFEE", "BAKERY", "The Blue Door Books",
    "NEW ARRIVAL", "SINGLE ORIGIN", "SIDE B", "Happy New Year 2026", "Welcome", "Fresh Bread",
    "Live Music", "No Smoking", "Mind the Gap", "Platform 9", "Gate B12", "TAXI", "PARKING",
    "Hotel Central", "Room 204", "Ice Cream", "Farmers Market", "Wet Paint", "Keep Left",
    "One Way", "Main Street", "City Library", "Museum of Art", "Flower Shop", "Tea House",
    "Noodle Bar", "Pizza", "50% OFF", "Buy One Get One", "Now Hiring", "Closed on Monday",
    "Opening Hours", "Fire Exit", "Staff Only", "Please Wait Here", "Ticket Office",
    "Information", "Lost and Found", "Push", "Pull", "Danger", "Stop",
]  # fmt: skip
_FAMILIES = {
    "zh": ["WenQuanYi Micro Hei", "Noto Sans CJK SC", "Noto Serif CJK SC"],
    "en": ["DejaVu Sans", "DejaVu Serif", "Liberation Serif", "Liberation Sans:bold"],
}


def fonts(language: str) -> list[str]:
    """Return the files of the families that are installed; fontconfig's own choice otherwise."""
    found = []
    for name in _FAMILIES[language]:
        family, file = _match(name)
        if name.partition(":")[0] in family:
            found.append(file)
    return found or [_match(f":lang={language}")[1]]


def _match(pattern: str) -> list[str]:
    command = ["fc-match", "-f", "%{family}\n%{file}#%{index}", pattern]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")


def sign(text: str, font: str, rng: random.Random) -> Image.Image:
    """Draw a sign of 512 px a side."""
    grain = np.random.default_rng(rng.getrandbits(32))
    back = grain.integers(60, 200, (16, 16, 3), dtype=np.uint8)
    image = Image.fromarray(back).resize((512, 512), Image.Resampling.BICUBIC)
    board = [rng.randrange(256) for _ in range(3)]
    dark = sum(board) < 380
    ink = tuple(rng.randrange(200, 256) if dark else rng.randrange(0, 60) for _ in range(3))
    board = [value // 2 if dark else 130 + value // 2 for value in board]
    size = min(rng.randint(28, 72), int(440 / (len(text) * (1.0 if not text.isascii() else 0.62))))
    file, _, index = font.partition("#")
    face = ImageFont.truetype(file, max(20, size), index=int(index or 0))
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    left, top, right, bottom = draw.textbbox((256, 256), text, face, anchor="mm")
    draw.rectangle((left - 16, top - 14, right + 16, bottom + 14), fill=(*board, 255))
    draw.text((256, 256), text, fill=(*ink, 255), font=face, anchor="mm")
    layer = layer.rotate(rng.uniform(-4, 4), Image.Resampling.BICUBIC)
    image.paste(layer, (0, 0), layer)
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1)))
    if rng.random() < 0.5:
        noisy = np.asarray(image, dtype=np.float32) + grain.normal(0, 8, (512, 512, 1))
        image = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=rng.randint(60, 95))
    return Image.open(buffer).convert("RGB")


def main() -> None:
    """Draw, read, print the scores and the errors, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--fonts", nargs="*", default=[], help="Chinese ones: FILE or FILE#INDEX")
    parser.add_argument("--keep", type=Path, help="folder for the signs")
    options = parser.parse_args()
    rng = random.Random(0)
    readings, files = [], {language: fonts(language) for language in ("zh", "en")}
    files["zh"] = options.fonts or files["zh"]
    for language, texts in (("zh", CHINESE), ("en", ENGLISH)):
        assert len(texts) == 50, (language, len(texts))
        for number, text in enumerate(texts):
            image = sign(text, files[language][number % len(files[language])], rng)
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                image.save(options.keep / f"{language}_{number:02}.png")
            readings.append(read_sign(image, text))
    report: dict[str, Any] = {
        "reader": f"rapidocr {version('rapidocr')}, onnxruntime {version('onnxruntime')}",
        "fonts": {name: [Path(file).name for file in found] for name, found in files.items()},
        "drawn_signs": {k: s.as_dict() for k, s in lettering_scores(readings).items()},
        "errors": [f"{r.wanted} -> {r.found}" for r in readings if r.edits],
        "miniature_signs": _miniature_signs(),
    }
    text = json.dumps(report, ensure_ascii=False, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def _miniature_signs() -> dict[str, Any]:
    """Return both readers' scores on signs that the miniature's renderer draws."""
    from zimg_kernel.nano.draw.glyphs import EN_WORDS, ZH_PHRASES
    from zimg_kernel.nano.draw.render import draw
    from zimg_kernel.nano.draw.things import pack
    from zimg_kernel.nano.judge.sign_ocr import read_sign as read_glyphs
    from zimg_kernel.nano.world.scenes import Scene
    from zimg_kernel.nano.world.signs import Sign

    ocr, glyphs = [], []
    for words in (ZH_PHRASES, EN_WORDS):
        for text in random.Random(0).sample(sorted(w for w in words if len(w) > 1), 50):
            scene = Scene("sign", (), sign=Sign(text, 0.5, 0.5))
            pixels = draw(pack([scene]), 256, 256)[0].permute(1, 2, 0)
            image = Image.fromarray((pixels * 255).round().byte().numpy())
            ocr.append(read_sign(image, text))
            glyphs.append(Reading.of(text, read_glyphs(image)))
    return {
        name: {k: s.as_dict() for k, s in lettering_scores(found).items()}
        for name, found in (("ocr", ocr), ("glyphs", glyphs))
    }


if __name__ == "__main__":
    main()
