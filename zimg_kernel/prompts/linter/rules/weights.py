"""Signs of other programs that the model reads as plain letters: weights, tags, switches."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import Edit
from zimg_kernel.prompts.linter.rule import Examples, Fault, Rule, Said, Setting
from zimg_kernel.prompts.linter.text import Text

_NUMBER = r"[+-]?\d?\.\d+|[+-]?[0-3]"
# (oak:1.3), also with the marks of a Chinese keyboard; (ratio 16:9) is none.
_WEIGHT = re.compile(
    r"(?P<open>[(（])(?P<inner>[^()（）]{0,300}?[^\d\s()（）][^()（）]{0,300}?)"
    rf"(?P<close>\s*[:：]\s*(?:{_NUMBER})\s*[)）])"
)
_DOUBLE = re.compile(
    r"(?P<open>[(（]{2,}|\{{2,})(?P<inner>[^(){}（）]+)(?P<close>[)）]{2,}|\}{2,})"
)
_SQUARE = re.compile(r"(?P<open>\[+)(?P<inner>[^\[\]]+)(?P<close>\]+)")
_TAG = re.compile(r"<\s*(?:lora|lyco|hypernet|embedding|ti)\s*:[^<>]*>", re.I)
_EMBEDDING = re.compile(r"\bembedding:[\w.-]+", re.I)
_BREAK = re.compile(r"(?<![A-Za-z])BREAK(?![A-Za-z])")
_SWITCH = re.compile(
    r"(?<![\w-])(?:--|—|–)(?:ar|aspect|v|version|s|stylize|q|quality|seed|style|chaos|c|niji|iw|"
    r"tile|"
    r"hd|upbeta|weird|w|steps?|cfg|sref|cref|raw|no)\b(?:[ =][\d.:]+|[ =](?:raw|cute|expressive))?",
    re.I,
)
_PART = re.compile(r"(?<=[\w)])::\s*(?:-?\d+(?:\.\d+)?)?(?!\w)")


def _find(text: Text, setting: Setting) -> Iterator[Fault]:
    model = {"model": setting.title}
    taken: list[tuple[int, int]] = []
    for pattern in (_TAG, _EMBEDDING):
        for found in pattern.finditer(text.plain):
            taken.append(found.span())
            yield Fault(*found.span(), "tag", {"tag": found[0], **model}, (Edit(*found.span()),))
    for pattern in (_WEIGHT, _DOUBLE, _SQUARE):
        for found in pattern.finditer(text.plain):
            if any(found.start() < end and found.end() > start for start, end in taken):
                continue
            taken.append(found.span())
            said = "weight"
            edits: tuple[Edit, ...] = (Edit(*found.span("open")), Edit(*found.span("close")))
            if pattern is _SQUARE and re.search(r":\s*[\d.]+$|\|", found["inner"]):
                edits = ()  # [from:to:0.5] and [a|b]: which one is meant, only the writer knows
            word = text.prompt[slice(*found.span())]
            yield Fault(*found.span(), said, {"word": word, **model}, edits)
    for found in _BREAK.finditer(text.plain):
        yield Fault(*found.span(), "break", model, (Edit(*_with_comma(text, found)),))
    for found in _PART.finditer(text.plain):
        yield Fault(
            *found.span(), "switch", {"word": found[0], **model}, (Edit(*found.span(), ","),)
        )
    for found in _SWITCH.finditer(text.plain):
        rest = re.match(r"[^\n,，]*", text.plain[found.end() :])
        end = found.end() + (len(rest[0]) if rest and found[0].lower().endswith("no") else 0)
        span = found.start(), end
        yield Fault(*span, "switch", {"word": found[0].strip(), **model}, (Edit(*span),))


def _with_comma(text: Text, found: re.Match[str]) -> tuple[int, int, str]:
    """BREAK parts two thoughts: a comma does, unless there is one."""
    before, after = text.plain[: found.start()].rstrip(), text.plain[found.end() :].lstrip()
    if not before or not after or before[-1] in ",，.。;；\n" or after[0] in ",，.。;；":
        return *found.span(), ""
    start = len(before)
    end = len(text.plain) - len(after)
    return start, end, "，" if not before[-1].isascii() else ", "


RULE = Rule(
    "weights",
    "error",
    {
        "weight": Said(
            (
                "{model} knows no weights: “{word}” is read letter by letter.",
                "{model} 不支持权重：“{word}”会被当作普通文字。",
            ),
            (
                "Write the words alone, and put what matters first or describe it more closely.",
                "只写词语本身，把重要的内容放在前面或写得更具体。",
            ),
        ),
        "tag": Said(
            (
                "“{tag}” in a prompt loads nothing; {model} reads it as text.",
                "提示词里的“{tag}”不会加载任何东西，{model} 会把它当作文字。",
            ),
            (
                "Take it out of the prompt; a LoRA is loaded with the model, not by its words.",
                "从提示词中删掉；LoRA 要随模型加载，而不是写在文字里。",
            ),
        ),
        "break": Said(
            (
                "BREAK parts nothing for {model}, which reads a prompt as a whole.",
                "{model} 会通读整段提示词，BREAK 不起任何分隔作用。",
            ),
            ("Put a comma or a full stop in its place.", "换成逗号或句号。"),
        ),
        "switch": Said(
            (
                "“{word}” is a switch of another program; {model} reads it as text.",
                "“{word}”是其他程序的参数，{model} 会把它当作文字。",
            ),
            (
                "Leave it out and use the fields for size, steps and seed.",
                "删掉它，用尺寸、步数、种子等设置项代替。",
            ),
        ),
    },
    {
        "en": Examples(
            bad=(
                "(red lacquer:1.3) box on linen",
                "((golden light)) over a stone harbour",
                "linen curtains, [dust] in the light",
                "stone cottage BREAK wet slate roof",
                "oil painting <lora:impasto:0.8>, palette knife",
                "granite peaks, side light --ar 3:2",
            ),
            good=(
                "a clock that reads \"(10:30)\", brass",
                "wide picture (ratio 16:9) of a granite ridge",
                "pagoda (西安大雁塔) at night, lantern light",
                "a boy breaking bread, oak table, side light",
            ),
        ),
        "zh": Examples(
            bad=(
                "(朱漆盒:1.3)，亚麻布",
                "（金色光线：1.2），石砌港口",
                "亚麻窗帘，[浮尘]，侧光",
                "石屋 BREAK 湿润的青瓦",
                "油画，<lora:impasto:0.8>，刮刀",
                "花岗岩山峰，侧光 --ar 3:2",
            ),
            good=(
                "黄铜钟，表盘写着“(10:30)”",
                "宽幅画面（比例16:9），花岗岩山脊",
                "古塔（西安大雁塔），灯笼光",
                "掰面包的男孩，橡木桌，侧光",
            ),
        ),
    },
    _find,
)  # fmt: skip
