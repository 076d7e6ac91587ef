"""Chinese praise told as a verdict on a quality, a standard that is reached, or a great work."""

from __future__ import annotations

from zimg_kernel.prompts.linter.words import load_words

_WORDS = load_words(__file__)
_END = r"(?=[，。；！、!\s）)]|$)"

PRAISE = _WORDS.pattern(rf"""
    # 成片质感真的没话说
    (?:<qualities>)(?:上|的)?(?:<adverbs>){{0,2}}(?:<verdicts>)(?:的|了|级别?)?(?:存在|程度|水准|水平)?{_END}
    # 惊艳到说不出话, 美得不真实
  | (?:<adjectives>)[到得](?:<excesses>)(?:了|的)?
    # 达到4A广告公司的水准, 3A大作的品质, 商业大片水平
  | (?:达到?|媲美|堪比|不输|比肩|直逼|直追|赶超|超越|对标|呈现出?
      |追求|拥有|具备|有着?|按|以|是|的|之)?
    (?:<standards>)(?:的|般的?|级别?的?)?(?:<levels>)的?{_END}
    # 载入史册的旷世巨作
  | (?:<great>)(?:级别?|般)?的?(?:<works>){_END}
    # 优质，出色; 好看到飞起
  | (?<![^，。；、！!\s])(?:<adverbs>){{0,2}}(?:<alone>)(?:的|了|啊|呀)?{_END}
  | (?:<slang>){_END}
  | (?:<whole>)
""")
PLENTY = _WORDS.pattern(rf"(?:<feelings>)(?:<plenty>){_END}")
"""The same of a mild kind: 质感十足."""
