"""Chinese text for the picture after a colon or comma that words for writing lead up to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, HIDDEN, Text

from .announced_kinds import Found
from .announced_zh_kinds import describes, kinds_of, speaks, without_tail

_WORDS = load_words(__file__)
_STOP = r"(?=[，。；、！\n]|$)"
_CHAR = f"[{HAN}A-Za-z0-9！？!?·%.\\- ]"
_TEXT = rf"(?P<text>[{HAN}A-Za-z0-9]{_CHAR}{{1,24}}?){_STOP}"
_TURNS = tuple(
    (_WORDS.pattern(source), frozenset(kinds.split()))
    for source, kinds in (
        # 几个歪歪扭扭的字：大力出奇迹
        (rf"(?:<announcers>)\s?[：:]\s?{_TEXT}", "any"),
        # 启事贴在电线杆上，内容为本人遗失皮箱一只
        (rf"(?:<papers>)[^。；]{{0,24}}?内容(?:是|为|：|写着)\s?{_TEXT}", "any"),
        (rf"(?:写道|题道|书道|写曰|题曰|书曰)\s?[：:，]?\s?{_TEXT}", "any"),
        # 白字染的是灯亮着就有饭
        (rf"[染绣印刷漆写刻烫喷贴拼缝织描刺纹文烙]的(?:字)?是{_TEXT}", "undrawn"),
        # 烫金手写体是张晨与林悦的婚礼
        (
            rf"(?:手写体|花体字?|美术字|艺术字|烫金字|楷体|行书|草书|隶书|手写字|立体字|[大小金红白黑]字)"
            rf"(?:正|就)?是{_TEXT}",
            "undrawn",
        ),
        (
            rf"(?:气泡|对话框|弹窗|聊天框|消息框|通知栏)[^，。；的]{{0,3}}[里上中](?:显示|写|弹出|跳出)(?:着|出|了)?{_TEXT}",
            "undrawn",
        ),
        # 标签打着少冰三分糖
        (
            rf"(?:标签|吊牌|小票|价签|杯贴|腰封|[铭铜门站路名]牌|横幅|条幅|锦旗|匾额?|牌匾)上?"
            rf"(?:印|写|打|刻|标|题|绣)(?:着|有|了){_TEXT}",
            "any",
        ),
        # A4纸上打印着寻猫
        (
            rf"(?:<papers>)(?:[^，。；的]{{0,4}}[上里面中])?(?:用[^，。；]{{1,5}})?"
            rf"(?:<writes>)(?:着|有|了|上){_TEXT}",
            "undrawn",
        ),
        # 刀痕浅浅，依稀是张伟到此一游
        (rf"(?:<written_marks>)[^。；]{{0,14}}?(?:<read_as>){_TEXT}", "any"),
        # 当归、黄芪、远志依次写在上面
        (
            rf"(?<=[，。；])(?P<text>[{HAN}、]{{2,16}}?)(?:[两二三四五六七八几]个[^，。；]{{0,3}}字|字样)?"
            rf"(?:依次|分别|逐一|整齐地?|工整地?|竖着|横着|歪歪扭扭地?|端端正正地?|被){{0,2}}"
            rf"(?:用[^，。；]{{1,5}})?(?:写|印|刻|题|绣|漆|喷|标|烫)在[^，。；]{{0,6}}(?:上面|正面|背面|面上|上|中央|正中|下方){_STOP}",
            "listed",
        ),
        # 对联，右边是一帘花影云拖地
        (
            rf"联[^。；]{{0,20}}?[，：](?:[左右上下][边侧面联首]|一[边侧联]|前句|后句)(?:是|为|写着?|刻着?|题着?|：)"
            rf"(?P<text>[{HAN}]{{4,12}}){_STOP}",
            "verse",
        ),
        (
            rf"联[^。；]{{0,44}}?[，：；](?:[左下][边侧面联首]|另一[边侧联]|后句)(?:是|为|写着?|刻着?|题着?|：)"
            rf"(?P<text>[{HAN}]{{4,12}}){_STOP}",
            "verse",
        ),
        # 倒计时，画面上巨大的00:07
        (
            r"(?:大屏|屏幕|电子屏|显示屏|倒计时|计时器|计分板|记分牌|闹钟|电子钟)[^。；]{0,20}?"
            r"(?P<text>\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)(?![\d点])",
            "number",
        ),
    )
)  # fmt: skip
_LEAD = _WORDS.pattern("(?:<leads>)$")
_SOFT = _WORDS.pattern("(?:<soft_leads>)$")
_DRAWN_END = load_words(__file__, "lettering_zh").pattern("(?:<zh_drawn>)$")
_NO_TEXT = _WORDS.pattern("(?:<no_text>)")
_BARE = re.compile("[的着]|^[在被把向从与和]|[里上下旁边]$")
_ADDRESSED = re.compile(rf"[{HAN}]{{2,7}}(?:收|亲启|启|敬启|敬上|谨上|寄)$")
_MAIL = re.compile("信|邮|包裹|快递|纸箱|收件|寄件|箱")
_VERSE = re.compile(rf"[{HAN}]{{4,9}}$")
_SEGMENT = re.compile(r"[^，。；：:\n]+")


def led_up_zh(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture; all are hints."""
    if not text.chinese:
        return
    for pattern, kinds in _TURNS:
        for found in pattern.finditer(text.plain):
            start, end = found.span("text")
            if HIDDEN in text.plain[found.start() : end + 2]:
                continue
            end = without_tail(text, start, end)
            if kinds & {"verse", "number"} or _fits(text, start, end, kinds):
                yield start, end, "hint"
    yield from _segments(text)


def _fits(text: Text, start: int, end: int, kinds: frozenset[str]) -> bool:
    word = text.plain[start:end].rstrip()
    if len(word) < 2 or _NO_TEXT.match(word):
        return False
    if word[0] in "寻招求租售禁征":
        return True
    if "listed" in kinds and (len(word) < 4 or re.search("[的着她他它我在]", word)):
        return False
    if kinds & {"listed", "undrawn"} and _DRAWN_END.search(word):
        return False
    return not describes(text, start, end) or bool(kinds_of(text, start, end) & {"talk", "like"})


def _segments(text: Text) -> Iterator[Found]:
    heads: list[str] = []
    for found in _SEGMENT.finditer(text.plain):
        start, segment = found.start(), found[0].strip()
        joined = text.plain[start - 1 : start] in ("，", "：", ":")
        heads = heads if joined else []
        if heads and HIDDEN not in segment + "".join(heads) and 2 <= len(segment) <= 18:
            lead = _LEAD.search(heads[-1]) is not None
            second = len(heads) > 1 and _LEAD.search(heads[-2]) is not None
            soft = _SOFT.search(heads[-1]) and speaks(text, start, start + len(segment))
            addressed = _ADDRESSED.match(segment) and _MAIL.search("".join(heads[-2:]))
            if (
                addressed
                or soft
                or (lead and _led(text, start, segment))
                or (second and _VERSE.match(segment) and len(segment) == len(heads[-1]))
            ):
                yield start, start + len(segment), "hint"
        heads.append(segment)


def _led(text: Text, start: int, segment: str) -> bool:
    end = start + len(segment)
    if _NO_TEXT.match(segment):
        return False
    if segment[0] in "愿祝盼求" or kinds_of(text, start, end) & {"talk", "like", "idiom", "code"}:
        return True
    return not _BARE.search(segment) and not describes(text, start, end)
