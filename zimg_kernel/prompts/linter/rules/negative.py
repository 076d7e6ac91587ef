"""What shall not be in the picture, said in the prompt: naming it brings it in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.prompts.linter.finding import Edit
from zimg_kernel.prompts.linter.rule import Examples, Fault, Rule, Said, Setting
from zimg_kernel.prompts.linter.text import Text

_BAD = (
    r"(?:(?:bad|poor|wrong|incorrect) (?:anatomy|hands?|proportions?|quality|composition|fingers|"
    r"art|perspective|lighting)|"
    r"(?:extra|missing|fused|too many|mutated|malformed|deformed|distorted) "
    r"(?:fingers?|limbs?|arms?|legs?|hands?|digits?|face|faces|body|eyes?|anatomy)|"
    r"low[ -]?(?:res(?:olution)?|quality)|(?:worst|normal) quality|jpeg artifacts?|"
    r"watermarks?|signature|username|deformed|disfigured|mutation|mutated|malformed|ugly|"
    r"duplicates?|blurry|out of frame|cropped|nsfw|long neck|cross[ -]?eyed|"
    r"text errors?|grainy|overexposed|underexposed|error|bad|censored|logo watermark)"
)
_PART = re.compile(r"[^,，;；\n.。、]+")
_BOILERPLATE = re.compile(rf"(?:and )?{_BAD}(?:(?: and|/|,) ?{_BAD})*")
_HEAD = re.compile(
    r"(?:negative(?: prompts?)?|反向提示词?|负向提示词?|负面(?:提示)?词?|反面提示词)\s*[:：]", re.I
)
_NO = re.compile(
    r"(?<![\w-])(?:(?:(?:with|and|but|has|have|having|contains?|containing) )?no(?! one\b|"
    r"\. ?\d)(?: \w[\w'-]*){1,4}|"
    r"without(?: (?:any|a|an|the))? \w[\w'-]*(?: \w[\w'-]*)?|"
    r"(?<=, )(?:but |and )?not (?:an? |the |any |too )?\w+(?: \w+)?|"
    r"(?:don'?t|do not|please don'?t|never|must not|should not|shouldn'?t|avoid(?:ing)?|"
    r"exclud(?:e|ing)|"
    r"not any|remove|free of|nothing else)(?: \w[\w'-]*){1,4})"
)
_NOT_THINGS = re.compile(r"no (?:longer|matter|doubt|more than)|without (?:sleeves|a break)")
_ZH_BAD = (
    r"(?:低质量|最差质量|差质量|劣质|低画质|低分辨率|低清|画质差|模糊(?:不清)?|水印|签名|丑陋|"
    r"丑|畸形|变形|"
    r"扭曲|崩坏|多余的?(?:手指|肢体|手臂|腿|手|四肢)|缺失的?(?:手指|肢体)|畸形的?(?:手指?|脸|"
    r"身体|肢体)|"
    r"(?:糟糕|错误|不良)的?(?:解剖|人体结构|手|比例|构图|透视)|手部?畸形|六根手指|过曝|欠曝|"
    r"融合的手指|肢体扭曲|面部扭曲|比例失调|噪点|重复|裁切)"
)
_ZH_BOILERPLATE = re.compile(rf"(?:有|和)?{_ZH_BAD}(?:[和与/]{_ZH_BAD})*")
_ZH_NO = re.compile(
    r"(?:(?:请)?(?:不要|不许|不得|不能|别|禁止|切勿|避免|不希望|不需要|不想要|不含|不包含|"
    r"不出现|不带|去掉|去除|"
    r"排除|拒绝|请勿|勿|不准|杜绝|不可)(?:有|出现|画|包含|带|添加|加|任何)*|没有(?:任何|其他|"
    r"一个|半个)|"
    r"(?:无|没有)(?=(?:任何)?(?:人|人物|行人|文字|水印|杂物|车辆|汽车|动物|背景人物|阴影|logo|"
    r"边框|字)"
    r"(?:$|[\ue000,，、;；。\n和或]))|没有)[^,，、;；。\n]*"
)
_ZH_PASS = re.compile(r"不要紧|别墅|别致|别具|别样|特别|识别|性别|不带(?:感情|表情)")


def _find(text: Text, setting: Setting) -> Iterator[Fault]:
    guided = setting.card is None or setting.card.guided
    suffix = "guided" if guided else "unguided"
    if setting.card is None:
        suffix = "any"
    # Blur, noise and poor quality are words of the miniature's own captions.
    severity = "hint" if setting.miniature else "warning"
    model = {"model": setting.title}
    done = len(text.plain)
    for found in _HEAD.finditer(text.plain):
        done = found.start()
        # What the writer meant for another field is theirs to move.
        yield Fault(done, len(text.plain), f"head_{suffix}", model)
        break
    for part in _PART.finditer(text.lower[:done]):
        phrase = part[0].strip()
        start = part.start() + part[0].index(phrase)
        end = start + len(phrase)
        bare = phrase.strip("()[]{}（） ")
        if _BOILERPLATE.fullmatch(bare) or _ZH_BOILERPLATE.fullmatch(bare):
            edits = (Edit(start, end),)
            values = {"word": text.prompt[start:end], **model}
            yield Fault(start, end, f"bad_{suffix}", values, edits, severity)  # type: ignore[arg-type]
            continue
        for pattern, passed in ((_NO, _NOT_THINGS), (_ZH_NO, _ZH_PASS)):
            for found in pattern.finditer(text.lower, start, end):
                if passed.match(text.lower, found.start()) or text.cuts_word(found.start()):
                    continue
                values = {"word": text.prompt[slice(*found.span())].strip(), **model}
                yield Fault(*found.span(), f"no_{suffix}", values, (), severity)  # type: ignore[arg-type]


_NAMED = (
    "“{word}” names what you do not want, which tends to bring it in.",
    "“{word}”说的是不想要的东西，写出来反而容易画出来。",
)
_ANY = (
    "Say what is there instead; where a model has guidance, use its negative prompt.",
    "改写成画面里应有的内容；模型支持引导时，用反向提示词。",
)
_GUIDED = (
    "Move it to the negative prompt, which works on {model}.",
    "移到反向提示词里，{model} 支持它。",
)
_UNGUIDED = (
    "Say what is there instead: {model} runs without guidance and has no negative prompt.",
    "改写成画面里应有的内容：{model} 不使用引导，反向提示词无效。",
)
_TAIL = (
    "A negative prompt inside the prompt is drawn like the rest of it.",
    "写在提示词里的反向提示词会被当作要画的内容。",
)
_HOW = {"any": _ANY, "guided": _GUIDED, "unguided": _UNGUIDED}

RULE = Rule(
    "negative",
    "warning",
    {
        **{f"no_{name}": Said(_NAMED, how) for name, how in _HOW.items()},
        **{f"bad_{name}": Said(_NAMED, how) for name, how in _HOW.items()},
        **{f"head_{name}": Said(_TAIL, how) for name, how in _HOW.items()},
    },
    {
        "en": Examples(
            bad=(
                "clay bust on a plinth, side light, bad anatomy, lowres",
                "empty marble hall, no people",
                "brass lamp on slate, without any text",
                "old mill by a stream. Negative prompt: blurry, ugly",
                "wool scarf on a chair, do not draw hands",
            ),
            good=(
                "an empty marble hall, morning light",
                "a \"NO SMOKING\" sign, enamel, street light",
                "close-up of a wool scarf, blurred background",
                "portrait No. 5, charcoal on paper",
            ),
        ),
        "zh": Examples(
            bad=(
                "陶土胸像，侧光，多余的手指，低质量",
                "空旷的大理石大厅，不要出现人物",
                "黄铜台灯，石板，没有任何文字",
                "溪边老磨坊，反向提示词：模糊，丑陋",
                "椅背上的羊毛围巾，请不要画手",
            ),
            good=(
                "空无一人的大理石大厅，晨光",
                "搪瓷标牌“禁止吸烟”，路灯光",
                "羊毛围巾特写，背景虚化",
                "湖边别墅，特别高的松树，晨雾",
            ),
        ),
    },
    _find,
)  # fmt: skip
