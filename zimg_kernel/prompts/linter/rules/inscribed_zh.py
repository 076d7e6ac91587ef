"""Chinese text for the picture by its count of characters, what it is written with, and lists."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, HIDDEN, Text

from .announced_kinds import Found
from .announced_zh_kinds import describes, kinds_of, speaks, without_tail
from .inscribed_turns_zh import STOP as _STOP
from .inscribed_turns_zh import SURE, TURNS
from .inscribed_turns_zh import TEXT as _TEXT

_WORDS = load_words(__file__, "borne_zh")
_WORDS.update(load_words(__file__))

_ASPECT = "(?:着|了|有|上|出|下|成|明|就|的(?:就|却|正)?是)"
# Each turn, and whether what it tells may be drawn; None where a line of text is announced.
_TURNS = tuple(
    (_WORDS.pattern(source), drawn)
    for source, drawn in (
        # 用巧克力酱写宝贝三岁啦, 红漆刷写阿芳肠粉豆浆
        (rf"(?:<tools>)(?:潦草|工整|歪歪扭扭)?地?(?:<pens>){_ASPECT}?{_TEXT}", False),
        (rf"(?:<tools>)(?:<hands>){_ASPECT}{_TEXT}", True),
        # 刺的是且听风吟
        (
            rf"(?:<pens>|[刺纹刷喷印刻绣烫铸凿镌拼摆嵌挂闪滚亮打列])的(?:就|却|正|还)?是{_TEXT}",
            True,
        ),
        # 弧形排字鹿小满绕在上半圈
        (rf"(?:<heads>)(?:隐约可读|依稀可辨|是|为|写着?|：)?\ ?{_TEXT}", True),
        # 用白漆手绘一行字，读书人的避难所
        (
            rf"[画绘写刻印刷喷描涂题贴绣](?:着|了|有|上|出|下)?一[行句串排][^，。；的]{{0,4}}"
            rf"(?:字|话|标语|口号|诗|英文)[，：]{_TEXT}",
            None,
        ),
    )
)  # fmt: skip
# 石头上刻了鱼乐人亦乐, 玻璃窗贴着早六点到十点: where it says more than a thing's name
_SAYING = _WORDS.pattern(
    rf"(?:<surfaces>)[^。；]{{0,14}}?(?:<any_hands>)(?:着|了|有|上|出|成|起){_TEXT}"
)
# 气球上十八岁快乐, 亚克力板，恕不赊账, 绣着财源广进的桌布
_SET = _WORDS.pattern(rf"""
    (?:<bare_surfaces>)(?:上|面|里)?(?:各|就|只有)?(?P<bare>[{HAN}A-Za-z0-9！]{{3,16}}){_STOP}
  | (?:<surfaces>)，(?P<notice>(?:<notices>)[{HAN}]{{1,14}}){_STOP}
  | (?:<any_hands>)(?:着|有|了)(?P<borne>[{HAN}]{{3,10}}?)的[{HAN}]{{1,7}}(?=[，。；、\n]|$)
