"""Chinese text for the picture after the name of a field, a way of writing, or what shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import Severity
from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN, HIDDEN, Text

from .announced_kinds import Found
from .announced_zh_kinds import describes, kinds_of, speaks, without_tail
from .borne_more_zh import TURNS

_WORDS = load_words(__file__, "announced_zh")
_WORDS.update(load_words(__file__, "written_words_zh"))
_WORDS.update(load_words(__file__))

_STOP = r"(?=[，。；、！\n]|$)"
_KANA = "\u3040-\u30ff"
_TEXT = rf"(?P<text>[{HAN}{_KANA}A-Za-z0-9][{HAN}{_KANA}A-Za-z0-9！？!?·:：.°%\- ]{{1,21}}?){_STOP}"
_SHORT = rf"(?P<text>[{HAN}A-Za-z0-9][{HAN}A-Za-z0-9·.:\-]{{0,13}}?)"
_SURE = frozenset({"talk", "like", "code", "latin", "idiom", "name"})
# Each turn, the kinds of words that are text after it, and how sure it is.
_TURNS: tuple[tuple[str, str, Severity], ...] = (
    # 收件人一栏是陈小满, 药名：当归
    (
        rf"(?:<fields>)牌?(?:内容|上|里|处)?(?:一[栏行项处格])?"
        rf"(?:(?:赫然|就|正)?(?:是|为|叫|写着?|填着|填的是|标着?|印着?)|\s?[：:])\s?{_TEXT}",
        "any",
        "warning",
    ),
    # 工牌姓名周雨晴, 铭文越王勾践
    (rf"(?:<fields>)牌?(?:一[栏行项处格])?\ ?{_TEXT}", "any bare", "hint"),
    # LED滚字您好空车待租
    (
        rf"(?:<scripts>)(?:上|里)?(?:是|为|写着?|拼读为?|：|:)?\ ?{_TEXT}",
        "any bare",
        "hint",
    ),
    # 发光字拼读为动起来就赢
    (
        rf"字(?:母|样)?[^，。；]{{0,4}}(?:拼读|拼写|连读|读作|读出|合起来|连起来|组成|拼成|念作)"
        rf"(?:是|为|成|作)?{_TEXT}",
        "any",
        "warning",
    ),
    # 说明牌的内容为父辛鼎
    (
        rf"(?:[牌匾卡单条签屏幕板栏框页报章碑贴票书信])[^，。；]{{0,3}}内容(?:是|为|：|写着?){_TEXT}",
        "any",
        "warning",
    ),
    # 可可粉撒出早安的字形, 剪出连年有余四个字
    (
        rf"(?:[出成着有了]|[写题刻印贴绣喷]上?){_SHORT}的?"
        rf"(?:(?<![十一])字形|字型|(?<!简)笔画|字样|(?:这)?[两三四五六七八]个[^，。；的]{{0,4}}字)(?![体])",
        "any formed",
        "warning",
    ),
    (rf"(?:题|写|印|刻|绣|喷|刷|标|贴)(?:了|着|有|上)?一[行句排]{_TEXT}", "any bare", "hint"),
    # 封皮题签写流水账, 机翼上用彩铅写飞向外婆家
    (rf"(?:<places>|，)(?:<writes>)(?:着|了|有|上|下|的是|是|为)?{_TEXT}", "any bare", "hint"),
    (
        rf"(?:<places>|，)(?:用[^，。；]{{1,5}})?(?:<puts_on>)(?:着|了|有|上|的是|出)?{_TEXT}",
        "talk like code name idiom verbal whole",
        "hint",
    ),
    # 尾梁喷涂海上救援, 右下角潦草写骷髅岛
    (
        rf"(?:<places>|，)(?:用[^，。；]{{1,5}}|潦草地?|工整地?)?(?:<puts_words>|写(?![实意真生作字信诗日满入进法稿给下出成]))(?:着|了|有|上|的是|出)?{_TEXT}",
        "plain bare",
        "hint",
    ),
    (
        rf"盖(?:着|有|了|上)(?P<text>[{HAN}A-Za-z0-9]{{3,10}}?)"
        rf"[红蓝朱钢公方圆]?[章印戳]{_STOP}",
        "plain",
        "hint",
    ),
    (rf"(?:<lights>)[^，。；]{{0,5}}?(?:<appears>)(?:着|了)?{_TEXT}", "plain bare", "hint"),
    # 门头指示灯手术中亮着红光
    (
        rf"(?:<lights>)[上里]?(?P<text>[{HAN}A-Za-z0-9]{{2,8}}?)(?:亮着|亮起|闪着|闪烁|常亮|通亮|发着光|发出)",
        "talk like state shop idiom",
        "hint",
    ),
    # KT板上是今晚八点开抢, 绿底牌指示杭州方向500米
    (
        rf"(?:[牌板匾幅签贴条卡屏幕章碑旗箱票帖]|扉页|首页|封面|封底|腰封|信封)(?:上面|正面|首页|表面|[上里中])"
        rf"(?:赫然|正|就|只)?(?:是|为){_TEXT}",
        "talk like code name idiom verbal",
        "hint",
    ),
    (
        rf"[牌标板屏](?:上|正)?(?:指示|标示|提示|告知|指向|通往|写明|注明|标明){_TEXT}",
        "plain code name",
        "hint",
    ),
    (
        rf"贴(?:着|有|了)?[^，。；的]{{0,3}}?(?:<stickers>){_TEXT}",
        "plain bare",
        "hint",
    ),
    # 鱼种名蓝眼孔雀, 笔夹刻英雄, 白色丝网印慢一点
    (
        rf"(?<![有著知闻数一两二三四五六七八九十几多出成莫无匿点命报同])名(?![字人叫称片牌胜贵著家师言副流为男女医警学黑士画])"
        rf"(?:是|为|叫|：)?{_TEXT}",
        "any bare",
        "hint",
    ),
    (rf"(?:<places>)(?:印|刻|绣|烫|漆|喷|镌|凿|铸|烙){_TEXT}", "plain bare whole", "hint"),
    (rf"(?:<ways>)(?:着|有|出|字)?{_TEXT}", "plain bare", "hint"),
    (rf"(?:<plates>)(?:上|写)?{_TEXT}", "plain bare", "hint"),
    (
        rf"(?:<places>|[印刻绣写贴喷花条字母码签标款号])"
        rf"(?P<text>[A-Z]{{3,}}(?:[ -][A-Z0-9]+)*|"
        rf"[A-Z][a-z]+(?:[ ][A-Z][a-z]+)+|[A-Z]+-?\d{{2,}}[A-Z0-9-]*){_STOP}",
        "latin code",
        "hint",
    ),
    (
        rf"(?:<appears>)(?:着|了|来)?(?:一[行句条个])?{_TEXT}",
        "talk like idiom latin",
        "hint",
    ),
    # 门帘绣字吉祥安康, 正中匾万世师表
    (
        rf"(?:(?<![数人名铅十文打写认识练汉刺])字|语|签|匾|(?<![双关蝉])联|标[志识]|[小正]楷)(?:上|为|：)?{_TEXT}",
        "plain bare whole",
        "hint",
    ),
    # 白灰刷的公共厕所往左, 单价栏显示12.80
    (
        rf"[灰漆笔墨料](?:刷|写|喷|涂|描|题)的(?:是)?{_TEXT}",
        "plain bare",
        "hint",
    ),
    (
        rf"[栏屏幕盘器仪秤表字](?:上)?(?:显示|为|是|：)?"
        rf"(?P<text>\d+(?:[.:：]\d+|\ \d+)+){_STOP}",
        "any",
        "hint",
    ),
    (
        rf"(?:写|刻|烙|剪|划|踩|拼|摆|描|喷|刷|绣|印|贴)(?:出|成|着|了|有|下)(?:一个)?[大红金黑]{{0,2}}"
        rf"(?P<text>(?![文汉小大数十八人一工丁田回之几名单多两三二四五])[{HAN}])字{_STOP}",
        "one",
        "warning",
    ),
    # 水泥墩上红漆喷着拆, 纸上一个酒
    (
        rf"(?:[喷刷贴印写题绣刻描挂漆书剪烙](?:着|了|有|出|一?个|着一?个|了一?个)|[上中面]一个|贴)[大红金黑]{{0,2}}"
        rf"(?P<text><ones>)字?{_STOP}",
        "one",
        "warning",
    ),
)
_PATTERNS = tuple(
    (_WORDS.pattern(source), frozenset(kinds.split()), level)
    for source, kinds, level in (*_TURNS, *TURNS)
)
_UNREAD = _WORDS.pattern("(?:<unread>)")
_UNBORNE = _WORDS.pattern("(?:<unborne>)")
_IDIOM = load_words(__file__, "attached_zh").pattern("(?:<describing_idioms>)")
_DRAWN_END = load_words(__file__, "lettering_zh").pattern("(?:<zh_drawn>)$")
_COUNT = re.compile(
    "[一两几三四五六七八九十](?:栋|座|个|只|条|张|幅|片|朵|棵|位|名|群|颗|头|匹|辆|架|束|串|对|把)(?!字)"
    "|[和与及跟或]|纸(?!条|飞)|[小大][一半几]号|交相|层层|重重"
)
_GIVEN = re.compile(
    "(?:致|献给|送给|写给|赠予|赠给|谨以)[^着]{2,}$|.*年[制造]$|[一-鿿]{2}中$|.*一点$"
)
_BARE = re.compile("[的着]|[一-鿿](?<![自所])在|[了过]$|[上下里旁边]$|和|与")


def borne_zh(text: Text) -> Iterator[Found]:
    """Yield the range of each text for the picture, and how sure it is."""
    if not text.chinese:
        return
    for pattern, wanted, level in _PATTERNS:
        for found in pattern.finditer(text.plain):
            start, end = found.span("text")
            if HIDDEN in text.plain[start : end + 2]:
                continue
            if "whole" in wanted and text.cuts_word(start):
                continue
            if "one" in wanted:
                yield start, end, level
                continue
            cut = without_tail(text, start, end)
            end = cut if cut - start > 1 else end  # 公用电话 has no tail
            kinds = _kinds(text, start, end, wanted)
            if kinds & (wanted | {"talk", "like"}):
                yield start, end, "warning" if kinds & _SURE and "bare" in wanted else level


def _kinds(text: Text, start: int, end: int, wanted: frozenset[str]) -> set[str]:
    word = text.plain[start:end].rstrip()
    if len(word) < 2 or _UNREAD.match(word) or _IDIOM.match(word) or _COUNT.match(word):
        return set()
    if "undrawn" in wanted and _DRAWN_END.search(word):
        return set()
    kinds = kinds_of(text, start, end)
    if not kinds and speaks(text, start, end):
        kinds = {"talk"}
    if _GIVEN.match(word):
        kinds |= {"talk", "like"}
    if _UNBORNE.match(word) and not kinds & {"talk", "like", "idiom"}:
        return set()
    if "bare" in wanted and _BARE.search(word) and "talk" not in kinds:
        return set()
    if not describes(text, start, end):
        kinds.add("any")
    elif "any" in wanted and not kinds & _SURE:
        return set()
    if (_DRAWN_END.search(word) or _BARE.search(word)) and "any" not in wanted:
        kinds -= {"plain", "long", "name", "verbal"}
    return kinds
