"""Chinese text for the picture that is not in quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, HIDDEN, Text

from .announced_zh_kinds import PIECE, TEXT_LIKE, describes

_WORDS = load_words(__file__)
_WORDS["zh_generic"] = tuple(sorted(_WORDS["zh_generic"], key=len, reverse=True))
_CHARACTERS = (
    r"(?:这)?(?:(?:[二两三四五六七八九几]个?|一个|十[几来]?个|数个)[^，,。的]{0,4}?"
    r"字(?![路架街绣形典口裤])|字样)"
)

_CARRIER = _WORDS.pattern(r"<zh_carriers>|[,，:：]\s*$|^$")
_VERB = _WORDS.pattern(r"<zh_verbs><zh_after_verbs>?\s*[:：]?\s*")
_LOOSE = _WORDS.pattern("<zh_loose>")
_LETTERING, _DRAWN = _WORDS.pattern("<zh_lettering_verbs>"), _WORDS.pattern("<zh_drawn>")
_TEXT_BOARD = _WORDS.pattern("<zh_boards>[^，,。]*$")
_WRITING = _WORDS.pattern("的[^的]*?<zh_writing>$")
_DESCRIBED = _WORDS.pattern("的[^的]*?<zh_described>$")
_LIT = _WORDS.pattern("<zh_lit>(?:上|中|里)?$")
_NOUN = _WORDS.pattern(r"""
    <zh_nouns>(?:内容)?(?:上)?(?:为|是|叫|：|:|写)\s* | (?:名字|姓名)[：:]\s*
""")
_AFTER = Pattern(rf"(?P<text>[{HAN}A-Za-z0-9]{{1,14}}?){_CHARACTERS}")  # 厚德载物四个大字
_SURFACE = Pattern(r"封面$|[牌板匾幅纸墙门窗屏幕箱包衣袋][上里]|歪歪|整整|是$")
_TAIL = Pattern(rf"{_CHARACTERS}$")
_GENERIC = _WORDS.pattern("<zh_generic>")
_CERTAIN = _WORDS.pattern("<zh_text_opens>|.*<zh_text_like>$")
# 新春大吉的横幅, 禁止停车的牌子
_OF_BOARD = _WORDS.pattern(rf"""
    (?:^|[，,。；;、]|<zh_verbs>|[挂拉举立贴竖钉摆插有]着?|一[块条面张幅个副])
    (?P<text>(?![这那他她它我你是])[{HAN}]{{2,14}}?)(?<![旁上里前边外口内后中下方侧端处部])的(?:[{HAN}]{{0,4}}?)<zh_boards>
""")
# 横幅挂在教学楼前，上面是祝同学们前程似锦
_IS = _WORDS.pattern(rf"""
    (?:(?:<zh_boards>|上面|上头|纸板|牌子)(?:上|里|中|上面)?(?:是|就是)
      |<zh_boards>[^，,。；:：]{{0,10}}[:：])
    (?P<text>[{HAN}A-Za-z0-9！!]{{2,18}})
""")
# 路牌上是建设西路, 上面的金字是医者仁心, 价签标价199元
_SAID = _WORDS.pattern(rf"""
    (?:(?:<zh_signs>(?:上|里|正中|中间|正面)|(?:[金红白黑蓝黄绿]|烫金|手写|霓虹|粉笔|毛笔)字
      |(?:通栏|头版|头条)标题|(?:字|标志|标题|文案|题字|印章)[^。；\n]{{0,10}}内容)(?:却|就|正)?(?:是|为))
    (?P<text>(?!<zh_not_said>)[{HAN}A-Za-z0-9]{{2,14}})(?=[，。；、！\n]|$)
  | (?:依次)?(?:写(?![实意真作生法])|[列标印](?=着|有))(?:着|有)?
    (?P<priced>[{HAN}]{{1,6}}(?:\d[{HAN}\d\ ]*|[二三四五六七八九十百]+[元块]))
  | 显示着?(?P<measured>[{HAN}]{{1,6}}\d[{HAN}\d:：.%]*)
  | (?:招牌|灯箱|灯牌|霓虹灯?|电子屏|店招)(?:上|里)?(?:亮|闪|闪烁|拼|映)(?:着|出)
    (?P<lit>(?!<zh_not_said>)[{HAN}A-Za-z0-9]{{2,8}})(?=[，。；、！\n]|$)
  | 标价(?:为|是)?(?P<price>\d[\d.]*元?)
