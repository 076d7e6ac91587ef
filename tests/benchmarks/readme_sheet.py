"""Draws the sheet of pictures in the README: python tests/benchmarks/readme_sheet.py [FILE]."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

COLUMNS = 8
SIDE = 176
"""Side of a picture in the sheet in pixels; the file is to stay under 1.3 MB."""

SHAPES = [
    "左边一个红色的圆，右边一个蓝色的方块",
    "a yellow crescent in the night sky",
    "上面一颗黄色的星星，下面一个绿色的三角形",
    "a purple heart in the middle",
    "夜空背景，五颗黄色的星星",
    "four green hexagons, snow background",
    "一个紫色的条纹圆形",
    "a glowing cyan ring",
    "左上角一个绿色的圆环，右下角一个紫色的星星",
    "a small white star above a big red diamond, night sky",
    "从左到右：红色的圆、黄色的方块和蓝色的三角形",
    "two pink hearts",
    "草地上一个红色的六边形",
    "a yellow ring above a brown square, sea background",
    "一个空心的绿色菱形",
    "a polka dot blue square",
]
COMPOSITES = [
    "一只橙色的猫",
    "a red house on the grass",
    "海面上一艘红色的帆船",
    "three yellow fish",
    "雪地背景，一个蓝色的雪人",
    "a purple mushroom to the left of a green tree",
    "夜空里一枚红色的火箭",
    "a pink umbrella below a gray cloud",
]
SIGNS = [
    "一块招牌，上面写着“春夏秋冬”",
    'a sign that says "HELLO"',
    "红色的牌子上写着黄色的字“福”",
    'a blue sign that reads "OPEN" in white letters',
    "竖排的牌匾，上面写着“花好月圆”",
    'a vertical sign that says "TEA"',
    "草地背景，一块写着“公园”的牌子",
    'the text "NIGHT" on a signboard, night sky',
    "一盏红色的灯笼，下面一块招牌，上面写着“新年快乐”",
    'a yellow car above a sign that says "TAXI"',
    "黑底白字的招牌上写着“书店”",
    'a yellow sign saying "SLOW" in black',
    "一朵粉色的花，下方有写着“花店”的牌子",
    'a sign that says "2026" at the top',
    "左边有绿色的牌子，上面写着“茶”",
    'a placard with the text "FLOWER", sunset background',
]
LANDSCAPES = [
    "水墨画：远山，湖上有一叶扁舟",
    "an ink wash painting of mountains with bamboo and the moon at night",
    "国画，山前的宝塔和飞鸟，黄昏",
    "an ink painting of mountains with pine trees and falling snow",
    "剪纸，群山、飞鸟和红日",
    "paper cut: hills with a pagoda, red lanterns and the moon at night",
    "中国剪纸：湖边的小屋和鲜花，白天",
    "a papercut of a city with clouds at dusk",
    "扁平插画，山丘上的小屋，几朵云",
    "a flat illustration of the sea with a sailboat and a bright sun",
    "插画，傍晚，城市和飞鸟",
    "a lake with a stone bridge and trees at dusk, flat design",
    "霓虹风格，城市的夜景，有明月",
    "neon art of a city with falling rain at night",
    "赛博朋克风格：大海和群山，夜晚",
    "a glowing neon landscape with mountains, pine trees and stars",
    "像素画，湖面上的小船和群山，白天",
    "pixel art of hills with a small house and falling snow",
    "像素风格，群山、松树和繁星",
    "pixel art of the sea and a city skyline at sunset",
    "铅笔素描，湖、小桥和树",
    "a pencil sketch of mountains with a lake and birds",
    "素描，山脚下的小屋，下着雪",
    "a pencil drawing of the sea with a boat and clouds at dusk",
]
PROMPTS = [*SHAPES, *COMPOSITES, *SIGNS, *LANDSCAPES]


def main() -> None:
    """Draw every prompt with seed 1 and write the sheet."""
    from zimg_kernel.nano.text.vocabulary import notes, read

    for prompt in PROMPTS:
        reading = read(prompt)
        assert not reading.unknown, (prompt, reading.unknown)
        assert not notes(reading), (prompt, notes(reading))
    write_sheet("nano_turbo.png", [{"prompt": prompt, "seed": 1} for prompt in PROMPTS], SIDE)


def write_sheet(name: str, wanted: list[dict[str, Any]], side: int) -> None:
    """Draw pictures with nano-turbo into one sheet, at the path given or among the reports."""
    import zimg_kernel as zimg

    default = Path(__file__).parents[2] / "notebooks" / "reports" / name
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    engine = zimg.LocalEngine()
    jobs = [engine.submit(zimg.GenerationParams(model="nano-turbo", **one)) for one in wanted]
    images = [job.result().image for job in jobs]
    sheet = zimg.contact_sheet(images, columns=COLUMNS, side=side)
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target, optimize=True)
    print(target)


if __name__ == "__main__":
    main()
