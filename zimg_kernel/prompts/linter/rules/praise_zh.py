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
    # 够得上国家地理年度精选, 不输电影
  | (?:<worthy>)(?:<measured_by>)(?:了|的|级别?|水准|水平)?{_END}
    # 摄影师看了都要竖大拇指, 谁看谁爱
  | (?:<experts>|<seeing>)(?:都|也|全)?(?:<forced>)+(?:<applause>)[^，。；]{{0,4}}{_END}
  | (?:<seeing>)(?:都|也|全)?(?:<applause>)[^，。；]{{0,4}}{_END}
  | [谁人](?:看|见)(?:了)?[谁人](?:<applause>|[好妙绝赞懵])[^，。；]{{0,2}}{_END}
  | 值得(?:被|人|你)?(?:一再|反复|永久|永远|好好|单独|立刻|马上)?(?:<worth>)[^，。；]{{0,5}}{_END}
    # 教科书般的抓拍, 封面级作品
  | (?:<graded>)(?:<graded_as>)[^，。；的]{{0,3}}?(?:<pictured>){_END}
  | (?<![一-鿿])(?:<grades>)的?(?:<graded_things>){_END}
  # 帧帧都是壁纸, 比官图还官图, 拍出米其林宣传册的效果
  | (?:<any_frame>)[^，。；]{{0,4}}(?:<is_all>)[^，。；]{{0,6}}(?:<fine_works>){_END}
  | 比(?P<than>[^，。；]{{1,4}})还(?P=than){_END}
  | (?:<makes>)出了?[^，。；]{{0,3}}(?:<standards>)[^，。；]{{0,8}}的?(?:<effects>){_END}
    # 要能拿奖, 尽可能高级, 越惊艳越好
  | (?:<able>)(?:<wins>)[^，。；]{{0,9}}(?:<prizes>)(?:<of_level>){{0,3}}{_END}
  | (?:<striving>)(?:<finest>)[^，。；]{{0,5}}{_END}
  | 越(?:<finest>)越(?:好|妙|棒|佳){_END}
  | (?:主打|突出|追求|就是|图的就是)一个(?:<finest>|<qualities>){_END}
  | (?:<whole>)
""")
PLENTY = _WORDS.pattern(rf"(?:<feelings>)(?:<plenty>){_END}")
"""The same of a mild kind: 质感十足."""
