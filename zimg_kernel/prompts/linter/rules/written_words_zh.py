"""Chinese text for the picture that is told by how it is written, or stands beside its carrier."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, HIDDEN, Text

from .announced_kinds import Found
from .announced_zh_kinds import describes, kinds_of, speaks, without_tail
from .written_patterns_zh import PATTERNS, RUN, WORDS, WRITING

_UNREAD = WORDS.pattern("(?:<unread>|<no_text>)")
_STATE = WORDS.pattern(rf"[{HAN}]{{0,8}}(?:<states>)$")
_DRAWN_END = load_words(__file__, "lettering_zh").pattern("(?:<zh_drawn>)$")
_COLON = WORDS.pattern(
    rf"(?:<labels>|<carriers>|<bearers>|<nouns>)[^，。；：:\ue000]{{0,5}}"
    rf"(?:：|(?<!\d):)\s*(?P<text>{RUN})"
)
_GRID = re.compile("[一-鿿]宫格|[四六八九]格|表情包|分镜|拼贴|拼图|设定图|三视图|网格|第.[格行]")
_SPEECH = re.compile(
    rf"(?:冒出|蹦出|喊出|说出|吐出|憋出|飘出|配上?|写)(?:了|来)?一[句行声]"
    rf"(?:话)?[：:]?(?P<text>{RUN})"
)
_SHOUT = WORDS.pattern(rf"(?:<shouts>)[：:]?(?P<text>{RUN})")
_COMIC = WORDS.pattern("<comics>")

_SEGMENT = re.compile(r"[^，。；\n]+")
_BEARER = WORDS.pattern(
    r"(?:<labels>|<carriers>|<bearers>)(?:[上里中]|上面|正面|背面|特写|近景|下方|一[角侧])?$"
)
# 告示贴在玻璃内侧，店主外出; 举着长条布，再见了我的青春
_PUT_UP = WORDS.pattern(
    r"(?:<labels>|<carriers>|<bearers>|<talkers>)(?:被)?[贴挂立钉摆竖插别夹系拉举压靠斜悬铺展](?:在|着|于)[^，]{1,12}$"
    r"|(?:[举拉扯挂撑]|展开|拉起|高举|贴|立)(?:着|起|了|出)?(?:一?[条面块张幅])?[^，的]{0,4}[布牌旗板幅纸语匾签]$"
)
_NOTICE = re.compile(
    "店主|本店|老板|主人|有事|外出|暂停|营业|休息|出租|招[租聘工生领]|请(?!求)|禁|勿|寻|欢迎|严禁|谢绝|急|售|转让|保持|小心|注意"
    "|当心|内有|闲人|非[请工]|爱护|节约|此[路处门]|前方|距|再见|你好|加油|祝|愿|永远|我[们爱要会在和是的]|你|您|今日|今晚|明[日天]|[下上]午|不[要许准]|还我|支持|反对|拒绝|毕业|生日快乐|新年"
)
_TALKER = WORDS.pattern("<talkers>")
_OF_INK = re.compile(
    "[字笔墨][迹体痕]|字$|色$|笔$|墨$|写$|书$|[烫描鎏][金银]$|墨水$|[阴阳]刻$|丝印$|喷漆$|口红$|楷$|[宋黑]体$"
)
_WAY = re.compile(
    "[楷隶篆行草]书$|[烫描鎏][金银]$|墨水$|字体?$|[阴阳]刻$|手写$|丝印$|[毛粉钢铅蜡]笔$"
)
_GIVEN = re.compile(rf"(?:送给|献给|赠予|致|给)(?!人|予)[{HAN}A-Za-z]{{2,10}}$")
_ALTITUDE = re.compile(
    rf"(?:海拔|里程|编号|限速|限高|限重|距离?|前方)[{HAN}]{{0,3}}(?:[\d.]+|"
    rf"[一二三四五六七八九十百千]+)[{HAN}A-Za-z]{{0,3}}$"
)
_DISH = re.compile(rf"[{HAN}]{{2,5}}[一二三四五六七八九十百0-9]+元?$")
_MENU = WORDS.pattern("<menus>")
_ANNOUNCING = re.compile(
    "(?:刻字|题字|印字|喷字|绣字|留字|日期|字样|文案|字幕|(?<!着)邮戳|落款|铭文|碑文|配字"
    "|题款|场记板|小字|大字|写着|写道|[油红白黑金]漆字|[红白黑金]字)$"
)
_NAMED = re.compile(
    rf"(?!.*[的着在])[{HAN}A-Za-z0-9]{{2,7}}(?:车队|战队|[突奋游]击队|乐队|"
    rf"球队|兄弟|父子|工厂|酒馆|茶社|书社|诗社|剧社|剧团|俱乐部|音乐节|美食节|"
    rf"电影节|书展|画展|邀请赛|锦标赛|公开赛)$"
)
_ALMANAC = re.compile("宜.|忌.|诸事")


def written_words_zh(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture; all are hints."""
    if not text.chinese:
        return
    yield from _segments(text)
    plain = text.plain
    for pattern, kinds in PATTERNS:
        for found in pattern.finditer(plain):
            yield from _graded(text, *found.span("text"), kinds)
    for found in () if _GRID.search(plain) else _COLON.finditer(plain):
        yield from _graded(text, *found.span("text"), frozenset({*WRITING.split(), "plain"}))
    if _COMIC.search(plain):
        for found in _SPEECH.finditer(plain):
            yield from _graded(text, *found.span("text"), frozenset({"any"}))
        for found in _SHOUT.finditer(plain):
            yield from _graded(
                text, *found.span("text"), frozenset({"talk", "like", "verbal", "idiom"})
            )


