"""Empty praise: words that say how good a picture shall be, and nothing that can be drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import Edit
from zimg_kernel.prompts.linter.rule import Examples, Fault, Rule, Said, Setting
from zimg_kernel.prompts.linter.text import Text

_VERY = (
    r"(?:(?:very|really|so|extremely|incredibly|insanely|absolutely|unbelievably|super|ultra|truly|"
    r"most|highly|exceptionally|remarkably|amazingly|stunningly|breathtakingly|hyper|overly)[ -]+)"
)
_FINE = (
    r"(?:beautiful|gorgeous|stunning|breathtaking|amazing|awesome|incredible|wonderful|fantastic|"
    r"magnificent|exquisite|marvell?ous|spectacular|fabulous|splendid|lovely|pretty|attractive|"
    r"good[ -]looking|mesmeri[sz]ing|jaw[ -]dropping|mind[ -]?blowing|eye[ -]catching|superb|"
    r"phenomenal|extraordinary|unbelievable|astonishing|captivating|epic)"
)
_WEAK = r"(?:detailed|intricate|realistic|nice|cute|cool|elegant|fine|perfect|impressive|refined)"
_GRADE = (
    r"(?:(?:best|top|highest|high|ultra[ -]high|super|amazing|premium|good|great|museum|extreme|"
    r"superior|excellent|maximum)[ -](?:picture |image )?(?:quality|resolution|res|definition)"
    r"(?: (?:image|picture|photo|rendering))?)"
)
_WHOLE = (
    r"(?:(?:absolute |true |pure )?masterpieces?|masterwork|award[ -]?winning(?: \w+)?|"
    r"trending on \w+|(?:featured|popular) on \w+|artstation(?: hq)?|(?:ultra|super|"
    r"full)[ -]?hd|uhd|"
    r"hd quality|"
    r"(?:in )?(?:4|8|12|16|32)[ ]?k(?: (?:uhd|resolution|quality|hd|wallpaper|image))?|"
    r"(?:perfect|flawless) (?:composition|quality|face|anatomy|details?|lighting|image|picture)|"
    r"(?:insane|incredible|amazing|intricate|extreme|ultra|rich|fine|hyper)[ -]details?|"
    r"best (?:shot|photo|picture|image|illustration)(?: ever)?|work of art|hyper[ -]?detailed|"
    r"one of a kind|world[ -]class|professional quality|sharp and clear|so beautiful)"
)
_SCREEN = (
    r"(?![ -]*(?:tv|televisions?|monitors?|displays?|screens?|cameras?|projectors?|panels?|video|"
    r"camcorders?|drone|webcam))"
)
_EN = re.compile(
    rf"(?<![\w-])(?:{_WHOLE}|{_GRADE}|{_VERY}+(?:{_FINE}|{_WEAK})|{_FINE})(?![\w-]){_SCREEN}"
)
_BEFORE = re.compile(r"(?:very|so|really|absolutely)?[ -]?$")

_ZH_VERY = (
    r"(?:非常(?:的|之)?|极其|极为|极度|极致|十分|超级|超|无比|特别|格外|异常|相当|绝对|很|太|最|"
    r"真正|令人窒息的|极)"
)
_ZH_FINE = (
    r"(?:美丽|漂亮|好看|精美|精致|华丽|美|惊艳|震撼|唯美|优美|出色|优秀|完美|细腻|细致|精细|壮观|"
    r"壮丽|迷人|动人|逼真|清晰|可爱|帅气|梦幻|高级|豪华|优雅|棒)"
)
_ZH_WHOLE = (
    r"(?:杰作|大师级?(?:的)?(?:作品|杰作|水准|构图|摄影)|大师级|大师之作|传世之作|神作|佳作|"
    r"(?:最佳|最高|顶级|极高|超高|高|一流|极致|顶尖)(?:的)?(?:画质|质量|品质|清晰度|分辨率|水准)|"
    r"(?:超|全|极)?高清(?:画质|晰度?|图|壁纸|大图)?|超清(?:画质)?|(?:4|8|12|16|"
    r"32)[kK](?:超?高清|画质|分辨率|超清|壁纸)?|"
    r"获奖(?:作品|摄影|照片|级)?|绝美|唯美|惊艳|震撼(?:人心)?|史诗级?|令人(?:惊叹|震撼|惊艳|"
    r"窒息|陶醉|"
    r"难忘|赞叹|叹为观止)|叹为观止|美轮美奂|美不胜收|美得(?:令人|让人)?(?:窒息|惊心动魄)|无与伦比|"
    r"巧夺天工|完美无瑕|完美(?:的)?(?:构图|画质|细节|光影|比例)|细节(?:丰富|拉满|满满|爆炸)|"
    r"丰富的细节|超精细|超细节|精美绝伦|绝佳|绝世|倾国倾城|"
    r"美丽|漂亮|好看|美极了|太美了|壁纸级|电影级画质|世界级|顶级)"
)
_ZH = re.compile(
    rf"(?:{_ZH_WHOLE}|{_ZH_VERY}(?:的)?{_ZH_FINE}(?!术|食|国|元|甲|容|洲))(?:的|地)?"
    rf"(?!屏|电视|显示|摄像|相机|投影|视频|镜头){_SCREEN}"
)
_MARK = re.compile(r"[,，、;；。.\n!！]")


def _find(text: Text, setting: Setting) -> Iterator[Fault]:
    # The miniature has read "high quality" and the like in training; there it does no harm.
    severity = "hint" if setting.miniature else "warning"
    seen: list[tuple[int, int]] = []
    for pattern in (_EN, _ZH):
        for found in pattern.finditer(text.lower):
            start, end = found.span()
            if any(start < b and end > a for a, b in seen):
                continue
            seen.append((start, end))
            word = text.prompt[start:end].strip("的地 ") or text.prompt[start:end]
            cut = _cut(text, start, end)
            edits = (Edit(*cut),) if cut else ()
            said = "praise" if edits else "reword"
            yield Fault(start, end, said, {"word": word}, edits, severity)  # type: ignore[arg-type]


def _cut(text: Text, start: int, end: int) -> tuple[int, int] | None:
    """What can be taken out without breaking the sentence around it; None if nothing can."""
    plain = text.plain
    before = plain[:start].rstrip(" ([{（【")
    after = plain[end:].lstrip(" )]}）】")
    opens = not before or bool(_MARK.match(before[-1]))
    closes = not after or bool(_MARK.match(after[0]))
    if opens and closes:
        return start, end
    if closes:  # "a lake, truly stunning" is whole without it; "the lake is stunning" is not
        return None
    word = plain[start:end].lower()
    if plain[end - 1] == "的":
        return start, end
    if plain[start:end].isascii():
        if re.search(r"\b(?:is|are|was|were|looks?|and|or|of|not|as)\s*$", before.lower()):
            return None
        if not after[0].isascii() or not after[0].isalnum():
            return None
        article = re.search(r"\b(an?) $", plain[:start], re.I)
        if re.fullmatch(r"masterpieces?|work of art|artstation", word):
            return None
        if article and (article[1].lower() == "an") != (after[0].lower() in "aeiou"):
            return None
        return start, end
    if re.match(r"(?:杰作|.*(?:作品|质量|画质|品质|大师))", word):
        return None
    return (start, end) if not re.search("[得是很]$", before) else None


RULE = Rule(
    "praise",
    "warning",
    {
        "praise": Said(
            (
                "“{word}” names nothing that can be drawn.",
                "“{word}”没有说出任何可以画出来的东西。",
            ),
            (
                "Leave it out, or say what makes it so: material, light, colour.",
                "删掉它，或写出具体的材质、光线、颜色。",
            ),
        ),
        "reword": Said(
            (
                "“{word}” names nothing that can be drawn.",
                "“{word}”没有说出任何可以画出来的东西。",
            ),
            (
                "Say what makes it so instead: material, light, colour.",
                "换成具体的材质、光线、颜色。",
            ),
        ),
    },
    {
        "en": Examples(
            bad=(
                "masterpiece, a stone bridge at dawn",
                "a very beautiful garden with moss",
                "silver ring on velvet, best quality, 8K",
                "an extremely detailed clockwork bird, brass",
                "breathtaking fjord, overcast light",
                "oak desk, trending on ArtStation",
            ),
            good=(
                "a 4K monitor on an oak desk, lamp light",
                "a sign that says \"BEST QUALITY\", enamel, street light",
                "a very tall brick chimney at dusk",
                "coral reef, caustic light, wide angle",
            ),
        ),
        "zh": Examples(
            bad=(
                "杰作，清晨的石桥",
                "非常美丽的苔藓庭院",
                "银戒指，丝绒，最佳质量，8K",
                "极其精致的黄铜机械鸟",
                "令人惊叹的峡湾，阴天光线",
                "唯美的樱花林，逆光",
            ),
            good=(
                "橡木桌上的4K显示器，台灯光",
                "搪瓷招牌写着“最佳质量”，路灯光",
                "很高的砖砌烟囱，黄昏",
                "美术馆里的大理石雕像，美食街的灯笼",
            ),
        ),
    },
    _find,
)  # fmt: skip
