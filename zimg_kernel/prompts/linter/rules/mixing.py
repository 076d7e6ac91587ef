"""Two languages inside one phrase."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zimg_kernel.nano.text.vocabulary import lettering
from zimg_kernel.prompts.linter.rule import Examples, Fault, Rule, Said, Setting
from zimg_kernel.prompts.linter.text import HAN, Text, word_set

_LATIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]+(?:[-'’][A-Za-z]+)*(?![A-Za-z0-9])")
_HAN_RUN = re.compile(f"[{HAN}]+")
_PARENTHESES = re.compile(r"[(（][^()（）]*[)）]|<[^<>]*>")
# Said like this in Chinese, too: units, formats, styles and things without a short Chinese name.
_LOAN = word_set("""
ui ux app logo icon web vr ar ai cg ip iso mm cm km kg ml px fps dpi rgb cmyk hdr led lcd oled
lofi lo-fi emoji vlog cos cosplay wifi iphone ipad imac tee vs dj pvc usb pbr octane blender c4d
ins lomo polo bokeh banner kv ppt pos gif t k d x s y z f v h o u q a b c e g i j l m n p r w bjd
ccd dslr pop-art jk loft diy tv pc cad suv suv atm led oc ue unreal png svg jpg hdri hiphop
hip-hop rap rock jazz disco ktv bar-code qr spa ok br break and lora by no ph ac dc
""")

_COMMON = word_set("""
cat dog bird horse fox girl boy woman man lady baby child people sofa chair table desk bed car bus
bike train boat tree flower forest mountain river lake sea ocean beach sky sun moon star cloud
house room kitchen bedroom window door wall street road bridge city park garden dress shirt skirt
hat coat shoes hair eyes face hand smile cake bread coffee tea fruit apple cup bowl plate book red
blue green yellow black white pink purple brown gold silver big small cute beautiful style night
light morning sunset winter summer spring autumn snow rain wind fire water
""")


def _find(text: Text, setting: Setting) -> Iterator[Fault]:
    if not text.chinese or (setting.miniature and lettering(text.prompt)):
        return  # the miniature's own captions speak English of Chinese lettering
    bare = _PARENTHESES.sub(lambda found: " " * len(found[0]), text.plain)
    for start, end in text.phrases:
        han = list(_HAN_RUN.finditer(bare, start, end))
        latin = [w for w in _LATIN.finditer(bare, start, end) if _is_word(w[0])]
        if not han or not latin:
            continue
        letters, glyphs = sum(len(w[0]) for w in latin), sum(len(w[0]) for w in han)
        # A Chinese character says about as much as three letters.
        chinese = glyphs * 3 >= letters
        odd = latin if chinese else han
        first, last = odd[0].start(), odd[-1].end()
        word = text.prompt[odd[0].start() : odd[0].end()]
        yield Fault(first, last, "into_chinese" if chinese else "into_english", {"word": word})


def _is_word(word: str) -> bool:
    """Whether a Latin word is a common one, and no name, unit or abbreviation."""
    if word.lower() in _LOAN or word.isupper():
        return False
    return word.lower() in _COMMON or (word.islower() and len(word) > 1)


RULE = Rule(
    "mixing",
    "warning",
    {
        "into_chinese": Said(
            (
                "“{word}” stands in English in a Chinese phrase.",
                "中文短语里夹着英文“{word}”。",
            ),
            (
                "Say it in Chinese, or put it into quotes if it shall be written in the picture.",
                "改写成中文；若要把它写进画面，请加引号。",
            ),
        ),
        "into_english": Said(
            (
                "“{word}” stands in Chinese in an English phrase.",
                "英文短语里夹着中文“{word}”。",
            ),
            (
                "Say it in English, or put it into quotes if it shall be written in the picture.",
                "改写成英文；若要把它写进画面，请加引号。",
            ),
        ),
    },
    {
        "en": Examples(
            bad=(
                "a 狐狸 in fresh snow, low sun",
                "linen curtains in the 卧室, morning light",
                "oil painting of a 港口",
            ),
            good=(
                "a shop sign “茶馆” above a wooden door, lantern light",
                "pagoda (西安大雁塔) at night, soft light",
                "snow on pine trees, 晨光",
            ),
        ),
        "zh": Examples(
            bad=(
                "雪地里的fox，逆光",
                "穿linen长裙的女子，窗光",
                "cozy的卧室，晨光",
            ),
            good=(
                "招牌写着“coffee”，木门，灯笼光",
                "Leica M6相机，85mm镜头，胶片颗粒",
                "APP图标，3D渲染，T恤，f/1.8大光圈",
                "雪松林，soft light",
            ),
        ),
    },
    _find,
)  # fmt: skip