""")
# 一个大大的辣字
_ONE_CHARACTER = Pattern(
    rf"(?:(?<!成)|(?!一个[川一人八之工十井品丁回田弓]字))一个(?:[^，,。；的]{{1,5}}的)?(?P<text>(?![大小])[{HAN}])字(?![体形迹幕典母符路架{HIDDEN}])"
)
# 绣着一枝迷迭香
_COUNTED = Pattern(
    r"[一两三四五六七八九十几数](?:枝|朵|只|条|匹|头|棵|片|枚|颗|尾|簇|丛|株|轮|弯|艘|架|辆|座|圈|排|对|双|串|群|组|团|幅|束|位|个)"
)
_PICTURED = Pattern("(?:绣|画|雕|刻|纹|印|织|贴|绘|描|铸|挂|缝)[着了有上出]?(?:的?是)?$")
# 亮着祥记烧腊的字样, 挑着茶字幌子
_SO_WRITTEN = Pattern(
    rf"""
    [挂亮贴刷印写闪拼挑喷绣刻漆挤立标现烫映显打排投](?:烁|示)?(?:着|有|了|出|成|上)
    (?P<text>(?!<zh_plain_begins>)[{HAN}A-Za-z0-9]{{2,12}}?)的?字样(?![有已都也很像])
  | [挂挑悬](?:着|有|了)一?[面个块]?(?P<one>(?![文汉名大小])[{HAN}])字(?:幌子?|旗|招牌?|灯笼|牌匾?)
""".replace("<zh_plain_begins>", "|".join(_WORDS["zh_plain_begins"])),
    re.VERBOSE,
)
# 灯笼上写茶
_ALONE = Pattern(
    rf"(?<=[上中面])[写题](?:着|了)?(?P<text>(?![字诗信稿画着了生真作])[{HAN}])(?=[，。；\n]|$)"
)
# 右上角竖排两个大字“霜降”, 拉丁学名，例如“Papilio”
_QUOTED_SOON = Pattern(
    "[^，,。；：:]{0,8}[，,：:]?(?:例如|比如|如|即|分别[是为]?|依次[是为]?|是|为|写着?|大字|字样"
    f"|[一两二三四五六七八]个[^，,。；]{{0,6}}字){{0,2}}[:：]?{HIDDEN}"
)
# 标题夏日物语, 车牌京A12345
_TITLED = _WORDS.pattern(rf"""
    <zh_titles>[ ]?(?!<zh_not_title>)(?P<text>[{HAN}A-Za-z0-9·！!]{{2,16}})(?=[，,。；;、\n]|$)
  | 车牌号?码?(?:是|为)?(?P<plate>[{HAN}]?[A-Z][A-Z0-9·]{{4,7}})
  | (?:写|印|刻|绣|题|喷|贴)(?:着|有|了)?
    (?P<board>[{HAN}A-Za-z0-9！!]{{2,14}}?)的[{HAN}]{{0,3}}?<zh_boards>
