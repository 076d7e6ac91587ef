"""Chinese text for the picture, by what announces it: a surface, a verb or a word for text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import Severity
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, HIDDEN, Text

from .announced_kinds import Found
from .announced_zh_kinds import kinds_of, without_tail

_WORDS = load_words(__file__)

_RUN = rf"(?=(?P<text>[{HAN}A-Za-z0-9][{HAN}A-Za-z0-9！!？?·&%.:\- ]{{0,30}}))"
_WHERE = r"(?:[上里中内]|正面|背面|上面|里面|中间|中央|正中|左边|右边|[左右上下]方|顶部|底部)?"
_MEASURE = (
    r"(?:[一两二三四五六七八九十几]|数)(?:小|大)?(?:行|句|个|排|段|条|串|则)[^，,。；;的]{0,4}?"
    r"(?:字(?![体形母号典幕牌样迹条画框])|话|消息|短信|通知|提示|留言|标语|口号|告示)"
)
# What carries text among other things, with its last character.
_FACE = (
    "(?<=[块扇张枚金上里中前后背面口侧旁边内圈底座部央沿角身处屏幕牌板匾碑条签贴章卡票盖袖领额楣栏行下左右方字笔漆墨酱扭斜"
    "套袋瓶盒罐箱杯帽衫恤裙带巾旗灯管壳纸布门墙窗车船])"
)
_WRITINGS = (
    "[着的了生实意真作画字诗信下上满出完过成得在]|病历|报告|笔记|检讨|作业|日记|小说|代码|公式|数字|名字"
    "|书法|毛笔|春联|对联|字母|东西|文章|贺卡"
)
# What one sits down to write: 坐在地毯上写日记
_PIECES = (
    "(?:[^，,。；的]{1,4}的)?(?:日记|周记|笔记|作业|信|书法|毛笔字|春联|对联|病历|报告|检讨|小说|代码"
    "|公式|明信片|贺卡|作文|剧本|诗稿|手账|手帐|论文|稿子|请柬|歌词|乐谱|题)"
)
# Each pattern, what is surely text after it, and what may be.
_OPENINGS = (
    # 一行字是否继续, 几个大字去土星吧
    (rf"{_MEASURE}(?:写着?|是|为|：|:)?{_RUN}", "talk like code name idiom verbal", "plain"),
    # 一行小字，明前采摘
    (rf"{_MEASURE}[，,]{_RUN}", "", "talk like code idiom"),
    # 气泡里是妈妈我饿了, 广告牌上赫然是伤了吗
    (
        rf"<labels>(?:{_WHERE}|[^，,。；;：:的]{{0,4}})(?:赫然|就|却|正|只)?(?:是|为|：|:|说|说道|说着|喊着?){_RUN}",
        "talk like code name idiom verbal",
        "plain",
    ),
    (
        rf"(?:对话框?|气泡框?|泡泡框?|旁白框?|字幕|弹幕)[里中上](?:却|正)?(?:说|喊|问|嚷)[着道]?{_RUN}",
        "",
        "any",
    ),
    # 纸牌我们要干净的水
    (rf"(?:<labels>|封面|正面|背面|胸前|杯身|瓶身){_RUN}", "talk like code", ""),
    (rf"(?:<labels>|[员券单]卡|传单|优惠券|告示|招牌)[，,]{_RUN}", "", "talk like shop code"),
    # 黑字：还行吧老板
    (rf"<nouns>(?:{_WHERE}|[^，,。；;：:的]{{0,4}}(?=是|为|：|:))(?:赫然|就)?(?:是|为|：|:|叫|写着?)?{_RUN}",
     "talk like code name idiom verbal", "plain"),
    # 字母NO PAIN, 姓名陈秀英, 备注多放香菜
    (rf"(?:字母|英文字?|单词|词组|缩写)(?:是|为|写着?|：|:)?{_RUN}", "latin", ""),
    (
        rf"[，,。；;、](?:姓名|作者|单位|职务|班级|备注)(?:栏)?(?:是|为|写着?|：|:)?{_RUN}",
        "talk like name",
        "verbal plain",
    ),
    (rf"[组拼排摆弯连围]成{_RUN}", "talk like idiom", ""),
    (rf"[上用粉酱沙糖豆花][^，,。；;]{{0,3}}[筛撒挤画淋裱]出{_RUN}", "talk like idiom", ""),
    (rf"内容(?:是|为|：){_RUN}", "talk like idiom", ""),
    (rf"的字，{_RUN}", "talk like idiom", ""),
    # 黑底金字，忠厚传家
    (rf"<nouns>，{_RUN}", "talk like", "idiom name"),
    (rf"[印写刻绣贴]着?一句{_RUN}", "talk like idiom verbal", "plain"),
    (rf"[秤仪器机屏]显示(?:着|为|出)?{_RUN}", "code", ""),
    # 底座刻林若兰植物学家
    (rf"{_FACE}<verbs>(?:着|有|了|出|上)?(?![成在到满过下]|{_PIECES}){_RUN}",
     "talk like code name idiom", ""),
    (rf"{_FACE}<showing>(?:着|有|了|出|上)?(?![成在到满过下]){_RUN}", "talk", ""),
    (rf"<verbs>(?:着|有|了|的是|出|成){_RUN}", "talk like code", ""),
    (rf"[上面里边中处侧块扇张牌板纸签碑匾门布贴旗屏](?:手写|书写|写)(?!{_WRITINGS}){_RUN}",
     "talk like code name idiom verbal long", "plain"),
    (rf"(?:喷漆(?![罐枪工房机台])|喷字|刻字|印字|贴字|绣字|题字(?![石碑者人]))[：:]?{_RUN}",
     "talk like code name idiom verbal", "plain"),
    (rf"[上里面](?:落下|挥就|留下){_RUN}", "talk like idiom", ""),
    (rf"(?:打印|输出|弹出|跳出)[着出了]?(?:[一两三四几]行)?{_RUN}", "talk like", ""),
    # 证书颁给沈一诺同学
    (rf"(?:证书|奖状|锦旗|奖杯|正文)[^，,。；;]{{0,4}}(?:颁给|授予|赠给?|献给|致){_RUN}",
     "like name code", "plain"),
    (rf"(?:弹出|跳出|收到|推送|飘过|滚过|闪过)(?:了|着)?[^，,。；;的]{{0,4}}?(?:消息|短信|通知|提示框?|弹幕|弹窗)?{_RUN}",
     "talk like code", ""),
)  # fmt: skip
_PATTERNS = tuple(
    (_WORDS.pattern(source), frozenset(sure.split()), frozenset(maybe.split()))
    for source, sure, maybe in _OPENINGS
)
_SHOUT = _WORDS.pattern(rf"(?:<shouts>)[：:]?{_RUN}")
_ROW = re.compile("[第首末].?行|[首末第].?句")
_GRID = re.compile("[一-鿿]宫格|[四六八九]格|表情包|分镜|拼贴|拼图|设定图|三视图|网格")
_COMIC = _WORDS.pattern("<comics>")


def announced_zh(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture, and how sure it is."""
    if not text.chinese:
        return
    for pattern, sure, maybe in _PATTERNS:
        for found in pattern.finditer(text.plain):
            if _ROW.match(found[0]) and _GRID.search(text.plain):
                continue  # 表情包九宫格，第一行：刚出笼
            if HIDDEN in text.plain[text.phrase_of(found.start())[0] : found.start()]:
                continue  # “霜降”两个大字竖排
            yield from _graded(text, *found.span("text"), sure, maybe)
    if _COMIC.search(text.plain):
        for found in _SHOUT.finditer(text.plain):
            yield from _graded(text, *found.span("text"), frozenset({"talk", "like"}), frozenset())


def _graded(
    text: Text, start: int, end: int, sure: frozenset[str], maybe: frozenset[str]
) -> Iterator[Found]:
    if text.plain[end : end + 1] == HIDDEN:
        return
    end = without_tail(text, start, end)
    kinds = kinds_of(text, start, end) | {"any"}
    level: Severity | None = "warning" if kinds & sure else "hint" if kinds & maybe else None
    if level:
        yield start, end, level
