"""Clauses and requests instead of noun phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import Edit
from zimg_kernel.prompts.linter.rule import Examples, Fault, Rule, Said, Setting
from zimg_kernel.prompts.linter.text import Text

_PICTURE = (
    r"(?:picture|image|photo(?:graph)?|drawing|illustration|painting|scene|portrait|poster|render)"
)
_MAKE = (
    r"(?:draw|make|create|generate|paint|design|produce|render|show|give|imagine|see|have|get|"
    r"depict)"
)
_REQUEST = re.compile(
    rf"(?:(?:hi|hello|hey|ok)[,!]? )?(?:(?:please|kindly|can you|could you|would you|will you|help)"
    rf"(?: please)?(?: me)?(?: to)? {_MAKE}|"
    rf"(?:i|we)(?:'d| would|'m| am)?(?: really)? (?:want|like|love|need|wish|looking)(?: for)?"
    rf"(?: (?:you|it|this))?(?: to (?:{_MAKE}|be))?|(?:draw|generate|create|make|paint|design|"
    rf"imagine)"
    rf"(?= (?:me|a|an|the|us|some)\b)|let(?:'s| us) {_MAKE})(?: (?:me|us))?"
    rf"(?: (?:an?|the|some)(?: \w+)? {_PICTURE}s?(?: of| with| showing| where)?)?(?![\w'])"
)
_SHOWS = re.compile(
    rf"(?:the|this|an?|my) (?:\w+ )?(?:{_PICTURE}|composition|background|scene|it) "
    r"(?:should|must|will|shall|needs? to|has to|would|shows?|depicts?|features?|contains?|"
    r"captures?|"
    r"illustrates?|portrays?|consists of|includes?)\b(?: (?:show|have|be|depict|contain|include|"
    r"feature|look))?"
)
_THERE = re.compile(r"(?<!\w)there(?:'s| is| are| was| were| stands| will be| should be|'re)\b")
_RELATIVE = re.compile(
    r"(?<=\w)[, ]+(?:(?:that|which|who)(?! (?:reads?|says?|spells?)\b)(?: (?:is|are|was|were|"
    r"has|have|had|looks?|seems?|appears?|"
    r"makes?|can|will|would|should|could|\w+s|\w+ed|stood|sat|wore|held|sang|ran|lay)|'s)\b"
    r"|whose \w+ (?:is|are|was|were|\w+s)\b|where (?:the|a|an|it|they|he|she|"
    r"people|there|\w+s)\b)"
)
_PRONOUN = re.compile(
    r"(?<![\w'])(?:i|he|she|it|they|we|you|this|that|these|those|everything|everyone|someone)"
    r"(?! (?:says|reads|spells)\b)(?:'s|'re|'m|'ll|'d| (?:(?:also|just|always|then|slowly|"
    r"gently|quietly|really) )?(?:is|are|was|were|"
    r"am|has|have|had|looks?|seems?|feels?|makes?|can|will|would|should|could|must|may|might|do|"
    r"does|did|"
    r"wants?|likes?|loves?|goes|comes?|sat|stood|ran|wore|held|want|need|think|"
    r"(?!as\b|us\b|\w+ss\b|this\b|his\b)\w+s|\w+ed))(?![\w'])"
)
_CONJUNCTION = re.compile(
    r"(?<![\w-])(?:because|although|though|since|unless|whereas|so that|even though|even if|"
    r"in order to|"
    r"as if|as though|(?:while|when|whenever|if|until|after|before|as|once|and|but|so) "
    r"(?:the|a|an|his|her|its|their|my|our|it|he|she|they|there|we|i|you|people|someone) "
    r"(?:\w+ ){0,3}?(?:is|are|was|were|has|have|had|(?:look|sit|stand|walk|run|fall|rise|shine|"
    r"hold|wear|"
    r"play|move|come|go|watch|sleep|fly|blow|set|pass|read|drink|eat|wait|smile)s?|fell|rose|"
    r"shone))\b"
)
_OPENING = re.compile(
    r"(?:^|(?<=[,.;\n] )|(?<=\n))(?:when|whenever|if|although|though|because) (?!\w+ing\b)\w+"
)
_COPULA = re.compile(
    r"(?<![\w'-])(?:(?:the|a|an|his|her|its|their|every|each|all|some|my|\d+|one|two|three)\s)"
    r"(?:[\w'-]+\s){1,6}?(?:is|are|was|were|has been|have been|seems?|appears?|looks?(?= (?:at|"
    r"like|"
    r"very|so|up|out|into|old|sad|happy|tired|new|as)\b))\b"
)
_BARE_COPULA = re.compile(r"(?:^|(?<=[,.;\n] )|(?<=\n))(?:[\w'-]+ ){1,4}(?:is|are|was|were)(?= \w)")
# Verbs that are hardly ever nouns in the plural.
_FINITE = re.compile(
    r"(?<![\w'-])(?:a|an|the|one|his|her|its|their|this) (?:[\w'-]+ ){1,5}?"
    r"(?:sits|wears|holds|stands|walks|runs|smiles|shines|sleeps|reads|drinks|eats|plays|leans|"
    r"hangs|"
    r"rides|carries|looks|gazes|flies|swims|jumps|waits|rises|falls|grows|glows|reflects|lies|"
    r"rests|"
    r"floats|drifts|watches|sings|dances|cooks|pours|paints|kneels|climbs|crosses|stretches|"
    r"follows|"
    r"covers|surrounds|overlooks|opens|brings|gives|takes|makes|keeps|lets|goes|comes|leaps|chases|"
    r"wraps|fills|casts|lives|works|prepares|stares|glides|burns|sells|writes|feeds|sat|stood|"
    r"wore|held|"
    r"ran|walked|looked|lay|slept|ate)"
    r"(?= (?:on|in|at|by|under|near|with|over|through|across|against|to|into|from|beside|behind|"
    r"between|"
    r"along|up|down|out|around|above|like|a|an|the|his|her|its|their|two|three|some|quietly|slowly|"
    r"softly|alone|calmly|gently|happily|toward|towards|onto|off|for|past|while|and|very)\b|"
    r"[,.;!\n]|$)"
)
_PARTICIPLE = re.compile(r" (?:that|which|who)(?:'s| is| are| was| were)(?= \w+ing\b)")

_ZH_REQUEST = re.compile(
    r"(?:你好[,，]?)?(?:请你?|麻烦你?|能不能|可以|能否|帮忙|希望你?|我想要?你?|我希望|我需要|"
    r"我要|给我|帮我|"
    r"我们(?:想要?|需要|希望))+(?:你|请|帮我?|帮忙|给我|能够?)*"
    r"(?:画出?|生成|制作|做|设计|创作|绘制|描绘|来|看到?|看见|得到|有|出)?"
    r"(?:出|一下|成)?"
    r"(?:(?:一)?(?:张|幅|个|副)(?:关于|有关|描绘|表现|展示)?(?:图片|图|图像|画|照片|画面|"
    r"插画)(?:[,，]?(?:里面|上面|其中)(?:有|是|要)?)?)?"
)
_ZH_ORDER = re.compile(
    r"(?:^|(?<=[,，。\n]))\s*(?:画|生成|制作|绘制|设计|创作|来)(?:出|一下)?(?=一|几|两|三|个|张|"
    r"幅|只)"
    r"(?:(?:一)?(?:张|幅|个|副)(?:图片|图|图像|画|照片|画面|插画)[：:，,的]?)?"
)
_ZH_SHOWS = re.compile(
    r"(?:这|这张|这幅|该|整个|本)?(?:图片|图像|图画|画面|照片|图|作品|画|海报|场景)(?:中|里|上|"
    r"里面|当中)?"
    r"(?:应该|应当|需要|必须|要|会)?(?:展示|展现|描绘|呈现|表现|讲述|描述|显示|刻画|要有|应该有|"
    r"需要有|有|是)"
    r"(?:出|的是|了)?(?!着)"
)
_ZH_THERE = re.compile(r"(?:^|(?<=[。；;\n]))\s*有(?:一|两|三|几|很多|许多|个|位|只)")
_ZH_CONJUNCTION = re.compile(
    r"因为|由于|所以|因此|虽然|尽管|但是|可是|然而|不过(?=[他她它])|如果|假如|要是|只要|除非|"
    r"即使|以便|"
    r"使得|使(?=人|整|画)|让(?=人(?:感|觉|想|们)|整个|画面|我|你|他|她|它)|看起来|看上去|"
    r"仿佛(?:在|要|是)|"
    r"当(?=[^,，。]{1,14}(?:时候?|的时|之时|后)(?:[,，]|$))|的时候|(?<=[^\s,，。])时(?=[,，]他|"
    r"[,，]她|[,，]它)|"
    r"接着|然后|于是|并且|而且"
)
_ZH_PRONOUN = re.compile(
    r"(?:我们|他们|她们|它们|你们|大家|[他她它我你])(?!的|们|俩)(?=[^\s,，。;；\ue000])(?<!其)"
)
_ZH_NOT_ALONE = re.compile(r"(?:和|与|跟|给|为|向|对|把|被|在|围着|陪着|望着|看着)$")
_ZH_IS = re.compile(
    r"(?<=[^\s,，。;；、：:\ue000])(?:都|就|也|全|已经)?是(?=[^\s,，。;；否\ue000])(?!非|以)"
)
_ZH_PASSIVE = re.compile(r"(?:被|给)[^\s,，。;；的]{1,8}了(?![^,，。]{0,8}的)")
_ZH_DONE = re.compile(r"(?<=[^\s,，。])了(?=$|[,，。;；！!\n]|一)(?!解|望)")
_ZH_NOW = re.compile(r"(?:正在|正(?=[坐站躺看吃喝跑走放把])|在不停地)(?![^,，。;；]{0,16}的)")


def _find(text: Text, setting: Setting) -> Iterator[Fault]:
    # The miniature's own captions say "there is" and "is left of": it loses nothing by them.
    severity = "hint" if setting.miniature else "warning"
    hits: list[tuple[int, int, str, tuple[Edit, ...]]] = []
    for pattern, said in _PATTERNS:
        for found in pattern.finditer(text.lower):
            if not found[0].strip():
                continue
            start = found.start() + len(found[0]) - len(found[0].lstrip(" ,\n"))
            if pattern is _ZH_PRONOUN and _ZH_NOT_ALONE.search(text.plain[:start]):
                continue
            if pattern in (_ZH_IS, _ZH_DONE) and _within_word(text, start):
                continue
            if pattern in _WHOLE_WORDS and (text.cuts_word(start) or text.cuts_word(found.end())):
                continue
            edits: tuple[Edit, ...] = ()
            if said == "request":
                edits = _without_request(text, start, found.end())
            hits.append((start, found.end(), said, edits))
    for found in _PARTICIPLE.finditer(text.lower):
        edit = Edit(found.start(), found.end())
        hits = [hit for hit in hits if hit[1] <= found.start() or hit[0] >= found.end()]
        hits.append((found.start() + 1, found.end(), "participle", (edit,)))
    end_of_last = -1
    for start, end, said, edits in sorted(hits):
        if start < end_of_last:  # one remark for one place
            continue
        end_of_last = end
        word = text.prompt[start:end].strip()
        weak = "hint" if said == "now" else severity  # common in good captions as well
        said = "clause" if said == "now" else said
        yield Fault(start, end, said, {"word": word}, edits, weak)  # type: ignore[arg-type]


def _within_word(text: Text, position: int) -> bool:
    """Whether a character stands in a longer word, as 是 in 于是 does."""
    return any(
        w.start <= position < w.end and w.end - w.start > 1 and w.tag not in ("v", "c")
        for w in text.words
    )


def _without_request(text: Text, start: int, end: int) -> tuple[Edit, ...]:
    """Leave out "please draw" where it begins the prompt and what it asks for follows."""
    rest = text.prompt[end:].lstrip(" ,，:：")
    begins = not text.prompt[:start].strip()
    if not begins or len(rest) < 2:
        return ()
    if rest[0].isascii() and re.match(r"(?:to|that|if|because|when|me)\b", rest):
        return ()
    return (Edit(start, len(text.prompt) - len(rest)),)


_PATTERNS = (
    (_REQUEST, "request"), (_ZH_REQUEST, "request"), (_ZH_ORDER, "request"),
    (_SHOWS, "shows"), (_ZH_SHOWS, "shows"), (_THERE, "shows"), (_ZH_THERE, "shows"),
    (_RELATIVE, "clause"), (_PRONOUN, "clause"), (_CONJUNCTION, "clause"), (_OPENING, "clause"),
    (_COPULA, "clause"),
    (_BARE_COPULA, "clause"), (_FINITE, "clause"), (_ZH_CONJUNCTION, "clause"),
    (_ZH_PRONOUN, "clause"), (_ZH_IS, "clause"), (_ZH_PASSIVE, "clause"), (_ZH_DONE, "clause"),
    (_ZH_NOW, "now"),
)  # fmt: skip

_WHOLE_WORDS = (_ZH_REQUEST, _ZH_CONJUNCTION, _ZH_PRONOUN, _ZH_NOW)

RULE = Rule(
    "clause",
    "warning",
    {
        "request": Said(
            ("“{word}” is talk to a person; the model draws words.",
             "“{word}”是对人说的话，模型只会照词作画。"),
            ("Leave it out and begin with what is seen.", "删掉它，直接写看得见的内容。"),
        ),
        "shows": Said(
            ("“{word}” tells of the picture instead of what is in it.",
             "“{word}”说的是图片本身，而不是图里的内容。"),
            ("Name what is seen: “a cabin by a lake”.", "直接写看得见的内容，如“湖边的木屋”。"),
        ),
        "clause": Said(
            ("“{word}” makes a sentence; noun phrases are followed better.",
             "“{word}”构成了句子，模型更擅长理解名词短语。"),
            ("Say it as a noun phrase: “a boy with a yellow umbrella” for “a boy holds …”.",
             "改成名词短语，如“撑黄伞的男孩”，而不是“男孩，他撑着……”。"),
        ),
        "participle": Said(
            ("“{word}” makes a clause; noun phrases are followed better.",
             "“{word}”构成了从句，模型更擅长理解名词短语。"),
            ("Leave it out: “a cat sleeping” says the same as “a cat that is sleeping”.",
             "可以省去：直接用分词短语即可。"),
        ),
    },
    {
        "en": Examples(
            bad=(
                "please draw a stone bridge at dawn",
                "I want a picture of a brass lamp on slate",
                "There is an old mill by a stream, soft light",
                "a cat that is sleeping on a wool blanket",
                "a potter in a linen apron, he is turning a bowl",
                "because the sun sets the sandstone glows",
                "the sky is grey above the harbour",
                "the image should show a bronze horse, side light",
            ),
            good=(
                "a cat sleeping on a wool blanket",
                "stone bridge at dawn, reflections in still water",
                "a neon sign that says \"IT IS OPEN\", wet street",
                "a farmer and his horse, market stands, low sun",
                "portrait of a woman in her studio, this year's lantern festival behind",
            ),
        ),
        "zh": Examples(
            bad=(
                "请帮我画一座石桥，晨光",
                "我想要一张黄铜台灯的图片，石板桌面",
                "图片里有一座溪边的老磨坊，柔光",
                "陶艺师，她正在拉坯，窗光",
                "因为太阳下山，砂岩泛着暖光",
                "天空是灰色的，石砌港口",
                "这幅画展示了一匹青铜马，侧光",
                "当雨停的时候，石板路泛着光",
            ),
            good=(
                "羊毛毯上熟睡的猫，窗光",
                "晨光里的石桥，水面倒影",
                "招牌写着“我们是冠军”，霓虹灯",
                "农夫和他的马，集市，逆光",
                "正在拉坯的陶艺师，陶土，窗光",
                "身穿汉服的少女站在樱花树下，侧光",
            ),
        ),
    },
    _find,
)  # fmt: skip
