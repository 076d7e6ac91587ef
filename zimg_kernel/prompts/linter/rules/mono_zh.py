"""Chinese prompts for a black-and-white picture in which something is red."""

from __future__ import annotations

from collections.abc import Iterator

from zimg_kernel.prompts.linter.pattern import Pattern
from zimg_kernel.prompts.linter.words import load_words

from .clauses_zh import ChineseClauses
from .statement import Statement

_WORDS = load_words(__file__)
_MONO = _WORDS.pattern(r"""
    (?:纯)?黑白(?!<patterned>)[^，,。；]{0,6}?<pictures>
  | (?:^|(?<=[，,。；\n]))[ ]?(?:纯|全)?黑白(?:画面|效果|色调|风格|影调)?(?=[，,。；]|$)
  | 单色[^，,。；]{0,3}?(?:钢笔|铅笔|线描|素描|线稿|木刻|插画|速写|炭笔|漫画|电影|胶片)画?
  | 单色(?:照|摄影|画面|影像|画|水墨|版画) | 灰度(?:图|照片|画面|影像)?
  | 黑白灰(?:色调|三色|画面|影调)
  | <pictures>(?:是|为|全是|整体)黑白的?
""")
_COLOURED = _WORDS.pattern("<hues>|<vivid>|[红橙黄绿蓝紫粉]{2,}(?:相间|各色|色)?(?!包)")
_ACCENT = _WORDS.pattern("<accents>")
_OBJECT = _WORDS.pattern("<holding>[^，,。；]{0,12}$")
_ONE_OF = Pattern("[一两三几][张幅帧][^，。；]{0,4}$")  # 墙上挂着画：一张黑白摄影
_ITSELF = _WORDS.pattern(
    "(?:里|中|上)(?:是|有|的)|旁边|、|和|与|几张|两张|铺满|散落|散在|堆|摊|放在|摆|挂|贴|夹|压|叠|钉"
)


def coloured_mono(clauses: ChineseClauses) -> Iterator[tuple[Statement, Statement]]:
    """Yield that a picture is black-and-white and what is coloured in it, once."""
    if _ACCENT.search(clauses.plain) or clauses.split:
        return
    mono = next((s for s in _spans(clauses, _MONO) if _whole(clauses, s)), None)
    if mono is None:
        return
    for hue in _spans(clauses, _COLOURED):
        if not hue.overlaps(mono):
            yield (mono, hue) if mono.start < hue.start else (hue, mono)
            return


def _spans(clauses: ChineseClauses, pattern: Pattern) -> Iterator[Statement]:
    for found in pattern.finditer(clauses.plain):
        statement = Statement(*found.span())
        if not clauses.inner(statement, after=False):
            yield statement


def _whole(clauses: ChineseClauses, s: Statement) -> bool:
    """Return whether the picture itself is meant, not a photograph in it."""
    before = clauses.before(s)
    return not (
        (s.start > len(before) and _ONE_OF.search(before))
        or _OBJECT.search(clauses.before(s))
        or _ITSELF.match(clauses.plain, s.end)
        or _ITSELF.search(clauses.before(s))
    )
