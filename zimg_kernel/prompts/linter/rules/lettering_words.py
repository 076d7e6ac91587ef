"""Patterns of phrases that announce text for the picture."""

from __future__ import annotations

import re

from zimg_kernel.prompts.linter.text import HAN

CARRIER = (
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
GENERIC = (
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
NOUN = (
    r"(?:the |a )?(?:[\w-]+ ){0,2}?(?:texts?|words?|titles?|headlines?|slogans?|captions?|"
    r"lettering|"
    r"inscriptions?|labels?|messages?|phrases?|letters?|sentence|quote|subtitle|tagline|name|"
    r"logo text|"
    r"writing|typography|characters?)"
)
VERB = re.compile(
    r"(?<![\w-])(?:that|which|it)?\s*(?:says|saying|that reads|which reads|spells(?: out)?|"
    r"spelling(?: out)?|(?:labell?ed|titled|entitled|captioned|inscribed|lettered|headed|engraved|"
    r"printed|emblazoned|stamped|embroidered)(?: with| as)?|reads|reading)(?=[:\s])[:\s]\s*"
)
WITH = re.compile(
    rf"(?<![\w-])(?:with|bearing|showing|shows|displaying|has|carrying|the|and|text|title|"
    rf"slogan|headline|caption) ?{NOUN}(?P<colon>\s*[:：]\s*| )",
    re.I,
)
HEAD = re.compile(
    r"(?<![\w-])(?:title|headline|slogan|text|caption|subtitle|tagline|lettering)\s*[:：]\s*", re.I
)
CAPITALS = re.compile(
    rf"(?<![\w-]){CARRIER} (?P<text>[A-Z][A-Z0-9'!&%-]+(?: [A-Z0-9][A-Z0-9'!&%-]*)*)(?![\w])"
)
CAPITAL_RUN = re.compile(
    r"[A-Z0-9][\w'’&!%.-]*(?: (?:(?:of|the|and|&|to|in|a|is|for|on|we) )?[A-Z0-9][\w'’&!%-]*)*[!?]?"
)
WRITTEN = re.compile(
    r"\b(?:with|bearing|and) (?P<text>[A-Z][\w'’&!-]*(?: (?:(?:of|the|and|&|to|in|a|is|for|on|"
    r"we) )?"
    r"[A-Z0-9][\w'’&!-]*)*) (?:written|painted|printed|lettered|spelled|embroidered|engraved|"
    r"carved|stitched|"
    r"etched|stamped|scrawled|in (?:\w+ ){0,2}(?:letters|lettering|type|font))\b"
)
SHOWN = re.compile(
    r"\b(?:displaying|flashing|showing|bearing|lettered|"
    r"with) (?P<text>[A-Z][A-Z0-9'!&%-]{2,}(?: [A-Z0-9][A-Z0-9'!&%-]*)+)(?!\w)"
    r"|\b(?:displaying|flashing) (?P<one>[A-Z][A-Z0-9'!&%-]{3,})(?!\w)"
)
NAMED = re.compile(
    r"\b(?:logo|sign|poster|label|packaging|signboard|storefront|wordmark|"
    r"cover)\b[^,.;\n\ue000]{0,40}? "
    r"(?:called|named) (?P<text>[A-Z][\w'’&-]*(?: [A-Z0-9][\w'’&-]*)*)"
)
PLAIN_TITLE = re.compile(
    r"\b(?:with|bearing|carrying) (?:the|a) (?:[\w-]+ )?(?:title|headline|slogan|caption|"
    r"tagline|phrase|message|sentence|words?|"
    r"motto) (?=[a-z])"
)
STOP = re.compile(r"[,，.;\n]")
SURE = ("says", "saying", "that reads", "which reads", "spell", "labelled", "labeled", "titled",
         "entitled", "captioned", "inscribed")  # fmt: skip
ABBREVIATIONS = re.compile(
    r"(?:UI|UX|LED|LCD|OLED|TV|HD|UHD|USB|DIY|3D|2D|RGB|PVC|VR|AI|I|A|QR|II|III)"
)

ZH_CARRIER = (
    r"(?:招牌|牌匾|匾额|横幅|海报|标牌|木牌|路牌|门牌|"
    r"旗帜|锦旗|标签|包装|瓶身|杯身|封面|T恤|衣服|胸前|衣服上|"
    r"屏幕|黑板|石碑|印章|灯牌|灯箱|贺卡|请柬|蛋糕|对联|春联|信封|按钮|墙上|门上|纸上|上面|上书)"
)
ZH_VERB = re.compile(
    r"(?:写着?有?|书写着?|题写?着|上书|写道|写上|标注着?|标有|标着|题字|题词|拼出|显示着?|印有|"
    r"刻有|印着|刻着|绣着|"
    r"喷着|贴着|挂着|印上|刻上|雕着|镌刻着)(?:了|文字|字样|的是|大字|标题|一行字|几个字|"
    r"的字)?\s*[:：]?\s*"
)
ZH_LOOSE = re.compile(r"^(?:印|刻|绣|喷|贴|挂|雕|镌|显示|标)")
ZH_LIT = re.compile(r"(?:霓虹灯?|招牌|灯牌|广告牌|横幅|标牌|路牌|电子屏|灯箱)(?:上|中|里)?$")
ZH_NOUN = re.compile(
    r"(?:主?副?标题|标语|口号|文案|字样|文字内容|文字|题字|大字|店名|品牌名|广告语|宣传语|字幕|"
    r"落款|书名|台词|招牌|牌匾|匾额|"
    r"横幅|祝福语|艺术字|手写字|粉笔字|烫金字|字体)(?:内容)?(?:上)?(?:为|是|叫|：|:|写)\s*|"
    r"(?:名字|姓名)[：:]\s*"
)
ZH_AFTER = re.compile(
    rf"(?P<text>[{HAN}A-Za-z0-9]{{1,14}}?)(?:这)?(?:(?:[一二两三四五六七八九几]个?|十个)(?:大|"
    rf"小|金|红)?字|字样)"
)
ZH_GENERIC = re.compile(
    r"(?:字|文字|汉字|诗|诗句|诗词|书法|对联|春联|字母|数字|公式|价格|名字|姓名|经文|铭文|花纹|"
    r"图案|花|纹|龙|凤|标志|心愿|愿望|"
    r"祝福|毛笔字|草书|楷书|行书|隶书|篆书|白色|黑色|红色|金色|蓝色|黄色|烫金|粗|细|大号|小号|"
    r"无衬线|衬线|手写|艺术|居中|位于|"
    r"在|复杂|精细|各种|一幅|一个|一张|一只|一朵|一条|一些|许多|几|密密麻麻|菜单|故事|歌词|日记|"
    r"信|作业|笔记|灯笼|彩|窗花|福|时间|英文|中文|古|浮雕|画|红灯|"
    r"动物|小|卷|云|莲|梅|兰|竹|山|鱼|鸟|星|月|老|旧|照片|地图|日历|衣)"
)
ZH_RUN = re.compile(rf"[{HAN}A-Za-z0-9！!？?·&%\-]+(?:[ ][A-Za-z0-9]+)*")
OPENING = "\"“”「」『』《》'‘’«»"
UNCLOSED = {"“": "”", "「": "」", "『": "』", "《": "》"}
