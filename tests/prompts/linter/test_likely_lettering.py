"""Words that are likely text for the picture."""

import pytest

from zimg_kernel.prompts import lint


def _lettering(prompt: str) -> list[str]:
    return [f.severity for f in lint(prompt, language="en") if f.rule == "lettering"]


@pytest.mark.parametrize(
    "prompt",
    [
        "饼干铁盒，盒盖印着老城酥饼，放在窗台",
        "绘本封面，名为小刺猬的秋天，水彩",
        "酒坛上贴着红纸，写女儿红",
        "学校门口石头上刻着厚德博学",
        "玻璃门上挂着今日盘点暂停营业的小牌",
        "graffiti of the words nothing lasts on a bridge",
        "a bulldog at a desk, caption at the bottom monday again",
        "phone screen showing low battery connect charger",
        "a blackboard on which Soup of the Day is chalked in white",
        "a bistro chalkboard, soup of the day tomato basil written in pink chalk",
        "a faded ticket that has admit one printed on it twice",
        "a barber, across his collarbones runs memento mori in blackletter script",
        "a storefront window, grand opening in gold foil letters, balloons",
        "a bakery box, from our oven to you stamped on the lid",
        "a weathered boat hull, registration LK 482, peeling blue paint",
        "a theatre ticket stub showing row F seat 12",
        "a beer coaster with brewed by monks around the edge",
        "a rowing boat called Little Gull, the name lettered on the stern",
        "a tombstone, Martha 1880 to 1951, snowdrops",
        "文件夹上盖着第二件半价的海报",
        "车站大屏滚动着列车晚点的红字",
        "广场上的大型花坛，用鲜花摆出国泰民安",
        "篮子边夹着一块石板，本地番茄六元一斤",
        "玩具店门面，马戏团字体的奇妙父子",
        "电影截图，登山者展开一面旗，登顶成功",
    ],
)
def test_likely_text_is_hinted_at(prompt: str) -> None:
    assert _lettering(prompt) == ["hint"]


@pytest.mark.parametrize(
    "prompt",
    [
        "A street in Havana with old cars and laundry, surprise me with the colours",
        "Street in Lisbon, tiles, tram rails, don't show cars",
        "a robin on a spade handle, thank you!",
    ],
)
def test_what_is_said_to_the_model_is_no_lettering(prompt: str) -> None:
    assert _lettering(prompt) == []


@pytest.mark.parametrize(
    "prompt",
    [
        "铁盒盖印着牡丹花，放在窗台",
        "瓶身标签为米白色，字体极简",
        "木门上刻着凤穿牡丹",
        "石壁上刻着古老的岩画，火把照亮",
        "黑板上写着数学公式，老师转身",
        "女孩在本子上写着日记，窗外下雨",
        "屏风上绣着山水楼阁",
        "caption area at the bottom left empty",
        "a shirt with roses painted on the back",
        "a glass door etched with ferns, an old hallway",
        "a girl with juice on her chin, a mug beside it",
        "蚀刻着蕨叶的玻璃门，走廊",
        "喷漆罐和模板躺在水泥地上，红漆滴落",
        "题字石旁，一位老人打着太极，晨雾弥漫",
        "phone screen showing a map of the city",
    ],
)
def test_what_is_drawn_is_no_text(prompt: str) -> None:
    assert _lettering(prompt) == []
