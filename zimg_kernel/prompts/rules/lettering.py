"""Text that shall stand in the picture, and is not in quotation marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.nano.vocabulary import lettering

from ..finding import Edit
from ..rule import Examples, Fault, Rule, Said, Setting
from ..text import HAN, HIDDEN, Text

_CARRIER = (
    r"(?:signs?|signboard|posters?|banners?|billboards?|labels?|logos?|titles?|headlines?|"
    r"captions?|"
    r"t-?shirts?|shirts?|mugs?|cups?|covers?|cards?|boards?|chalkboards?|blackboards?|whiteboards?|"
    r"plaques?|buttons?|stickers?|badges?|tags?|notes?|letters?|screens?|displays?|storefront|"
    r"marquee|"
    r"awning|menus?|packag(?:e|es|ing)|bags?|box|bottles?|cakes?|icing|frosting|flags?|caps?|hats?|"
    r"hoodies?|jerseys?|doors?|windows?|walls?|stones?|tombstones?|gravestones?|scrolls?|books?|"
    r"magazines?|newspapers?|tickets?|stamps?|seals?|ribbons?|neon|lettering|text|graffiti|license "
    r"plates?|number plates?|typography|subtitle|slogan|placards?|tattoos?|engraving|inscription)"
)
_GENERIC = (
    r"(?:in|on|at|above|below|under|across|around|along|behind|beside|over|near|of|and|or|with|"
    r"by|from|"
    r"to|for|into|as|written|printed|painted|carved|engraved|is|are|that|which|about|area|box|"
    r"layout|"
    r"design|effect|style|font|letters?|a|an|the|his|her|their|its|some|many|no|reading|saying|"
    r"inside|"
    r"placed|centered|centred|embossed|small|large|big|bold|white|black|red|gold|golden|yellow|"
    r"blue|"
    r"green|silver|neon|handwritten|cursive|serif|sans-serif|illegible|blurred|running|curving|"
    r"blocks?|"
    r"panel|page|bubble|only|overlay|space|it|him|them|something|nothing|page|pages|sequence|"
    r"card|bar|screen|case|boards?|bottle|plate|set|art|work|block|lines?|cut|cloud|pattern|"
    r"frame|tag|\w+ing|\w+ed)"
)
_NOUN = (
    r"(?:the |a )?(?:[\w-]+ ){0,2}?(?:texts?|words?|titles?|headlines?|slogans?|captions?|"
    r"lettering|"
    r"inscriptions?|labels?|messages?|phrases?|letters?|sentence|quote|subtitle|tagline|name|"
    r"logo text|"
    r"writing|typography|characters?)"
)
_VERB = re.compile(
    r"(?<![\w-])(?:that|which|it)?\s*(?:says|saying|that reads|which reads|spells(?: out)?|"
    r"spelling(?: out)?|(?:labell?ed|titled|entitled|captioned|inscribed|lettered|headed|engraved|"
    r"printed|emblazoned|stamped|embroidered)(?: with| as)?|reads|reading)(?=[:\s])[:\s]\s*"
)
_WITH = re.compile(
    rf"(?<![\w-])(?:with|bearing|showing|shows|displaying|has|carrying|the|and|text|title|"
    rf"slogan|headline|caption) ?{_NOUN}(?P<colon>\s*[:：]\s*| )",
    re.I,
)
_HEAD = re.compile(
    r"(?<![\w-])(?:title|headline|slogan|text|caption|subtitle|tagline|lettering)\s*[:：]\s*", re.I
)
_CAPITALS = re.compile(
    rf"(?<![\w-]){_CARRIER} (?P<text>[A-Z][A-Z0-9'!&%-]+(?: [A-Z0-9][A-Z0-9'!&%-]*)*)(?![\w])"
)
_CAPITAL_RUN = re.compile(
    r"[A-Z0-9][\w'’&!%.-]*(?: (?:(?:of|the|and|&|to|in|a|is|for|on|we) )?[A-Z0-9][\w'’&!%-]*)*[!?]?"
)
_WRITTEN = re.compile(
    r"\b(?:with|bearing|and) (?P<text>[A-Z][\w'’&!-]*(?: (?:(?:of|the|and|&|to|in|a|is|for|on|"
    r"we) )?"
    r"[A-Z0-9][\w'’&!-]*)*) (?:written|painted|printed|lettered|spelled|embroidered|engraved|"
    r"carved|stitched|"
    r"etched|stamped|scrawled|in (?:\w+ ){0,2}(?:letters|lettering|type|font))\b"
)
_SHOWN = re.compile(
    r"\b(?:displaying|flashing|showing|bearing|lettered|"
    r"with) (?P<text>[A-Z][A-Z0-9'!&%-]{2,}(?: [A-Z0-9][A-Z0-9'!&%-]*)+)(?!\w)"
    r"|\b(?:displaying|flashing) (?P<one>[A-Z][A-Z0-9'!&%-]{3,})(?!\w)"
)
_NAMED = re.compile(
    r"\b(?:logo|sign|poster|label|packaging|signboard|storefront|wordmark|"
    r"cover)\b[^,.;\n\ue000]{0,40}? "
    r"(?:called|named) (?P<text>[A-Z][\w'’&-]*(?: [A-Z0-9][\w'’&-]*)*)"
)
_PLAIN_TITLE = re.compile(
    r"\b(?:with|bearing|carrying) (?:the|a) (?:[\w-]+ )?(?:title|headline|slogan|caption|"
    r"tagline|phrase|message|sentence|words?|"
    r"motto) (?=[a-z])"
)
_STOP = re.compile(r"[,，.;\n]")
_SURE = ("says", "saying", "that reads", "which reads", "spell", "labelled", "labeled", "titled",
         "entitled", "captioned", "inscribed")  # fmt: skip
_ABBREVIATIONS = re.compile(
    r"(?:UI|UX|LED|LCD|OLED|TV|HD|UHD|USB|DIY|3D|2D|RGB|PVC|VR|AI|I|A|QR|II|III)"
)

_ZH_CARRIER = (
    r"(?:招牌|牌匾|匾额|横幅|海报|标牌|木牌|路牌|门牌|"
    r"旗帜|锦旗|标签|包装|瓶身|杯身|封面|T恤|衣服|胸前|衣服上|"
    r"屏幕|黑板|石碑|印章|灯牌|灯箱|贺卡|请柬|蛋糕|对联|春联|信封|按钮|墙上|门上|纸上|上面|上书)"
)
_ZH_VERB = re.compile(
    r"(?:写着?有?|书写着?|题写?着|上书|写道|写上|标注着?|标有|标着|题字|题词|拼出|显示着?|印有|"
    r"刻有|印着|刻着|绣着|"
    r"喷着|贴着|挂着|印上|刻上|雕着|镌刻着)(?:了|文字|字样|的是|大字|标题|一行字|几个字|"
    r"的字)?\s*[:：]?\s*"
)
_ZH_LOOSE = re.compile(r"^(?:印|刻|绣|喷|贴|挂|雕|镌|显示|标)")
_ZH_LIT = re.compile(r"(?:霓虹灯?|招牌|灯牌|广告牌|横幅|标牌|路牌|电子屏|灯箱)(?:上|中|里)?$")
_ZH_NOUN = re.compile(
    r"(?:主?副?标题|标语|口号|文案|字样|文字内容|文字|题字|大字|店名|品牌名|广告语|宣传语|字幕|"
    r"落款|书名|台词|招牌|牌匾|匾额|"
    r"横幅|祝福语|艺术字|手写字|粉笔字|烫金字|字体)(?:内容)?(?:上)?(?:为|是|叫|：|:|写)\s*|"
    r"(?:名字|姓名)[：:]\s*"
)
_ZH_AFTER = re.compile(
    rf"(?P<text>[{HAN}A-Za-z0-9]{{1,14}}?)(?:这)?(?:(?:[一二两三四五六七八九几]个?|十个)(?:大|"
    rf"小|金|红)?字|字样)"
)
_ZH_GENERIC = re.compile(
    r"(?:字|文字|汉字|诗|诗句|诗词|书法|对联|春联|字母|数字|公式|价格|名字|姓名|经文|铭文|花纹|"
    r"图案|花|纹|龙|凤|标志|心愿|愿望|"
    r"祝福|毛笔字|草书|楷书|行书|隶书|篆书|白色|黑色|红色|金色|蓝色|黄色|烫金|粗|细|大号|小号|"
    r"无衬线|衬线|手写|艺术|居中|位于|"
    r"在|复杂|精细|各种|一幅|一个|一张|一只|一朵|一条|一些|许多|几|密密麻麻|菜单|故事|歌词|日记|"
    r"信|作业|笔记|灯笼|彩|窗花|福|时间|英文|中文|古|浮雕|画|红灯|"
    r"动物|小|卷|云|莲|梅|兰|竹|山|鱼|鸟|星|月|老|旧|照片|地图|日历|衣)"
)
_ZH_RUN = re.compile(rf"[{HAN}A-Za-z0-9！!？?·&%\-]+(?:[ ][A-Za-z0-9]+)*")
_OPENING = "\"“”「」『』《》'‘’«»"
_UNCLOSED = {"“": "”", "「": "」", "『": "』", "《": "》"}


def _find(text: Text, setting: Setting) -> Iterator[Fault]:
    # The miniature takes what stands after a sign's colon for lettering, as its captions do.
    severity = "hint" if setting.miniature and lettering(text.prompt) else "warning"
    seen: list[tuple[int, int]] = []
    for start, end, sure in [*_english(text), *_chinese(text)]:
        if any(start < b and end > a for a, b in seen):
            continue
        seen.append((start, end))
        word = text.prompt[start:end]
        marks = '""' if word.isascii() else "“”"
        edits = (Edit(start, start, marks[0]), Edit(end, end, marks[1])) if sure else ()
        yield Fault(start, end, "unquoted", {"word": word}, edits, severity)  # type: ignore[arg-type]
    for opening, closing in _UNCLOSED.items():
        at = text.plain.rfind(opening)
        if at >= 0 and closing not in text.plain[at:]:
            yield Fault(at, at + 1, "unclosed", {"opening": opening, "closing": closing})


def _english(text: Text) -> Iterator[tuple[int, int, bool]]:
    plain = text.plain
    for pattern in (_VERB, _WITH, _HEAD):
        for found in pattern.finditer(plain if pattern is not _VERB else text.lower):
            at = found.end()
            rest = plain[at:]
            if not rest or rest[0] in _OPENING + HIDDEN or not rest[0].isalnum():
                continue
            colon = pattern is _HEAD or ":" in found[0] or "：" in found[0]
            near = _STOP.split(rest)[0]
            if HIDDEN in near.split(" in ")[0][:24]:  # the text "…", a bold title "…"
                continue
            capital = _CAPITAL_RUN.match(rest)
            generic = re.match(rf"{_GENERIC}\b", rest, re.I)
            verb = found[0].strip().lower()
            sure = any(verb.removeprefix("it ").startswith(word) for word in _SURE)
            if pattern is _VERB and not sure and not capital:
                continue
            if pattern is _WITH and not capital and not colon:
                continue
            if (
                generic
                and not colon
                and not (capital and len(capital[0]) > 3 and capital[0] != generic[0])
            ):
                continue
            if HIDDEN in near:
                continue
            if capital:
                end = at + capital.end()
                after = plain[end:].lstrip(" ")
                whole = not after or bool(
                    re.match(r"[,，.;\n]|(?:in|on|at|above|below|over|across)\b", after)
                )
                yield at, end, whole
            else:
                yield at, at + len(near.rstrip()), False
    for found in _PLAIN_TITLE.finditer(plain):
        near = _STOP.split(plain[found.end() :])[0].rstrip()
        generic = re.match(rf"{_GENERIC}\b", near)
        if HIDDEN not in near and (not generic or re.match(r"(?:the|a|an) ", near)):
            yield found.end(), found.end() + len(near), False
    for found in _NAMED.finditer(plain):
        yield *found.span("text"), False
    for found in _SHOWN.finditer(plain):
        name = "text" if found["text"] else "one"
        yield *found.span(name), True
    for found in _WRITTEN.finditer(plain):
        yield *found.span("text"), True
    for found in _CAPITALS.finditer(plain):
        said = found["text"]
        if not _ABBREVIATIONS.fullmatch(said) and not said.isdigit():
            yield *found.span("text"), True


def _chinese(text: Text) -> Iterator[tuple[int, int, bool]]:
    plain = text.plain
    for found in _ZH_AFTER.finditer(plain):
        start, end = found.span("text")
        verb = list(_ZH_VERB.finditer(plain, start, end))
        start = verb[-1].end() if verb else start
        word = plain[start:end]
        if (
            word
            and not _ZH_GENERIC.fullmatch(word)
            and not re.fullmatch(r"[的这那有]|.*(?:的|着)", word)
        ) and (
            verb or re.search(rf"{_ZH_CARRIER}|[,，:：]\s*$|^$", plain[:start]) or word.isascii()
        ):
            yield start, end, bool(verb)
    for pattern in (_ZH_VERB, _ZH_NOUN):
        for found in pattern.finditer(plain):
            run = _ZH_RUN.match(plain, found.end())
            if not run or text.cuts_word(found.start()) or text.cuts_word(found.end()):
                continue
            word, colon = run[0], found[0].rstrip().endswith(("：", ":"))
            loose = pattern is _ZH_VERB and bool(_ZH_LOOSE.match(found[0])) and not colon
            if loose and found[0].startswith("显示") and _ZH_LIT.search(plain[: found.start()]):
                loose = False
            if loose and not re.search(r"字|[A-Z]{2,}", word):
                continue
            if not colon and _ZH_GENERIC.match(word) and not re.search(r"[个]字", word):
                continue
            if HIDDEN in plain[run.end() : run.end() + 1] or ("的" in word[1:] and not colon):
                continue
            tail = re.search(
                r"(?:这)?(?:[一二两三四五六七八九几]个?|十个)(?:大|小|金|红)?字$|字样$", word
            )
            end = run.end() - (len(tail[0]) if tail else 0)
            if end > run.start():
                yield run.start(), end, end - run.start() <= 10


RULE = Rule(
    "lettering",
    "warning",
    {
        "unquoted": Said(
            (
                "“{word}” seems to be text for the picture, and is not in quotation marks.",
                "“{word}”像是要写进画面的文字，但没有加引号。",
            ),
            (
                "Put it into quotation marks, exactly as it shall be written.",
                "给它加上引号，一字不差地写出来。",
            ),
        ),
        "unclosed": Said(
            (
                "The quotation mark {opening} has no end {closing}.",
                "引号 {opening} 缺少结尾的 {closing}。",
            ),
            ("Close it after the text for the picture.", "在要写进画面的文字后面补上。"),
        ),
    },
    {
        "en": Examples(
            bad=(
                "a wooden sign that says Open, morning light",
                "poster with the title Silent Tide, linocut",
                "enamel mug labelled Grandpa on a shelf",
                "chalkboard, text: Fresh bread daily, café light",
                "neon sign CAFE above a brick wall",
                "tin box with the words Sea Salt in red",
            ),
            good=(
                "a wooden sign that says \"Open\", morning light",
                "poster with the title 'Silent Tide', linocut",
                "a girl reading a book by the window, side light",
                "a scroll with handwritten text in faded ink",
                "a stack of letters, text in gold, oak desk",
            ),
        ),
        "zh": Examples(
            bad=(
                "木牌上写着营业中，晨光",
                "海报，标题是静水流深，版画",
                "搪瓷杯，印着劳动光荣四个字",
                "黑板，文字：今日面包，暖光",
                "石碑上刻着厚德载物四个大字",
            ),
            good=(
                "木牌上写着“营业中”，晨光",
                "海报，标题是「静水流深」，版画",
                "写着毛笔字的红纸，砚台，侧光",
                "刻着花纹的银镯，丝绒，微距",
                "石碑上刻着“厚德载物”四个大字",
            ),
        ),
    },
    _find,
)  # fmt: skip
