"""Chinese ways of excluding what is named before: 桌上蜡烛就免了, 头盔除外, 行人车辆全免."""

from __future__ import annotations

from zimg_kernel.prompts.linter.words import load_words

_WORDS = load_words(__file__)
_END = r"(?=[，。；、！!\s）)]|$)"

EXCLUDED = _WORDS.pattern(rf"""
    # 桌上蜡烛就免了, 珠钗首饰通通省了
    (?<=[\u4e00-\u9fff])(?:<all>)+(?:<dismissed>)(?:吧|啦|好了|即可|就行|就好|掉)?{_END}
  | (?<=[\u4e00-\u9fff]{{2}})(?:<every>)(?:<dismissed_all>)(?:了|掉|吧)?{_END}
  # 其余摆设从略, 霓虹招牌剔出画面
  | (?<=[\u4e00-\u9fff]{{2}})(?:<refused>)(?:了|吧)?{_END}
  # 头盔除外的全套护具
  | (?<![解拆清开铲消扫废排]|[，。；、])除[外却](?=[，。；、的！!\s]|$)
  # 再无他物, 别无装饰, 和现代物件绝缘
  | 再[无没]有?(?:<others>)[^，。；]{{0,6}} | 别无(?:<left>)
  | [和与跟][^，。；]{{1,8}}(?:绝缘|无缘|不沾边){_END}
  # 脚印一个也没有, 羊群半只都没有
  | (?<!说)(?:一|半)(?!<set_phrases>)[\u4e00-\u9fff]{{1,4}}?(?:都|也)(?:<none>)[^，。；]{{0,6}}
  # 乘客零, 零装饰
  | (?<=[\u4e00-\u9fff]{{2}})(?:数量?|人数|个数)?[为是]?(?:零|0){_END}(?<!<ends_in_zero>)
  | (?<![^，。；、\s])(?:<surroundings>)?零(?!<no_zero>)[\u4e00-\u9fff]{{1,4}}{_END}
  # 配饰禁戴, 霓虹禁用
  | (?<=[\u4e00-\u9fff])(?<![严不门忍情失])禁(?:止|忌)?(?:<forbidden>){_END}
  # 窗帘不装，地毯不铺
  | (?<=[\u4e00-\u9fff]{{2}})(?<![看说想数得猜瞧认望])不(?:<undone>){_END}
  # 面部细节无须刻画
  | (?:<no_need>)(?:<needless>)[^，。；]{{0,6}}
  # 抹成空白
  | (?:抹|涂|处理|清|弄|搞|改|变|遮|糊|P|p)成(?:一片)?空白{_END}
  # 撑伞的人请避开
  | 请(?:<gone>)[^，。；]{{0,5}}{_END}
  | 莫(?=画|放|出现|带|写|加|有|印|添|留|配)[^，。；]{{1,8}}
  # 灯笼就别点了, 配菜休提
  | (?<=[\u4e00-\u9fff])(?<!<before_other>)别[\u4e00-\u9fff]{{1,3}}了{_END}
  | (?<=[\u4e00-\u9fff])休(?:提|要|画|放|加|写|见){_END}
  # 无妆，无滤镜
  | (?<![^，。；、\s])无(?!<lacks_nothing>)[\u4e00-\u9fff]{{0,4}}<absent>{_END}
""")
"""At the end of a clause, or with a word for all of some things."""
# 文字元素全部拿走
UNWRITTEN = _WORDS.pattern(rf"""
    (?:文字|字幕|水印|字样|标题|标语|落款|签名|署名)[^，。；着：“]{{0,6}}?
    (?:<every>|<all>)(?:<dismissed>|<dismissed_all>)(?:了|吧|掉)?{_END}
""")
"""Writing that is to be left out, and no text."""