""")
_PLAIN = _WORDS.pattern("<zh_plain_ends>$")
_SAYING = frozenset(_WORDS["zh_saying"])
_RUN = Pattern(rf"[{HAN}A-Za-z0-9！!？?·&%\-]+(?:[ ][A-Za-z0-9]+)*")


def chinese_lettering(text: Text) -> Iterator[tuple[int, int, bool]]:
    """Yield the range of each text for the picture, and whether its end is sure."""
    if text.chinese:
        for start, end, sure in _chinese_lettering(text):
            told = (
                (sure and "的" not in text.plain[start:end])
                or TEXT_LIKE.search(text.plain, start, end)
            ) and not _COUNTED.match(text.plain, start, end)
            if _COUNTED.match(text.plain, start, end) and _PICTURED.search(text.plain, 0, start):
                continue
            if PIECE.fullmatch(text.plain, start, end):
                continue
            if not _QUOTED_SOON.match(text.plain, end) and (
                told or not describes(text, start, end)
            ):
                yield start, end, sure


def _chinese_lettering(text: Text) -> Iterator[tuple[int, int, bool]]:
    plain = text.plain
    for found in _AFTER.finditer(plain):
        start, end = found.span("text")
        verb = list(_VERB.finditer(plain, start, end))
        start = verb[-1].end() if verb else start
        word = plain[start:end]
        if (
            word
            and not _GENERIC.fullmatch(word)
            and not re.fullmatch(r"[的这那有]|.*(?:的|着|[皱拧蹙挤排站]成)", word)
            and (verb or not _SURFACE.search(word))
        ) and (verb or _CARRIER.search(plain[:start]) or word.isascii()):
            yield start, end, bool(verb)
    for pattern in (_VERB, _NOUN):
        for found in pattern.finditer(plain):
            run = _RUN.match(plain, found.end())
            # The segmenter reads 上刻 and 上题 as words.
            cut = text.cuts_word(found.start()) and not (
                plain[found.start() - 1] in "上中里面幕屏牌板" or found[0][-1] in "着有了"
            )
            if run and not cut and not text.cuts_word(found.end()):
                yield from _after_verb(text, found, run, noun=pattern is _NOUN)
    for found in _IS.finditer(plain):
        if _CERTAIN.match(found["text"]) and not _GENERIC.match(found["text"]):
            yield *found.span("text"), False
    for found in _SAID.finditer(plain):
        name = next(name for name, part in found.groupdict().items() if part)
        word = found[name]
        generic = _GENERIC.match(word)
        plain_word = "的" in word or _PLAIN.search(word) or (generic and len(generic[0]) > 1)
        if name not in ("text", "lit") or not plain_word:
            yield *found.span(name), False
    for found in _SO_WRITTEN.finditer(plain):
        name = "text" if found["text"] else "one"
        if not (found["text"] and re.search("[色体光]$", found["text"])):
            yield *found.span(name), True
    for found in _ALONE.finditer(plain):
        yield *found.span("text"), False
    for found in _ONE_CHARACTER.finditer(plain):
        yield *found.span("text"), True
    for found in _TITLED.finditer(plain):
        name = next(name for name in ("text", "plate", "board") if found[name])
        start, end = found.span(name)
        if name != "board" or not (_GENERIC.match(found[name]) or _drawn(text, start, end)):
            yield start, end, name == "plate"
    for found in _OF_BOARD.finditer(plain):
        start, end = found.span("text")
        idiom = any(w.tag in ("i", "l") and w.start == start and w.end == end for w in text.words)
        if idiom or TEXT_LIKE.search(plain, start, end):
            yield start, end, True


def _after_verb(
    text: Text, found: re.Match[str], run: re.Match[str], *, noun: bool
) -> Iterator[tuple[int, int, bool]]:
    plain, word = text.plain, run[0]
    colon = found[0].rstrip().endswith(("：", ":"))
    loose = not noun and bool(_LOOSE.match(found[0])) and not colon
    if _LETTERING.match(found[0]) and found[0].rstrip().endswith(("是", "为")):
        loose = False  # 题的是聚贤楼
    if loose and found[0].startswith("显示") and _LIT.search(plain[: found.start()]):
        loose = False
    board = _TEXT_BOARD.search(plain, max(0, run.start() - 14), run.start()) is not None
    lettering = _LETTERING.match(plain, found.start()) is not None
    drawn = _drawn(text, *run.span(), strict=not lettering) if board or lettering else True
    if not lettering and (_CERTAIN.match(word) or _saying(text, *run.span())):
        drawn = False
    if loose and drawn and not (_TAIL.search(word) or re.search(r"[A-Z]{2,}", word)):
        return
    generic = _GENERIC.match(word)
    one = generic and len(generic[0]) == 1 < len(word)
    if one and (board or not loose or _CERTAIN.match(word)):
        generic = None  # 小心轻放 is no 小
    if not colon and generic and not re.search(r"[个]字", word):
        return
    described = _DESCRIBED if noun else _WRITING
    if HIDDEN in plain[run.end() : run.end() + 1] or (
        "的" in word[1:].replace("目的地", "")
        and not colon
        and ((loose and not _sentence(text, *run.span())) or described.search(word))
    ):
        return
    tail = _TAIL.search(word)
    end = run.end() - (len(tail[0]) if tail else 0)
    if end > run.start():
        yield run.start(), end, end - run.start() <= 10


def _sentence(text: Text, start: int, end: int) -> bool:
    """Return whether words say something, as 我的青春我做主, and describe no thing."""
    words = text.words_from(start, end)
    return any(w.text in _SAYING or w.tag == "r" for w in words)


def _saying(text: Text, start: int, end: int) -> bool:
    """Return whether all of the words are set phrases, as 好好学习天天向上 is."""
    words = text.words_from(start, end)
    return bool(words) and all(w.tag in ("i", "l") and len(w.text) >= 4 for w in words)


def _drawn(text: Text, start: int, end: int, *, strict: bool = False) -> bool:
    """Return whether what is carved or printed is a thing, as 龙纹 is, and no text."""
    words = text.words_from(start, end)
    if not words or end - start < 2:
        return True
    if any(w.tag in ("i", "l") and len(w.text) == 4 for w in words):
        return False  # 天下为公
    if TEXT_LIKE.search(text.plain, start, end):
        return False
    if any(w.tag == "y" or w.text in _SAYING for w in words):
        return False  # 今天也要开心鸭
    last = text.plain[end - 1]
    if not strict and _TEXT_BOARD.search(text.plain, max(0, start - 14), start):
        return bool(_DRAWN.match(last))
    things = all(w.tag[:1] in "nabzmqxsfkcug" or w.tag == "vn" for w in words)
    return bool(_DRAWN.match(last)) or (things and words[-1].tag[:1] == "n")