""")
_POPPED = re.compile(
    rf"[弹跳蹦]出(?P<text>[{HAN}A-Za-z]{{3,12}}?)的[{HAN}]{{0,3}}(?:框|窗|提示|字|消息|通知|警告)"
)
# 白漆浙岭渔2207
_CODE = _WORDS.pattern(
    rf"(?:<surfaces>|<tools>|[身舷侧首尾])(?P<text>[{HAN}]{{1,4}}[A-Z]?\d{{3,6}}){_STOP}"
)
# 烙着豆包的家
_HOME = _WORDS.pattern(
    rf"(?:<any_hands>)(?:着|了|有|出)(?P<text>(?![一两几])[{HAN}]{{1,5}}的(?:<homes>)){_STOP}"
)
# 红烧肉 48、清炒豆苗 22, 主队 76 客队 74
_PRICED = re.compile(
    rf"(?P<text>[{HAN}]{{2,6}}[ ]\d{{1,4}}(?:元|块|分)?[、， ]+[{HAN}]{{2,6}}[ ]\d{{1,4}}(?!\d))"
)
# 今夜不打烊五个字, 福寿二字
_COUNT = re.compile(
    r"的?[这那]?(?P<count>[二两三四五六七八九]|十(?=个))(?:个[^，。；的]{0,6}?)?[大小红金白黑]{0,2}字"
    r"(?![体形母号典幕牌样条画框路架])"
)
_NUMBERS = {"两": 2, **{mark: at for at, mark in enumerate("二三四五六七八九十", 2)}}
_NO_WORDS = _WORDS.pattern("(?:<no_words>)")
_OPEN_END = re.compile("[着了有的上里出成地得是为写印刻题绣贴喷刷下个排书]$")
_OPEN = re.compile("[着了]")
# 第一行早起跑步，第二行背单词
_ROWS = re.compile(
    rf"第[一1](?:行|条|栏|句|项)(?:是|为|写着?|：)?(?P<first>[{HAN}A-Za-z0-9 ]{{2,16}})[，；、]"
    rf"第[二2](?:行|条|栏|句|项)(?:是|为|写着?|：)?(?P<second>[{HAN}A-Za-z0-9 ]{{2,16}})"
)
_PAPER = re.compile("[本簿册纸单牌板碑匾签卡屏幕信条表笺]|日记|手账|海报|横幅")
# 木联，左为香分花上露，右为水汲石中泉
_PAIR = re.compile(
    rf"联[^。；]{{0,6}}，(?:左|右|上|下)[侧边首联]?(?:是|为|书|写|曰|：)?(?P<first>[{HAN}]{{4,12}})"
    rf"[，；](?:左|右|上|下|一|另一|上联|下联)[侧边首联]?(?:是|为|书|写|曰|：)?(?P<second>[{HAN}]{{4,12}})"
)
_UNREAD = _WORDS.pattern("(?:<unborne>)")
_GENERIC = load_words(__file__, "lettering_zh").pattern("(?:<zh_generic>)")
_DRAWN_END = load_words(__file__, "lettering_zh").pattern("(?:<zh_drawn>)$")
_IDIOM = load_words(__file__, "attached_zh").pattern("(?:<describing_idioms>)")
_TAIL = re.compile(
    "(?:绕|围|沿|浮|印|立|占|横|竖|斜|弯|排|落|悬|挂|贴|压|铺|盖|嵌|刻|写|放|摆)(?:在|着|于|过|满).+$"
)
_STATE = re.compile(
    "[一-鿿]{2}中$|[一二三四五六七八九十0-9]点半?$|[这那]边$|[0-9一二三四五六七八九十][折元块]$"
)
_THING_END = re.compile(
    "[站块膜条板片纸布革带绳扣链珠粉末屑霜泥土灰锈水油汁酱汤光影色调样式款型号码价签牌器具机车船衣物件品"
    "口画像照报刊书籍册本表单证票据券卡包袋箱盒瓶罐杯碗盘碟壶毯垫帘幕窗门墙柱梁瓦砖鸥雁燕莺鸽豚蟒鳄獒驹犬]$"
)
_SIZE = re.compile("[大小][一半两]号")
_GIVEN = re.compile("(?:致|给|献给|送给|赠予|赠给)[^着]{2,}$")
_BARE = re.compile(
    "[的着和与、]|[大高长深]?[小低短浅]不[一齐]|^[一二三四五六七八九十两几半]{1,3}[处桌地只个件张条幅枚朵片块层]|交错|^[岩崖峭]壁|[了过]$|[上下里旁边]$"
)


def inscribed_zh(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture; all are hints."""
    if not text.chinese:
        return
    plain = text.plain
    for pattern, drawn in _TURNS:
        for found in pattern.finditer(plain):
            start, end = found.span("text")
            if HIDDEN not in plain[found.start() : end + 2]:
                tail = _TAIL.search(plain, start + 2, end)
                end = without_tail(text, start, tail.start() if tail else end)
                if _reads(text, start, end, drawn):
                    yield start, end, "hint"
    for turn, judged in TURNS:
        for found in turn.finditer(plain):
            start, end = found.span("text")
            if HIDDEN in plain[found.start() : end + 2]:
                continue
            end = without_tail(text, start, end)
            if _judged(text, start, end, judged):
                yield start, end, "hint"
    for found in _SAYING.finditer(plain):
        start, end = found.span("text")
        if HIDDEN not in plain[found.start() : end + 2] and _says(text, start, end):
            yield start, end, "hint"
    for found in _SET.finditer(plain):
        start, end = found.span(found.lastgroup or 0)
        if HIDDEN not in plain[found.start() : found.end() + 2] and (
            found.lastgroup == "notice" or _set_phrase(text, start, end)
        ):
            yield start, end, "hint"
    for whole in (_CODE, _HOME, _PRICED, _POPPED, *SURE):
        for found in whole.finditer(plain):
            if HIDDEN not in plain[found.start() : found.end() + 2]:
                yield *found.span("text"), "hint"
    for found in _COUNT.finditer(plain):
        end, size = found.start(), _NUMBERS[found["count"]]
        start = end - size
        if start >= 0 and _counted(text, start, end):
            yield start, end, "hint"
    for found in _ROWS.finditer(plain):
        if _PAPER.search(plain, 0, found.start()) and "格" not in plain[: found.start()]:
            yield *found.span("first"), "hint"
    for found in _PAIR.finditer(plain):
        if len(found["first"]) == len(found["second"]):
            yield *found.span("first"), "hint"


