"""Things with a colour or a number in a Chinese prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import Text, Word

from .colours import PERSON_ZH, ZH_COLOUR, ZH_NAMES, Mention
from .numbers_zh import NUMBER, number_of

_WORDS = load_words(__file__, "colours")
_ZH_SIDES = frozenset(_WORDS["zh_sides"])
_ZH_TAILED = Pattern(r"([红橙黄绿蓝紫粉棕黑白灰金银])(?!色)(.{1,2})")
_ZH_GLUED = Pattern("([鸟猫狗马鱼鹅鸭鸡牛羊鹤])[站坐趴蹲飞游跑落停立卧]")
_ZH_TAIL = Pattern(r"[发裙衣车猫狗马花鞋伞杯帽墙毛瓶船裤领旗狐兔鸟]")
_ZH_HEADS = tuple(
    (head, Pattern(pattern))
    for head, pattern in (
        ("毛", r".*(?:毛发|皮毛|毛皮|绒毛|毛|羽毛)"),
        ("发", r".*(?:发|头发|卷发|发丝|马尾|刘海|发型|辫子?)"),
        ("车身", r"车身|车漆"),
        ("车", r".*(?:车|汽车|轿车|跑车)"),
        ("裙", r".*裙子?"),
        ("眼睛", r".*(?:眼睛|双眼|眼眸|瞳孔|眼)"),
        ("背景", r".*(?:背景|底色)"),
        ("猫", r".*猫咪?"),
        ("狗", r".*(?:狗|小狗|犬)"),
    )
)
_ZH_COUNT = _WORDS.pattern(rf"""
    (?P<only><zh_only>)?的?(?P<number>{NUMBER})
    (?P<measure>[个只位名条匹头座朵颗棵辆艘件本杯碗把张块支枝盏盆尾架间栋根片瓶株串粒幅顶口束轮枚台扇面双副套人])
""")
_ONLY = 4  # characters of the longest of these words
_ZH_ONLY = Pattern(
    r"独自$|孤身$|单独$|[只仅][^，,。；]{1,2}[着了有见]$|[只仅][插放摆剩挂停站坐亮开点]$"
)
_ONE_BY_ONE = Pattern("[^。]{0,40}(?:另外?|再)?[一两二三](?:人|个人|位|名)")
_ZH_SOLO = Pattern(r"单人(?:照|肖像|人像|写真|特写|半身|全身)|独照")
_ZH_TWO = _WORDS.pattern("<zh_couples>")


@lru_cache(maxsize=4096)
def zh_head(word: str) -> str:
    """Return the name shared by words for one thing: 发 for 长发 and 头发; empty for others."""
    for head, pattern in _ZH_HEADS:
        if pattern.fullmatch(word):
            return head
    return word if _ZH_TAIL.fullmatch(word) else ""


def _zh_noun(words: list[Word], i: int) -> tuple[str, int] | None:
    """Return the noun after the adjectives from the i-th word on, and its end."""
    chain: list[Word] = []
    for n, word in enumerate(words[i : i + 6]):
        if (n and word.start != words[i + n - 1].end) or (chain and word.text in _ZH_SIDES):
            break
        if chain and (word.tag in ("z", "zg") or (word.tag in ("l", "i") and len(word.text) > 3)):
            break
        noun = word.tag.startswith(("n", "vn", "an", "j", "i", "l", "g", "x", "b")) or (
            word.tag in ("Ng", "s", "z", "zg", "q")
        )
        if noun and not ZH_COLOUR.fullmatch(word.text):
            chain.append(word)
        elif chain or word.text not in ("的", "小", "大", "长", "短", "色", "老", "旧", "新", "高"):
            if not chain and word.tag.startswith("a"):
                continue
            break
    if not chain:
        return None
    word = chain[-1]
    if glued := _ZH_GLUED.fullmatch(word.text):  # the segmenter reads 鸟站在 as 鸟站 在
        return glued[1], word.end - 1
    return zh_head(word.text) or word.text, word.end


def chinese_colours(text: Text) -> Iterator[Mention]:
    """Yield the things with a colour in a Chinese prompt."""
    words = text.words
    for i, word in enumerate(words):
        tailed = _ZH_TAILED.fullmatch(word.text)
        if tailed and (head := zh_head(tailed[2])):
            yield Mention(head, ZH_NAMES[tailed[1]], word.start, word.end)
            continue
        found = ZH_COLOUR.fullmatch(word.text)
        if not found or (len(word.text) == 1 and word.text in "金银青粉灰黄"):
            continue
        if text.plain[max(0, word.start - 1) : word.start] in tuple("烧晒冻泛发染映涨"):
            continue
        noun = _zh_noun(words, i + 1)
        if noun is None or words[i + 1].start != word.end:
            continue
        begin = max(text.phrase_of(word.start)[0], word.start - 6)
        before = text.plain[begin : word.start]
        only = bool(re.search(r"[纯全]$|通体|浑身|全身|完全", before)) or word.text[0] in "纯全"
        det = "another" if re.search(r"另|[一两三二四五六七八九十\d]\w", before) else ""
        yield Mention(noun[0], ZH_NAMES[found[1]], word.start, noun[1], det, only)


def chinese_counts(text: Text) -> Iterator[Mention]:
    """Yield the things with a number in a Chinese prompt."""
    words = text.words
    if found := _ZH_SOLO.search(text.plain):
        yield Mention("人", 1, *found.span(), "", True)
    if found := _ZH_TWO.search(text.plain):
        yield Mention("人", 2, *found.span())
    for found in _ZH_COUNT.finditer(text.plain):
        start = found.start()
        if re.search(r"[第每十百千无另]$", text.plain[max(0, start - 2) : start]):
            continue
        number = number_of(found["number"])
        only = bool(found["only"]) or bool(_ZH_ONLY.search(text.plain, start - _ONLY, start))
        if found["measure"] == "人":
            if number == 1 and _ONE_BY_ONE.search(text.plain, found.end()):
                continue  # 一人推着车，另一人停在路边
            yield Mention("人", number, *found.span(), "", only)
            continue
        at = next((i for i, w in enumerate(words) if w.start >= found.end()), len(words))
        if at == len(words) or words[at].start - found.end() > 1:
            continue
        end = text.phrase_of(found.start())[1]
        near = [w.text for w in words[at : at + 3] if w.end <= end]
        colour = next((word for word in near if ZH_COLOUR.fullmatch(word)), "")
        if colour:
            at += near.index(colour) + 1
        noun = _zh_noun(words, at)
        if noun is not None:
            head = "人" if only and PERSON_ZH.fullmatch(noun[0]) else noun[0]
            yield Mention(head, number, found.start(), noun[1], "", only, colour)
