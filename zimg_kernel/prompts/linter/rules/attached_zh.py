"""Chinese text for the picture that only stands beside its carrier: after a comma, in a list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, HIDDEN, Text

from .announced_kinds import Found
from .announced_zh_kinds import kinds_of, without_tail

_WORDS = load_words(__file__, "announced_zh")
_WORDS.update(load_words(__file__))

_SEGMENT = re.compile(r"[^，。；\n]+")
_CARRIER = _WORDS.pattern("<labels>|<carriers>")
_SLOGAN_CARRIER = _WORDS.pattern("<slogan_carriers>")
_AT_END = _WORDS.pattern(r"(?:<labels>|<carriers>)(?:[上里中]|上面|正面|背面|特写|近景)?$")
_FOOD_CARRIER = _WORDS.pattern("(?:<food_carriers>)[^，。；]{0,4}$")
_FOOD = _WORDS.pattern(rf"[{HAN}]{{1,6}}(?:<foods>)$")
_PRICE = _WORDS.pattern(rf"[{HAN}A-Za-z]{{0,8}}?(?:<price>)$")
_SPACED = re.compile(rf"[{HAN}A-Za-z0-9]{{1,12}}(?: [{HAN}A-Za-z0-9：:.]{{1,12}})+$")
_DATE = _WORDS.pattern(
    rf"(?:{{0}}|<date>)(?:[{HAN}\d]{{0,6}})$".replace("{0}", r"\d{4}[./-]\d{1,2}")
)
_ROUTE = _WORDS.pattern(rf"[{HAN}]{{2,5}}(?:至|到|—|-|→)[{HAN}]{{2,5}}$")
_TICKET = re.compile("[票证]|登机牌|行程单|站牌|电子屏|显示屏")
_EPITAPH = re.compile(
    rf"[{HAN}]{{2,9}}之[墓位灵碑]$|.{{2,6}}(?:敬赠|敬献|敬立|惠存|留念|亲启|谨启)$"
)
_DESCRIBING_IDIOM = _WORDS.pattern("<describing_idioms>")
_DRAWN_END = load_words(__file__, "lettering_zh").pattern("(?:<zh_drawn>)$")
_NOT = _WORDS.pattern("<no_text>")

# 写了一个大大的忍, 中间一个福
_ONE = _WORDS.pattern(rf"""
    (?:[写书题刻印绣贴喷涂]|挥毫)(?:着|了|下|出|有|上)?一个(?:[^，。；]{{1,6}}的)?(?P<text>(?!<drawn>)[{HAN}])(?=[，。；\n]|$)
  | (?:<one_carriers>)[^，。；]{{0,4}}(?:，|是|上是|为|写着?)(?:只有)?一个(?:[^，。；]{{1,5}}的)?
    (?P<alone>(?!<drawn>)[{HAN}])字?(?=[，。；\n]|$)
""")
# 贴着当归、黄芪、甘草的标签
_LIST = _WORDS.pattern(rf"""
    (?:贴|写|标|印|刻|列)(?:着|了|有|明|注)(?P<text>(?!<pictures>)(?:[{HAN}A-Za-z]{{1,6}}、)+[{HAN}A-Za-z]{{1,6}}?)
    (?:的?(?:标签|字样|字条|牌子|名牌|价签|纸条|小字|贴纸|名字|字)[^，。；]{{0,4}}|等)?(?=[，。；\n]|$)
