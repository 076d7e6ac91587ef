"""Turns in which a Chinese prompt tells text for the picture: 字幕条打出, 题了个酒字."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, HIDDEN, Text

from .announced_kinds import Found

_WORDS = load_words(__file__)
_DRAWN_END = load_words(__file__, "lettering_zh").pattern("(?:<zh_drawn>)$")
_STOP = r"(?=[，。；、\n]|$)"
_TEXT = rf"[{HAN}A-Za-z0-9·！？ ]{{2,24}}?"
_TURNS = _WORDS.pattern(rf"""
    (?:<bears>)[^，。；]{{0,6}}?(?:的|上|里)?内容(?:是|为)
    (?!一|几|[{HAN}]{{0,8}}的)(?P<content>{_TEXT}){_STOP}
  | (?:<screens>)(?:上|里)?(?:正)?打(?:出|着)(?:了)?(?!一|几|光|灯)(?P<shown>{_TEXT}){_STOP}
  | (?:<boards>)(?:的|上的)?(?:大|主|副|小)?标题(?:是|为|叫|写着)
    (?!一|[{HAN}]{{0,6}}[字体]{_STOP}|[红黑白金蓝][色字])(?P<titled>{_TEXT}){_STOP}
  | (?:题|写|绣|刻|印|贴|描|挂|书)(?:了|着|有|上)?一?个(?:[大红金黑]{{1,2}}的?)?
    (?P<one>(?![文汉数大小红金黑白名])[{HAN}])字{_STOP}
  | <inks>(?:<verbs>)(?:着|了|住|上|下|有)
    (?!一|几|的|各|满|密|数|两|三|符|花|图|线|圈|箭)(?P<inked>[{HAN}0-9A-Za-z]{{4,16}}?){_STOP}
  | (?:弹|跳|蹦|冒)出(?:了|一[个条行])?[^，。；]{{0,10}}?
    (?:提示|弹窗|通知|消息|字幕|标语|文字)(?:框|条|语|：)?
    (?!框|条|音|灯|和|与|，|在|从)(?P<popped>[{HAN}A-Za-z·]{{2,12}}){_STOP}
  | (?:字体|手写体|印刷体|衬线体|花体|哥特体)(?:的|写着)?\ ?
    (?P<latin>[A-Z][A-Za-z'’]+(?:\ [A-Za-z0-9'’&!?-]+)+)
""")
_ANNOUNCED = _WORDS.pattern("(?:<announces>)$")
_TELLS = Pattern(
    "^(?:[别挂摆堆]满|[药人姓菜]名的)|[蓝红黑白绿黄]底[白黑红蓝黄金]字$"
    "|^什么$|^条[夹贴压插折]"  # 写着什么, 小字条夹在书里
    "|^是?一块[小大薄厚旧木铁布]|^磨砂"  # 吊牌是一块小木片
    "|^匾?里面?(?:分别|各|都|全)?(?:是|有|装|放|盛|晒)"  # 竹匾里分别是鲜红的辣椒
    # 杯身上禁止出现文字, 印章统统拿掉
    "|^[上里面中内]?(?:禁止|不要|不得|请?勿|切勿|避免|严禁|不可|不能|不许|切?忌|别)(?:出现|画|添加|任何)"
    "|(?:拿掉|去掉|取消|删掉|抹掉|去除|省去|免去|清空)$"
)
_NOT = Pattern("[处带之和与及在是有了着的，]|[一几两][张个条幅封行块盏只]|第[一二三]")


def turns_zh(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture."""
    if not text.chinese:
        return
    for found in _TURNS.finditer(text.plain):
        start, end = found.span(found.lastgroup or 0)
        if HIDDEN in text.plain[found.start() : found.end() + 2]:
            continue
        if found.lastgroup == "inked" and _DRAWN_END.search(text.plain[start:end]):
            continue
        yield start, end, "warning"


def surely_announced(text: Text, found: Found) -> Found:
    """Return words that may be text for the picture, for sure where they are announced so."""
    start, end, level = found
    before = text.plain[max(0, start - 12) : start]
    if level == "hint" and text.chinese and _ANNOUNCED.search(before):
        words = text.plain[start:end]
        if end - start >= 3 and not _NOT.match(words) and not _DRAWN_END.search(words):
            return start, end, "warning"
    return found


def describes_lettering(text: Text, start: int, end: int) -> bool:
    """Return whether words tell how letters look, or of what they are: 蓝底白字, 药名的纸签."""
    return text.chinese and _TELLS.search(text.plain[start:end]) is not None
