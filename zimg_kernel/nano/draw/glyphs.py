"""The glyphs of the miniature's signs: which characters there are, their looks, what they spell.

``glyphs.png`` holds them in cells of 32 x 32 pixels, so that no font is needed at run time;
``python -m zimg_kernel.nano.draw.glyphs --font wqy-microhei.ttc`` makes it again.
"""

from __future__ import annotations

import argparse
import random
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

CHINESE = (
    "福春茶酒书喜寿家爱梦龙花雪月竹梅米面鱼药画推拉男女停慢吉山水火光和静欢迎临新品上市开业大店馆咖啡"
    "饭鞋果鲜蔬菜超商场银行邮局医院学校图电影公园车站地铁机出口入安全洗手间请勿吸烟小心滑禁止内排队营"
    "中休息打折特价半减买一送今日免费优惠会员收台服务外卖早餐午晚条包子饺锅烧烤吃牛肉豆腐浆奶绿红道白"
    "糖房鸡蛋苹香蕉西瓜冰热汤夏秋冬天风明景海青云蓝星空森林高流江河湖兰菊下雨晴你好谢再见年快乐生恭发"
    "财万事如意平祥岁有余东想成路顺利国泰民圆兴身体健康向习加油我回自由幸第号二楼三九十五六八百货千里"
    "四季七北京广州都南杭苏重庆港长城黄门左转右前方后边音文字汉法诗剧太极功夫玩具脑网吧理宾客祝阶保护"
    "环境节约用草灯工作老师同朋友爸妈儿童宝贝猫狗的是不了人他她们亮阳夜暖黑金石土木田树叶鸟马羊虎兔甜"
    "酸辣盐元美丽永远世界真善多少个零点楚桥村宫寺"
)
"""Simplified characters of everyday signs, shops, seasons, greetings, food, numbers, places."""
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
CHARS = CHINESE + CAPITALS + DIGITS
"""All characters; the position of one is its glyph id."""

_ZH = """
福 春 茶 酒 书 喜 寿 家 爱 梦 龙 花 雪 月 竹 梅 米 面 鱼 药 画 推 拉
男 女 停 慢 吉 山 水 火 光 和 静 欢迎光临 新品上市 开业大吉 书店 茶馆 咖啡
咖啡馆 饭店 酒店 酒家 面馆 花店 药店 鞋店 水果 水果店 鲜花 蔬菜 超市 商店 商场
市场 银行 邮局 医院 学校 图书馆 电影院 公园 车站 火车站 地铁 机场 出口 入口
安全出口 洗手间 停车场 请勿吸烟 小心地滑 禁止入内 请排队 营业中 休息中 打折 特价
半价 大减价 买一送一 今日特价 免费 优惠 会员 收银台 服务台 外卖 早餐 午餐 晚餐
米饭 面条 包子 饺子 火锅 烧烤 小吃 牛肉面 豆腐 豆浆 奶茶 绿茶 红茶 花茶 茶道
米酒 白糖 面包 面包房 鸡蛋 苹果 香蕉 西瓜 冰水 热茶 牛奶 鱼汤 春夏秋冬 春天
夏天 秋天 冬天 春风 秋月 明月 山水 风景 大海 青山 绿水 白云 蓝天 日出 星空
森林 风花雪月 高山流水 江河湖海 梅兰竹菊 下雨 晴天 你好 早上好 晚上好 晚安 谢谢
再见 新年快乐 生日快乐 恭喜发财 万事如意 平安 平安喜乐 吉祥如意 岁岁平安 年年有余
福如东海 心想事成 一路平安 一路顺风 大吉大利 国泰民安 花好月圆 家和万事兴 出入平安
身体健康 天天向上 好好学习 加油 我爱你 回家 梦想 和平 自由 幸福 开心 快乐 第一
一号 二楼 三楼 九月 十月 五一 六一 八折 百货 千里 四季 七天 北京 上海 广州
成都 西安 南京 杭州 苏州 重庆 香港 中国 长城 西湖 黄山 东门 南门 西门 北门
左转 右转 前方 后门 左边 右边 上下 里外 音乐 电影 文字 汉字 书法 国画 诗 京剧
太极 功夫 玩具 文具 手机 电脑 网吧 理发 宾馆 客房 茶楼 祝你生日快乐 小心台阶
保护环境 节约用水 爱护花草 红灯停 绿灯行 工作 老师 同学 朋友 爸爸 妈妈 儿童 宝贝
猫 狗
"""
_EN = """
OPEN TEA SALE CAFE HOTEL BAR SHOP STOP EXIT FOOD FISH RICE CAKE MILK SOUP BEER WINE COFFEE
JUICE WATER BREAD SALAD SUSHI PIZZA BOOK BOOKS TOYS GIFT GIFTS ART MUSIC DANCE FILM MOVIE GAME
GAMES PLAY PARK ZOO BANK POST TAXI BUS TRAIN METRO GATE NORTH SOUTH EAST WEST LEFT RIGHT UP
DOWN IN OUT PUSH PULL SLOW FAST GO YES NO OK HI HELLO HEY BYE LOVE PEACE HOPE JOY HAPPY SMILE
DREAM MAGIC LUCK LUCKY WISH HOME HOUSE ROOM BED BATH SPA GYM POOL SALON MEN WOMEN WC KIDS BABY
MOM DAD CAT DOG BIRD FOX BEAR PANDA TIGER LION HORSE TREE ROSE LEAF FLOWER SUN MOON STAR SKY
SEA LAKE RIVER BEACH SNOW RAIN WIND FIRE SPRING SUMMER AUTUMN WINTER NIGHT DAY NEW NOW FREE
BEST TOP HOT COLD ICE COOL RED BLUE GREEN GOLD PINK BLACK WHITE CHINA PARIS LONDON ROME TOKYO
CITY TOWN MARKET STORE PHONE RADIO LAB CODE DATA ROBOT ROCKET SPACE VIP MENU KEY
"""
ZH_PHRASES = tuple(_ZH.split())
EN_WORDS = tuple(_EN.split())
"""What signs say besides random strings, one to six glyphs each."""