""")
# 上面是大红袍三个字, 红纸黑字的女儿红, 写满了好好学习
_SAYS = _WORDS.pattern(rf"""
    [上面里中](?:就|正)?(?:是|有)(?!一)(?P<text>[{HAN}A-Za-z0-9]{{1,12}}?)(?:这)?[二两三四五六七八几]个(?:[^，。；的]{{0,4}})字
  | [红白黑金蓝黄绿粉墨]字的(?!<no_text>|[{HAN}]{{0,2}}(?:<labels>|<carriers>))
    (?P<inked>[{HAN}]{{2,6}})(?=[，。；\n]|$)
  | [上用][^，。；]{{0,8}}批着?(?P<mark>[{HAN}\d]{{1,5}}分|优|良|阅|[甲乙丙])(?=[，。；\n]|$)
  | [方上里中央间处](?!<no_text>)(?P<titled>[{HAN}]{{2,6}}?)
    [二两三四五六七八]个?[大金红黑小]?字(?=[，。；\n]|$)
  | [上里中门](?P<board>(?![文汉名十一大小金红白黑八人])[{HAN}])字(?:牌|旗|幌子?|匾|灯笼|布帘)
  | (?:匾额?|牌匾)上?(?P<plaque>[{HAN}]{{1,5}}(?:<houses>))(?=[，。；\n]|$)
  | <called>上?(?:名叫|叫做|叫|名为|题为)(?P<called>[{HAN}]{{2,10}})
  | (?:<lettering_verbs>|贴)(?:着|了|有)
    (?P<slogan>(?:(?!<unsaid>)[{HAN}]){{8}}
      |(?:(?!<unsaid>)[{HAN}]){{10}})
    (?=[，。；\n]|$)
  | [闪亮示写印弹打跳](?:着|出|了)(?P<latin>[A-Z]{{2,}}(?:\ [A-Z]{{2,}})+)
  | (?:<lettering_verbs>|[贴闪亮示画])(?:着|了|有|出|的是)(?!<no_latin>)
    (?P<english>[A-Za-z][A-Za-z'’&!?-]+(?:\ [A-Za-z0-9'’&!?-]+)*)(?=[，。；、\n]|\ [{HAN}]{{2}}|$)
  | (?:路标|指示牌|路牌|指路牌)(?:上)?指向
    (?P<way>(?!远|左|右|前|天|深|北方|南方|东方|西方)[{HAN}]{{2,7}})(?=[，。；\n]|$)
  | (?:飘过|滚过|刷过|闪过|弹出|跳出)(?:了|一[条行个])?
    (?!一|几|满|[^，。；]{{0,4}}(?:广告|画面))
    (?P<passed>[{HAN}]{{2,12}}?)的(?:弹幕|字幕|提示|消息|通知|对话框|弹窗)
""")
# Looked for where there is an arrow, and where there are Latin letters.
_ROUTED = _WORDS.pattern(rf"""
    (?:<labels>|<carriers>)[上里]?，?
    (?P<route>(?!的)[{HAN}]{{2,6}}[—–\-→]{{1,2}}[{HAN}]{{2,6}})(?=[，。；\n]|$)
""")
_ENTITLED = _WORDS.pattern(r"""
    (?:<labels>|<carriers>)(?:[上里]?(?:写|是|为|：))?\ ?(?!<no_latin>)
    (?P<named>[A-Za-z][a-z'’]+(?:\ [A-Za-z0-9'’&!?-]+)+)(?=[，。；、\n]|$)
""")
_ARROW, _LATIN = re.compile(r"[—–→-]"), re.compile("[A-Za-z]")
# What surely writes, with what follows if it is a saying, an idiom, a verse.
_RUN = rf"(?P<text>[{HAN}A-Za-z0-9！!？? ]{{2,24}})"
_VERBS = tuple(
    (_WORDS.pattern(source + _RUN), frozenset(kinds.split()))
    for source, kinds in (
        ("[写刷贴喷]满了?(?!字|着|的|各|整|密|五)", "talk like idiom"),
        ("题(?:诗|词|字|款)(?:：|曰|云|为|着)?", "talk like idiom verbal long plain"),
        ("<gilt>(?:着|了|印着?|的是|出)?(?!的)", "talk like idiom verse"),
        ("<faces><lettering_verbs>(?:着|有|了|出|上|的是)", "like code idiom name verse"),
        ("<faces><engraving>(?![着有了上出满成下过好完的])", "like code idiom name verse"),
        ("[上里面中下方]一[句行](?:写着?|是)?", "talk like idiom verse"),
        ("画(?:着|了|有)", "like"),
        (r"[上下]方(?:是|为)?(?=\d)", "like code"),
        ("(?:翻到|撕到|停在|定格在|指向)(?:了)?", "date"),
        ("<displaying>(?:着|出|了|有)?", "talk like code idiom state"),
        ("<titles>(?:叫做?|是|为|：)?", "talk like idiom"),
        ("<fronts>(?:是|有)?(?!一|两)", "talk like code"),
    )
)  # fmt: skip
_SPOKEN = re.compile(
    "(?:广告语?|标语|口号|文案|横幅|条幅|锦旗|弹幕|字幕|便利贴|便签|纸条|手幅|弹窗)$"
)
_HOUSE = _WORDS.pattern(rf"[{HAN}]{{1,5}}(?:<houses>)$")
_COMIC = _WORDS.pattern("<comics>")
_NUMBER_END = re.compile(rf"[{HAN}]{{2}}[二三四五六七八九十百千]+$")
_SHOUTED = _WORDS.pattern("(?:<shouts>)$")
_CLASSICAL = re.compile("[不勿莫无此之者皆必须为]")
_VERSE = re.compile(rf"[{HAN}]{{3,14}}$")
_STATE = _WORDS.pattern(rf"[{HAN}]{{0,8}}(?:<states>)$")


def attached_zh(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture; most are hints."""
    if not text.chinese:
        return
    plain = text.plain
    yield from _segments(text)
    patterns = [_ONE, _LIST, _SAYS]
    patterns += [_ROUTED] * bool(_ARROW.search(plain))
    patterns += [_ENTITLED] * bool(_LATIN.search(plain))
    for pattern in patterns:
        for found in pattern.finditer(plain):
            name = next(name for name, part in found.groupdict().items() if part)
            if HIDDEN not in plain[found.start() : found.end() + 2]:
                sure = name in ("latin", "english")
                yield *found.span(name), "warning" if sure else "hint"
    for pattern, kinds in _VERBS:
        for found in pattern.finditer(plain):
            start, end = found.span("text")
            if HIDDEN not in plain[start : end + 1] and _fits(text, start, end, kinds):
                yield start, without_tail(text, start, end), "hint"