def _graded(text: Text, start: int, end: int, kinds: frozenset[str]) -> Iterator[Found]:
    if HIDDEN in text.plain[start : end + 2]:
        return
    end = without_tail(text, start, end)
    if _kinds(text, start, end) & kinds:
        yield start, end, "hint"


def _kinds(text: Text, start: int, end: int) -> set[str]:
    word = text.plain[start:end].rstrip()
    if _UNREAD.match(word):
        return set()
    kinds = kinds_of(text, start, end)
    if not kinds and speaks(text, start, end):
        kinds = {"talk"}
    if _STATE.match(word):
        kinds.add("state")
    if len(word) > 1 and not describes(text, start, end):
        kinds.add("any")
    if re.search(r"[元块毛]", word):
        kinds.add("price")
    if _DRAWN_END.search(word):
        kinds -= {"plain", "long", "name", "verbal"}
    return kinds


def _segments(text: Text) -> Iterator[Found]:
    """Text set off by commas after what carries it, or after how it is written."""
    heads: list[str] = []
    for found in _SEGMENT.finditer(text.plain):
        whole = found[0].rstrip()
        start = found.start() + len(whole) - len(whole.lstrip())
        segment = whole.strip()
        if text.plain[found.start() - 1 : found.start()] != "，":
            heads = []
        if heads and 2 <= len(segment) <= 16 and HIDDEN not in segment + heads[-1]:
            level = _beside(text, start, segment, heads)
            if level:
                yield start, start + len(segment), "hint"
        heads.append(segment)


def _beside(text: Text, start: int, segment: str, heads: list[str]) -> bool:
    head = heads[-1]
    if len(heads) > 1 and len(head) < 9 and _OF_INK.search(head):
        written = _WAY.search(head) is not None and _BEARER.search(heads[-2]) is not None
        if written and _plain(text, start, segment):
            return True
        head = heads[-2]
    elif len(heads) > 1 and _DISH.match(segment) and _MENU.search(heads[-2]):
        return bool(_DISH.match(head))
    if _DISH.match(segment) and _MENU.search(head):
        return True
    announcing = bool(_ANNOUNCING.search(head))
    if _NOTICE.match(segment) and _PUT_UP.search(head) and not re.search("[着把将被]", segment):
        return True
    near, talker = bool(_BEARER.search(head)), bool(_TALKER.search(head))
    if not near and not talker and not announcing:
        return False
    if announcing and not describes(text, start, start + len(segment)):
        return not re.search("[的着]", segment) and not _UNREAD.match(segment)
    if near and _NAMED.match(segment) and not _UNREAD.match(segment):
        return True
    if near and (_GIVEN.match(segment) or _ALTITUDE.match(segment) or _ALMANAC.match(segment)):
        return True
    kinds = _kinds(text, start, start + len(segment))
    wanted = {"talk", "like", "idiom", "code", "state"} if near else {"talk", "like", "state"}
    return bool(kinds & wanted) and not re.search("[的着正放]", segment[1:])


def _plain(text: Text, start: int, segment: str) -> bool:
    """Return whether a clause after a way of writing tells nothing of how it looks."""
    if re.search("[的着]", segment) or _UNREAD.match(segment) or _DRAWN_END.search(segment):
        return False
    return len(segment) > 3 and not describes(text, start, start + len(segment))