CELL = 32
"""Side of a glyph in pixels: two tokens of a transformer that sees 16 x 16 pixels at once."""
SHEET = Path(__file__).with_name("glyphs.png")
_COLUMNS = 24
_FINE = 8
"""Glyphs are drawn this many times larger, then averaged down."""


def sample_text(rng: random.Random, lang: str | None, most: int) -> str:
    """Half phrases, half random strings, which show every glyph equally often."""
    odds = {"phrase": 0.25, "zh": 0.4, "word": 0.12, "latin": 0.23}
    kinds = {None: tuple(odds), "zh": ("phrase", "zh"), "en": ("word", "latin")}[lang]
    kind = rng.choices(kinds, [odds[k] for k in kinds])[0]
    if kind in ("phrase", "word"):
        every = ZH_PHRASES if kind == "phrase" else EN_WORDS
        long = most > 4 and rng.random() < 0.1
        return rng.choice([t for t in every if len(t) <= most and (len(t) > 4) == long])
    n = min(most, rng.choices((1, 2, 3, 4, 5, 6), (0.22, 0.26, 0.22, 0.2, 0.06, 0.04))[0])
    if kind == "zh":
        return "".join(rng.choices(CHINESE, k=n))
    form = rng.random()
    if form < 0.15 and most >= 4:
        return str(rng.randint(1900, 2099))
    if form < 0.35:
        return "".join(rng.choices(DIGITS, k=n))
    return "".join(rng.choices(CAPITALS if form < 0.75 else CAPITALS + DIGITS, k=n))


@lru_cache(maxsize=1)
def atlas() -> np.ndarray:
    """Read the sheet.

    Returns
    -------
    np.ndarray
        (len(CHARS), 32, 32) float32 coverage, 0 (board) to 1 (ink). Shared: do not write to it.
    """
    with Image.open(SHEET) as sheet:
        pixels = np.asarray(sheet.convert("L"), dtype=np.float32) / 255
    rows = pixels.shape[0] // CELL
    cells = pixels.reshape(rows, CELL, _COLUMNS, CELL).swapaxes(1, 2).reshape(-1, CELL, CELL)
    return np.ascontiguousarray(cells[: len(CHARS)])


def _drawn(char: str, font: ImageFont.FreeTypeFont, bold: int) -> Image.Image:
    """A glyph cropped to its ink, its strokes widened by ``bold`` fine pixels on each side."""
    canvas = Image.new("L", (2 * CELL * _FINE,) * 2)
    start = CELL * _FINE // 2
    ImageDraw.Draw(canvas).text((start, start), char, 255, font)
    # Not stroke_width: FreeType's stroker leaves the frames of characters like 口 thin.
    wider = canvas.filter(ImageFilter.MaxFilter(2 * bold + 1))
    return wider.crop(wider.getbbox())


def _glyph(char: str, path: str) -> Image.Image:
    """One cell: 30 pixels at most for Chinese characters, capitals and digits 25 high."""
    chinese = char in CHINESE
    most_high, most_wide = (30, 30) if chinese else (25, 28)
    font = ImageFont.truetype(path, round((31 if chinese else 33.5) * _FINE))
    for bold in (3, 2, 1):
        ink = _drawn(char, font, bold)
        # Wider strokes would close the gaps of characters that have many.
        if np.asarray(ink).sum() / 255 < 0.42 * (CELL * _FINE) ** 2:
            break
    wide = min(ink.width, most_wide * _FINE)
    high = min(ink.height, most_high * _FINE) if chinese else most_high * _FINE
    cell = Image.new("L", (CELL * _FINE,) * 2)
    spot = ((cell.width - wide) // 2, (cell.height - high) // 2)
    cell.paste(ink.resize((wide, high), Image.Resampling.LANCZOS), spot)
    small = cell.resize((CELL, CELL), Image.Resampling.BOX)
    # Sixteen levels are enough for an edge and halve the file.
    return small.point(lambda v: round(v / 17) * 17)


def make_sheet(font: str) -> Image.Image:
    """Draw all glyphs with a font file (.ttf, .ttc) into a sheet 24 cells wide."""
    rows = -(-len(CHARS) // _COLUMNS)
    sheet = Image.new("L", (_COLUMNS * CELL, rows * CELL))
    for i, char in enumerate(CHARS):
        sheet.paste(_glyph(char, font), (i % _COLUMNS * CELL, i // _COLUMNS * CELL))
    return sheet


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--font", required=True, help="path of wqy-microhei.ttc")
    make_sheet(parser.parse_args().font).save(SHEET, optimize=True)