def _fits(text: Text, start: int, end: int, kinds: frozenset[str]) -> bool:
    word = text.plain[start:end].rstrip()
    if _NOT.match(word) or _DESCRIBING_IDIOM.search(word):
        return False
    if "state" in kinds and _STATE.match(word):
        return True
    if "name" in kinds and (_name(text, start, end) or _NUMBER_END.search(word)):
        return True
    if "date" in kinds and _DATE.match(word.split(" ")[0]):
        return True
    if "verse" in kinds and "的" not in word and _VERSE.match(word) and _verse(text, start, end):
        return True
    drawn = kinds == {"like"} and _DRAWN_END.search(word)
    return not drawn and bool(kinds_of(text, start, end) & kinds)


def _motto(text: Text, start: int) -> bool:
    """Return whether four characters are a motto, as 宁静致远 is."""
    words = text.words_from(start, start + 4)
    told = not re.search("[的着在有满红金木色]", text.plain[start : start + 4])
    if len(words) > 1 and words[0].tag[:1] == "n" and words[1].tag[:1] != "n":
        return False  # 灯泡发黄
    return told and len(words) <= 2 and all(len(w.text) in (2, 4) for w in words)


def _name(text: Text, start: int, end: int) -> bool:
    """Return whether all of the text is the name of a place, a person or a firm."""
    words = text.words_from(start, end)
    named = len(words) == 1 and words[0].tag in ("ns", "nr", "nt", "nz") and end - start > 1
    return named and not _DRAWN_END.search(text.plain, start, end)


def _verse(text: Text, start: int, end: int) -> bool:
    """Return whether words are no name of a thing: one of them tells what happens."""
    words = text.words_from(start, end)
    if _CLASSICAL.search(text.plain, start, end):
        return True
    if not words or (words[-1].tag[:1] == "n" and _DRAWN_END.search(words[-1].text)):
        return False
    return any(w.tag[:1] in "vd" and w.tag != "vn" for w in words)


def _segments(text: Text) -> Iterator[Found]:
    """Text set off by commas after what carries it: 招牌，冰镇酸梅汤，一块五一杯."""
    before = earlier = ""
    for found in _SEGMENT.finditer(text.plain):
        whole = found[0].rstrip()
        start = found.start() + len(whole) - len(whole.lstrip())
        segment = whole.strip()
        joined = text.plain[found.start() - 1 : found.start()] == "，"
        head, beyond = (before, earlier) if joined else ("", "")
        before, earlier = segment, head
        if (
            HIDDEN in head
            or HIDDEN in segment
            or not 2 <= len(segment) <= 24
            or _NOT.match(segment)
        ):
            continue
        shouted = _SHOUTED.search(head) and _COMIC.search(text.plain)
        near = shouted or _CARRIER.search(head)
        if (near and _beside(text, start, segment, head)) or (
            _CARRIER.search(beyond) and (_PRICE.match(segment) or _SPACED.match(segment))
        ):
            yield start, start + len(segment), "hint"


def _beside(text: Text, start: int, segment: str, head: str) -> bool:
    if (
        _PRICE.match(segment)
        or _SPACED.match(segment)
        or _EPITAPH.match(segment)
        or (_FOOD_CARRIER.search(head) and _FOOD.match(segment))
        or (_TICKET.search(head) and (_DATE.match(segment) or _ROUTE.match(segment)))
    ):
        return True
    kinds = kinds_of(text, start, start + len(segment))
    if _HOUSE.match(segment) and _AT_END.search(head):
        return True
    if _STATE.match(segment) and _AT_END.search(head):
        return True
    if _SHOUTED.search(head) and "talk" in kinds:
        return True
    if _DESCRIBING_IDIOM.search(segment):
        return False
    if slogan := _SLOGAN_CARRIER.search(head):
        last = head[slogan.start() :]
        if "idiom" in kinds or (len(segment) == 4 and len(last) <= 5 and _motto(text, start)):
            return True
    if _SPOKEN.search(head) and _VERSE.match(segment) and not re.search("[着在的]", segment):
        return _verse(text, start, start + len(segment))
    return bool(kinds & {"talk", "like", "code", "shop"}) and _AT_END.search(head) is not None