def _judged(text: Text, start: int, end: int, judged: str) -> bool:
    """Return whether words are text after a turn that leaves some doubt."""
    if judged == "said":
        return not _BARE.search(text.plain[start:end])
    if judged in ("drawn", "set") and _THING_END.search(text.plain, start, end):
        return False
    if judged == "set":
        return _set_phrase(text, start, end)
    return _reads(text, start, end, judged == "drawn")


def _counted(text: Text, start: int, end: int) -> bool:
    """Return whether the characters before their count are text, as in 今夜不打烊五个字."""
    word = text.plain[start:end]
    return not (
        not re.fullmatch(f"[{HAN}]+", word)
        or text.cuts_word(start)
        or _NO_WORDS.match(word)
        or _NO_WORDS.search(word, len(word) - 2)
        or _OPEN_END.search(word)
        or _OPEN.search(word)
        or _IDIOM.search(word)
    )


def _reads(text: Text, start: int, end: int, drawn: bool | None) -> bool:
    """Return whether words are text: no thing that is drawn, and nothing told of letters.

    After a line that is announced, of which ``drawn`` is None, what may be a thing is text, too.
    """
    word = text.plain[start:end].rstrip()
    if len(word) < 2 or _UNREAD.match(word) or _IDIOM.match(word) or _SIZE.match(word):
        return False
    kinds = kinds_of(text, start, end)
    if kinds & {"talk", "like", "idiom"} or _GIVEN.match(word) or speaks(text, start, end):
        return True
    generic = _GENERIC.match(word)
    if drawn is None and re.match("[^的着]+的[^的着]{2,}$", word):
        return not generic and not describes(text, start, end)
    if (generic and len(generic[0]) > 1) or _BARE.search(word) or describes(text, start, end):
        return False
    return not (drawn and _DRAWN_END.search(word))


def _says(text: Text, start: int, end: int) -> bool:
    """Return whether words say something, as no name of a thing does: 鱼乐人亦乐."""
    word = text.plain[start:end].rstrip()
    if (
        len(word) < 3
        or _UNREAD.match(word)
        or _IDIOM.match(word)
        or ((generic := _GENERIC.match(word)) and (len(generic[0]) > 1 or len(word) == 1))
    ):
        return False
    words = [w for w in text.words if start <= w.start < end]
    if any(w.tag in ("i", "l") and len(w.text) == 4 for w in words[1:]) and "的" not in word:
        return True  # 红双喜和永结同心
    if _BARE.search(word):
        return False
    if _STATE.search(word):
        return True
    if _DRAWN_END.search(word) or _THING_END.search(word) or describes(text, start, end):
        return False
    tags = {w.tag for w in words[1:]}
    return bool(tags & {"d", "r", "y", "m", "t", "v"})


def _set_phrase(text: Text, start: int, end: int) -> bool:
    """Return whether words are a set phrase or what is said on signs alone."""
    word = text.plain[start:end]
    if _IDIOM.search(word) or _UNREAD.match(word) or _BARE.search(word) or _DRAWN_END.search(word):
        return False
    return bool(kinds_of(text, start, end) & {"like", "idiom"})
