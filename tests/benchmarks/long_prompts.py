"""Prompts of 300 words in twelve shapes that take the prompt checker long, in English and Chinese.

``python tests/benchmarks/long_prompts.py`` prints for each shape the median and the most of its
prompts in milliseconds of processor time, each the least of five. All are made of the few words
below, with the same numbers drawn each time.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from zimg_kernel.prompts import lint

_WORDS = {
    "en": {
        "colour": "red orange yellow green blue purple pink brown black white grey golden",
        "thing": "fox river castle umbrella lantern street market boat child garden cat coat",
        "person": "woman man girl boy fisherman dancer baker old_man child painter nurse king",
        "material": "wooden glass marble velvet paper copper clay stone silk woollen tin ice",
        "place": "on_the_left on_the_right behind_her at_the_bottom in_the_window beside_the_door",
        "number": "two three four five six seven eight nine ten twelve",
        "time": "at_dawn at_noon at_midnight in_winter in_summer in_autumn under_rain in_fog",
        "style": "watercolour oil_painting photograph pencil_sketch woodcut film_still anime",
        "praise": "masterpiece best_quality stunning breathtaking ultra_detailed 8k award-winning",
        "no": "no_people without_text not_blurry no_watermark never_dark without_shadows",
        "sign": "sign poster label shop_front banner book_cover mug t-shirt",
        "said": "OPEN SALE Hello Bakery Fresh_Fish Welcome_Home No_Entry Summer",
    },
    "zh": {
        "colour": "红 橙 黄 绿 蓝 紫 粉 棕 黑 白 灰 金",
        "thing": "狐狸 雨伞 城堡 灯笼 木船 裙子 猫 外套 街道 花瓶 汽车 马",
        "person": "女人 男人 女孩 男孩 渔夫 舞者 面包师 老人 孩子 画家 护士 国王",
        "material": "木头 玻璃 大理石 丝绒 纸 铜 黏土 石头 丝绸 羊毛 铁皮 冰",
        "place": "在左边 在右边 在她身后 在底部 在窗里 在门旁",
        "number": "两 三 四 五 六 七 八 九 十 十二",
        "time": "清晨 正午 午夜 冬天 夏天 秋天 雨中 雾里",
        "style": "水彩画 油画 照片 铅笔素描 木刻 电影剧照 动漫",
        "praise": "杰作 最高画质 惊艳 绝美 超精细 8k 大师级",
        "no": "没有人 不要文字 不模糊 无水印 别太暗 没有影子",
        "sign": "招牌 海报 标签 店门 横幅 书封 杯子 T恤",
        "said": "营业中 大减价 你好 面包房 鲜鱼 欢迎回家 禁止入内 夏天",
    },
}
_SHAPES = {
    "en": {
        "caption": "A {person} in a {colour} coat holds a {material} {thing} {place} {time}. ",
        "recoloured": "The {thing} is {colour}, and the {thing} beside it is {colour}. ",
        "coloured list": "{colour} {thing}, ",
        "bare list": "{thing} {colour} {material} ",
        "counted": "{number} {thing}s and {number} {person}s, exactly {number} {thing}s. ",
        "repeated": "A {colour} {thing} stands {place}. A {colour} {thing} stands {place}. ",
        "lettering": "A {sign} reads {said}, a {sign} with the words {said} {place}. ",
        "quoted": 'A {sign} says "{said}" in {colour} letters, ',
        "negated": "{no}, {thing}, {no}, ",
        "praised": "{praise}, {style}, {thing}, {time}, ",
        "scenes": "A {style} of a {thing} {time}, yet it is {time} and the {thing} is {material}. ",
        "thoughts": "The {person} remembers the {thing} that her {person} made of {material}. ",
    },
    "zh": {
        "caption": "一位穿{colour}色外套的{person}拿着{material}做的{thing}，{place}，{time}。",
        "recoloured": "{thing}是{colour}色的，旁边的{thing}是{colour}色的。",
        "coloured list": "{colour}色的{thing}，",
        "bare list": "{thing}{colour}色{material}",
        "counted": "{number}只{thing}和{number}个{person}，一共{number}个{thing}。",
        "repeated": "一只{colour}色的{thing}{place}。一只{colour}色的{thing}{place}。",
        "lettering": "{sign}上写着{said}，{place}的{sign}上印着{said}两个字。",
        "quoted": "{sign}上用{colour}色写着“{said}”，",
        "negated": "{no}，{thing}，{no}，",
        "praised": "{praise}，{style}，{thing}，{time}，",
        "scenes": "一幅{style}，画的是{time}的{thing}，却又是{time}，{thing}是{material}做的。",
        "thoughts": "{person}想起{person}用{material}做的{thing}，心里很高兴。",
    },
}
_EACH = 4  # prompts of a shape


class _Drawn(dict[str, str]):
    """Another word each time that one of a kind is asked for."""

    def __init__(self, language: str, numbers: random.Random) -> None:
        self._words = {kind: words.split() for kind, words in _WORDS[language].items()}
        self._numbers = numbers

    def __missing__(self, kind: str) -> str:
        return self._numbers.choice(self._words[kind]).replace("_", " ")


def long_prompts(language: str, words: int = 300) -> dict[str, list[str]]:
    """Return prompts of each shape by its name."""
    numbers = random.Random(1)
    count: Callable[[str], int] = len if language == "zh" else lambda text: len(text.split())
    drawn = _Drawn(language, numbers)
    prompts: dict[str, list[str]] = {}
    for name, shape in _SHAPES[language].items():
        for _ in range(_EACH):
            text = ""
            while count(text) < words:
                text += shape.format_map(drawn)
            prompts.setdefault(name, []).append(text.rstrip(" ,，"))
    return prompts


def main() -> None:
    """Print the times."""
    for language in ("en", "zh"):
        shapes = long_prompts(language)
        for prompts in shapes.values():
            for text in prompts:
                lint(text, language="en")
        for name, prompts in shapes.items():
            times = [min(_timed(text) for _ in range(5)) for text in prompts]
            print(f"{language} {name:14}{statistics.median(times):6.1f}{max(times):6.1f} ms")


def _timed(text: str) -> float:
    start = time.process_time()
    lint(text, language="en")
    return (time.process_time() - start) * 1000


if __name__ == "__main__":
    main()
