"""Turns in which Chinese text stands on what bears little else, singly, in pairs or in rows."""

from __future__ import annotations

from zimg_kernel.prompts.linter.words import load_words
from zimg_kernel.prompts.text import HAN

_WORDS = load_words(__file__, "borne_zh")
_WORDS.update(load_words(__file__, "inscribed_zh"))

STOP = r"(?=[，。；！\n]|$)"
TEXT = rf"(?P<text>[{HAN}A-Za-z0-9][{HAN}A-Za-z0-9！!？?·:：.°%\-、 ]{{1,30}}?){STOP}"
_MADE = "写题书刻印绣喷凿漆贴标刷铸镌錾烫"

# Each turn, and how it is judged what is text in it: all but what may be drawn, too ("drawn"), what
# is read ("read"), what says something ("says"), set phrases ("set").
TURNS = tuple(
    (_WORDS.pattern(source), judged)
    for source, judged in (
        # 四面灯纸依次写春夏秋冬
        (
            rf"(?:依次|分别|各|逐一|每[格页面行张片块个条盏])[{_MADE}](?:着|了|有|上)?{TEXT}",
            "drawn",
        ),
        # 铁丝弯成的百年好合
        (rf"[弯拼摆围扎折拗盘码堆砌种剪编](?:成|出)的?{TEXT}", "set"),
        # 当前站闪烁着人民广场
        (
            rf"(?:<fields>)(?:上|里)?(?:显示|闪烁|闪|亮|滚动|跳动|标|印|写|填|刻)"
            rf"(?:着|了|出|的是|为){TEXT}",
            "drawn",
        ),
        # 旁边有一句早上好呀
        (rf"(?:(?:有|是)一句|(?:写着?|挂着|贴着)一[句行])(?:话|字|诗)?[：:，]?{TEXT}", "read"),
        # 中央圆牌铸着世界拳王
        (
            rf"[牌碑匾证状旗签章坊额](?:上|面|中央|正中|子)?[{_MADE}](?:着|了|有){TEXT}",
            "drawn",
        ),
        # 石膏上还有同桌签的早日归队, 玻璃上能读到今日休息
        (rf"[签写题刻印绣喷]的{TEXT}", "set"),
        (
            rf"(?:<surfaces>|玻璃|字)[^，。；]{{0,8}}?[读看认辨](?:到|得?出|见)(?:的?是)?{TEXT}",
            "set",
        ),
        # 桌面立牌的字，无烟区
        (rf"[牌板匾碑幅签章纸旗布]的字，{TEXT}", "drawn"),
        # 左下角飘着弹幕主播好可爱
        (rf"[飘滚刷闪](?:着|过|出)(?:弹幕|字幕)：?{TEXT}", "read"),
        # 反光贴，别按喇叭我在赶路
        (
            rf"[贴牌板纸条签匾幅标]，(?P<text>(?:别(?!出现|画|加|有|放)|我|莫|恕)[{HAN}]{{2,14}}){STOP}",
            "said",
        ),
    )
)
# A few that are text however they look.
SURE = (
    # 点餐屏，页面顶端今日套餐二十五元
    _WORDS.pattern(
        rf"(?:<menus>)[^。；]{{0,14}}?(?P<text>(?![{HAN}]{{0,5}}[的着了])[{HAN}]{{2,6}}"
        rf"[一二三四五六七八九十百0-9]{{1,4}}(?:元|(?<!一)块)(?:钱|[一二三四五六七八九半])?"
        rf"(?:一?[份斤杯个碗串袋盒])?){STOP}"
    ),
    # 手写价牌，梭子蟹三十八
    _WORDS.pattern(
        rf"(?:价[牌签目]表?|水牌|菜单|餐牌|菜牌)，(?P<text>[{HAN}]{{2,5}}"
        rf"[一二三四五六七八九十百0-9]{{2,4}}){STOP}"
    ),
    # 大明成化年制
    _WORDS.pattern(rf"(?P<text>(?:大[明清宋元]|民国)[{HAN}]{{1,3}}年[制造]){STOP}"),
    # 门上的牌子翻到请勿打扰那面
    _WORDS.pattern(
        rf"[牌卡]子?[^，。；]{{0,4}}翻(?:到|成|至)(?P<text>(?![背正反另白][{HAN}]?面)[{HAN}]{{2,8}}?)"
        r"[那这一]一?[面侧]"
    ),
    # 一个印着笨，一个印着蛋
    _WORDS.pattern(
        rf"一[个只件块面张边][{_MADE}](?:着|了|有|个)?(?P<text>[{HAN}])字?[，、；]"
        rf"(?:另)?一[个只件块面张边][{_MADE}](?:着|了|有|个)?[{HAN}]字?{STOP}"
    ),
    # 圆标，小麦与火 手工烘焙
    _WORDS.pattern(
        rf"[标贴签牌匾幅板屏卡条]，(?P<text>[{HAN}]{{2,8}}(?:[ ][{HAN}]{{2,8}})+){STOP}"
    ),
    # 挂牌：正在午休
    _WORDS.pattern(rf"[牌板条签幅屏]：(?P<text>正在(?![^，。；]*[着的])[{HAN}]{{2,8}}){STOP}"),
)
