"""Common words that the miniature does not know, each with the nearest thing that it can draw."""

from __future__ import annotations

from zimg_kernel.nano.world.composites import EN_PLURALS

from . import words as w
from .landscape_words import EN_ELEMENTS, ZH_ELEMENTS

_NEAR = {
    "湖边": "江边 河边 溪边",
    "小山": "山坡 土坡",
    "sun": "sunny sunshine sunlight",
    "moon": "moonlit moonlight",
    "招牌": "标语 横幅 海报 黑板",
    "sign": "poster banner label plaque billboard",
    "猫": "熊猫 狗 小狗 狗狗 老虎 狮子 兔子 兔 马 牛 羊 猪 猴子 大象 熊 狐狸 动物 宠物 老鼠 龙 "
    "猫头鹰 鹿",
    "cat": "panda dog puppy tiger lion rabbit bunny horse cow sheep pig monkey elephant bear fox "
    "goat animal pet mouse dragon owl deer wolf kitten",
    "鱼": "金鱼 鲸鱼 鲸 海豚 鲨鱼 乌龟 螃蟹 章鱼",
    "fish": "whale dolphin shark turtle crab octopus goldfish",
    "小鸟": "鸡 鸭子 鸭 鹅 老鹰 孔雀 企鹅 蝴蝶 凤凰 鹤",
    "birds": "bird chicken duck goose eagle peacock penguin butterfly phoenix crane parrot",
    "汽车": "火车 公交车 卡车 自行车 摩托车 坦克 地铁 出租车 跑车 巴士 电车",
    "car": "train bus truck bicycle bike motorcycle tank subway taxi van tram vehicle",
    "火箭": "飞机 直升机 卫星 导弹 宇航员",
    "rocket": "plane airplane aeroplane helicopter satellite missile astronaut spacecraft",
    "船": "轮船 军舰 潜艇 游艇 渔船",
    "boat": "yacht submarine ferry canoe",
    "房子": "大楼 学校 教堂 医院 商店 小镇 村庄 别墅 木屋 建筑 家 门 窗户",
    "house": "building school church hospital shop village town villa barn hut castle door window",
    "宝塔": "寺庙 城堡 宫殿 长城 灯塔 亭子 寺",
    "pagoda": "palace lighthouse shrine pavilion",
    "雪人": "人 女孩 男孩 女人 男人 孩子 老人 美女 女子 男子 小孩 人物 机器人 老师 娃娃 小女孩",
    "snowman": "person girl boy woman man child kid people portrait robot teacher doll human face "
    "santa",
    "花": "玫瑰 荷花 向日葵 菊花 牡丹 梅花 樱花 桃花 兰花 花园 花瓶 莲花 草 叶子 植物",
    "flower": "rose lotus sunflower peony tulip garden vase leaf plant daisy orchid",
    "树": "圣诞树 森林 树林 柳树 苹果树 椰子树 灌木 树叶",
    "trees": "forest woods jungle palm oak willow bush",
    "蘑菇": "食物 蛋糕 面包 香菇",
    "mushroom": "food cake bread",
    "圆": "椭圆 苹果 橘子 西瓜 球体 气泡 足球 篮球 盘子 硬币 水果 橙子 地球 眼睛 饼",
    "circle": "oval ellipse apple watermelon sphere bubble football basketball plate "
    "coin fruit earth globe eye wheel",
    "方块": "长方形 矩形 桌子 椅子 书 手机 电脑 盒子 箱子 床 立方体 砖",
    "square": "rectangle table chair book phone computer bed brick screen card laptop desk",
    "三角形": "箭头 金字塔 帐篷 梯形",
    "triangle": "arrow pyramid tent trapezoid cone",
    "六边形": "五边形 八边形 多边形 蜂窝",
    "hexagon": "pentagon octagon polygon honeycomb",
    "爱心": "嘴唇 情人节",
    "heart": "lips valentine",
    "月牙": "香蕉 满月",
    "crescent": "banana",
    "群山": "火山 悬崖 沙漠 峡谷 雪山 岩石 石头 长江",
    "mountains": "volcano cliff desert canyon rock alps everest",
    "湖": "河 河流 小溪 瀑布 池塘 江 水池 泉水 西湖 溪水 江水",
    "a lake": "river stream waterfall pond pool creek spring",
    "大海": "海滩 沙滩 海岸 岛 小岛 岛屿",
    "the sea": "beach coast island shore harbour harbor bay",
    "城市": "街道 街 马路 上海 北京 夜市 广场 公园 商场",
    "a city": "street road shanghai beijing market park downtown metropolis",
    "灯笼": "灯 台灯 蜡烛 路灯 烟花 火焰 火",
    "lanterns": "lamp candle streetlight fireworks fire flame torch bulb",
    "雨伞": "帽子 裙子 衣服 阳台",
    "umbrella": "hat dress clothes skirt",
    "气球": "热气球 风筝",
    "balloon": "kite airship zeppelin",
    "云": "雾 彩虹 烟 风 闪电 雷",
    "clouds": "fog rainbow smoke wind lightning thunder mist storm",
    "红色": "酒红色 暗红色 朱红色 玫红色 枣红色",
    "red": "maroon ruby burgundy vermilion cherry",
    "灰色": "银色 铁灰色",
    "gray": "silver slate charcoal",
    "黄色": "金色 柠檬黄",
    "yellow": "gold amber lemon mustard",
    "紫色": "薰衣草色 紫罗兰色 靛色",
    "purple": "lavender magenta indigo lilac plum",
    "蓝色": "天蓝色 海蓝色 藏青色",
    "blue": "navy azure cobalt sapphire",
    "绿色": "橄榄绿 墨绿色 草绿色 薄荷色",
    "green": "olive lime mint jade",
    "棕色": "卡其色 古铜色",
    "brown": "tan khaki bronze copper",
    "橙色": "珊瑚色 桃色",
    "orange": "coral peach apricot salmon",
    "水墨画": "油画 水彩 水彩画 工笔画 书法",
    "ink wash painting": "oil watercolour watercolor gouache calligraphy brushwork",
    "插画": "照片 摄影 动漫 卡通 写实 电影感 真实感 二次元 漫画",
    "flat illustration": "photograph photography anime cartoon realistic photorealistic cinematic "
    "render comic manga",
    "剪纸": "刺绣 景泰蓝 雕刻 折纸 瓷器 陶瓷",
    "paper cut": "embroidery cloisonne carving origami porcelain ceramic mosaic",
    "像素画": "乐高 马赛克",
    "pixel art": "lego minecraft voxel",
}
SAME = {
    "橘猫": "橙色的猫", "三角型": "三角形", "圆型": "圆形", "方型": "方形", "心型": "心形",
    "路牌": "招牌", "门牌": "招牌", "站牌": "招牌", "绿油油": "绿色", "剪纸风": "剪纸画",
    "跟": "和",
}  # fmt: skip
SAME |= {f"{colour}方": f"{colour}方块" for colour in "红橙黄绿青蓝紫粉棕黑白灰"}
"""Words that mean the same as a known one, or are often written instead of it."""
NEAREST: dict[str, str] = {word: near for near, group in _NEAR.items() for word in group.split()}
NEAREST |= SAME
"""What comes nearest to a word, in the same language."""

SIGNS = ("招牌", "牌子", "标牌", "告示牌", "指示牌", "牌匾", "sign", "board", "placard")
"""Words for a board with lettering."""


def _subjects() -> frozenset[str]:
    found: set[str] = set(SIGNS) | {"signboard"}
    for table in (w.ZH_SHAPES, ZH_ELEMENTS):
        found.update(word for group in table.values() for word in group)
    for table in (w.EN_SHAPES, EN_ELEMENTS):
        # The noun is the last word: "a calm lake".
        found.update(phrase.split()[-1] for group in table.values() for phrase in group)
    found.update(w.ZH_ANY_SHAPE)
    found.update(w.EN_ANY_SHAPE)
    found.update(EN_PLURALS.values())
    for name in w.SCENIC:
        found.update(w.ZH_BACKGROUNDS[name])
        found.update(phrase.split()[-1] for phrase in w.EN_BACKGROUNDS[name])
    return frozenset(found - {"weather"})


SUBJECTS = _subjects()
"""Nouns that name something which the miniature can draw."""
