"""Things with a colour or a number in a prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import any_of, load_words
from zimg_kernel.prompts.text import Text, Word

from .numbers_zh import NUMBER, number_of

_WORDS = load_words(__file__)
EN_COLOURS = load_words(__file__, "colour_names")
EN_NAMES = {word: name for name, words in EN_COLOURS.items() for word in words}
EN_ALIAS = dict(pair.split("/") for pair in _WORDS["alias"])
_LIKE = (
    {"gold", "yellow", "orange"}, {"cyan", "blue"}, {"cyan", "green"}, {"grey", "white"},
    {"brown", "orange"},
    {"pink", "red"}, {"purple", "pink"}, {"brown", "red"}, {"purple", "blue"}, {"gold", "brown"},
    {"grey", "black"},
)  # fmt: skip
_SURE_LIKE = ({"gold", "yellow"}, {"cyan", "blue"}, {"cyan", "green"}, {"gold", "orange"})

_EN_COLOUR = "|".join(sorted(map(re.escape, EN_NAMES), key=len, reverse=True))
_EN_MENTION = _WORDS.pattern(rf"""
    (?:(?<![\w'-])(?P<det><determiners>)[ ](?:(?!(?:an?|the|his|her|its|their)\b)\w+[ ]){{0,2}}?)?
    (?:(?<!\w)(?P<shade><shades>[ -])|(?<![\w-])(?:[a-z]{{3,}}-)?)(?P<colour>{_EN_COLOUR})
    (?P<noun>(?:[ ](?!<noun_ends>\b)[a-z][a-z'-]*){{1,4}})
""")
ZH_COLOUR = _WORDS.pattern(r"<zh_shades>?([红橙橘黄绿青蓝紫粉棕褐黑白灰金银])(?:色|颜色)?")
ZH_NAMES = {
    "红": "red", "橙": "orange", "橘": "orange", "黄": "yellow", "绿": "green", "青": "cyan",
    "蓝": "blue", "紫": "purple", "粉": "pink", "棕": "brown", "褐": "brown", "黑": "black",
    "白": "white", "灰": "grey", "金": "gold", "银": "grey",
}  # fmt: skip
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
_EN_NUMBERS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "single": 1, "lone": 1, "solitary": 1, "twelve": 12,
    "eleven": 11, "dozen": 12, "both": 2, "pair of": 2, "couple of": 2, "trio of": 3,
    "hundred": 100,
}  # fmt: skip
_EN_COUNT = _WORDS.pattern(rf"""
    (?<![\w.-])(?P<only>(?:only|just|exactly|precisely|in[ ]total|total[ ]of)[ ])?
    (?:a[ ]|an[ ]|(?P<det>(?:all[ ])?(?:the|these|those)|all|his|her|its|their)[ ])?
    (?P<number>{any_of(_EN_NUMBERS)}|[1-9]\d?)(?:[ ]pairs?[ ]of)?
    (?P<noun>(?:[ ](?!<noun_ends>\b|<no_things>)[a-z][a-z'-]*){{1,4}})
""")
_EN_ONLY = Pattern(
    r"\bthe only (?P<noun>[a-z]+) (?=(?:in|on) (?:the|this) (?:picture|frame|image|scene)\b)"
)
_ZH_COUNT = _WORDS.pattern(rf"""
    (?P<only><zh_only>)?的?(?P<number>{NUMBER})
    (?P<measure>[个只位名条匹头座朵颗棵辆艘件本杯碗把张块支枝盏盆尾架间栋根片瓶株串粒幅顶口束轮枚台扇面双副套人])
""")
_ONLY = 4  # characters of the longest of these words
_ZH_ONLY = Pattern(
    r"独自$|孤身$|单独$|[只仅][^，,。；]{1,2}[着了有见]$|[只仅][插放摆剩挂停站坐亮开点]$"
)
_EN_SOLO = Pattern(
    r"\b(?:solo|single[- ]person|one[- ]person|individual) (?:portrait|shot|photo|figure|model)\b"
)
_ONE_BY_ONE = Pattern("[^。]{0,40}(?:另外?|再)?[一两二三](?:人|个人|位|名)")
_ZH_SOLO = Pattern(r"单人(?:照|肖像|人像|写真|特写|半身|全身)|独照")
_ZH_TWO = _WORDS.pattern("<zh_couples>")
_PERSON_ZH = _WORDS.pattern(r".*<zh_persons>")
_PERSON_EN = frozenset(_WORDS["persons"])


@dataclass(frozen=True)
class Mention:
    """Thing with a colour or a number, and its range in the prompt."""

    head: str
    what: str | int
    start: int
    end: int
    det: str = ""
    only: bool = False
    coloured: str = ""


@lru_cache(maxsize=1024)
def alike(a: str, b: str, *, strict: bool = False) -> bool:
    """Return whether two colours can be meant for one and the same surface."""
    return a == b or any({a, b} <= group for group in (_SURE_LIKE if strict else _LIKE))


@lru_cache(maxsize=1024)
def singular(word: str) -> str:
    """Return an English noun in the singular."""
    irregular = {"men": "man", "women": "woman", "children": "child", "people": "person",
                 "wolves": "wolf", "leaves": "leaf", "geese": "goose", "mice": "mouse",
                 "knives": "knife", "feet": "foot", "kids": "child", "kid": "child"}  # fmt: skip
    if word in irregular:
        return irregular[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if re.search(r"(?:ch|sh|x|ss)es$", word):
        return word[:-2]
    if word.endswith(("ss", "us", "is")) or word in ("canvas", "lens", "gas"):
        return word
    return word.removesuffix("s")


_NO_PLURALS = frozenset(
    ("sports", "canvas", "lens", "gas", "jeans", "news", "arts", "sales", "glasses")
)
_PLURALS = frozenset(("men", "women", "children", "people", "geese", "mice", "wolves"))
_ARTICLE = Pattern(r" (?:an?|the|his|her|its|their|two|three)\b")
_VERBISH = Pattern(r".*(?:ing|ed|ly)$")


def _en_head(noun: str, after: str = "", *, one: bool = False) -> tuple[str, int]:
    """Return the head noun of a chain of words, and the number of characters up to its end.

    ``after`` is the text behind it; ``one`` says that it is a singular, as after "a".
    """
    words, reach = noun.split(), len(noun)
    for i, word in enumerate(words[:-1]):  # "two women share": the verb ends it
        if word in _PLURALS:
            return singular(word), len(" " + " ".join(words[: i + 1]))
    for i, word in enumerate(words):  # "horses gallop", "horse gallops along": the verb ends it
        if not word.endswith("s") or re.search(r"(?:ss|us|is)$", word) or word in _NO_PLURALS:
            continue
        last = i == len(words) - 1
        if i == 0 and not last and not one:
            words = words[:1]
        elif i and (one or not last or _ARTICLE.match(after)):
            words = words[:i]
        else:
            continue
        noun = " " + " ".join(words)
        reach = len(noun)
        break
    while len(words) > 1 and _VERBISH.match(words[-1]) and words[-1] not in ("building", "ring"):
        reach -= len(words.pop()) + 1
    for i, word in enumerate(words):  # "dog running fast": the verb ends the noun
        if i and _VERBISH.match(word) and word not in ("building", "ring", "wedding"):
            words = words[:i]
            reach = len(" " + " ".join(words))
            break
    return singular(words[-1]), reach


def english_colours(text: Text) -> Iterator[Mention]:
    """Yield the things with a colour in an English prompt."""
    at = 0
    while found := _EN_MENTION.search(text.lower, at):
        at = found.end("colour")
        one = found["det"] in ("a", "an", "one", "another", "single")
        head, reach = _en_head(found["noun"], text.lower[found.end() :], one=one)
        start = found.start("shade") if found["shade"] else found.start("colour")
        head = EN_ALIAS.get(head, head)
        if head in EN_NAMES or re.match(r" (?:and|or|to)\b", found["noun"]):
            continue
        yield Mention(
            head, EN_NAMES[found["colour"]], start, found.start("noun") + reach, found["det"] or "",
            (found["shade"] or "").strip(" -") in ("pure", "all", "solid", "jet"),
        )  # fmt: skip


def english_counts(text: Text) -> Iterator[Mention]:
    """Yield the things with a number in an English prompt."""
    if found := _EN_SOLO.search(text.lower):
        yield Mention("person", 1, *found.span(), "", True)
    for found in _EN_ONLY.finditer(text.lower):
        yield Mention(singular(found["noun"]), 1, *found.span(), "the", True)
    at = 0
    while found := _EN_COUNT.search(text.lower, at):
        at = found.end("number")
        word = found["number"]
        one = word in ("one", "single", "lone", "solitary", "1")
        head, reach = _en_head(found["noun"], text.lower[found.end() :], one=one)
        number = _EN_NUMBERS[word] if word in _EN_NUMBERS else int(word)
        colour = re.search(rf"\b(?:{_EN_COLOUR})\b", found["noun"])
        lone = word in ("single", "lone", "solitary")
        yield Mention(
            "person" if head in _PERSON_EN and lone else head, number, found.start(),
            found.start("noun") + reach, found["det"] or "", bool(found["only"]) or lone,
            colour[0] if colour else "",
        )  # fmt: skip


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
            head = "人" if only and _PERSON_ZH.fullmatch(noun[0]) else noun[0]
            yield Mention(head, number, found.start(), noun[1], "", only, colour)


def same_person(a: Mention, b: Mention) -> bool:
    """Return whether one is "a single person" and the other counts persons."""
    for one, other in ((a, b), (b, a)):
        if one.head in ("人", "person") and (
            _PERSON_ZH.fullmatch(other.head) or other.head in _PERSON_EN
        ):
            return one.only or one.head == other.head
    return False
