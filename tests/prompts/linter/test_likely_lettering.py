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


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("a pub window, in curved gold lettering stands Ferro Brothers, rain", "Ferro Brothers"),
        ("a clerk stamping a passport, leaving Entry Refused in violet ink", "Entry Refused"),
        (
            "a tabloid on a seat, its headline, Mayor Eats Evidence, half a sheet",
            "Mayor Eats Evidence",
        ),
        ("a wallet, surname Castellanos printed under the portrait", "Castellanos"),
        ("a man in a World's Okayest Fisherman cap, mist", "World's Okayest Fisherman"),
        ("a fridge, a sticky note with Milk is a lie on the carton", "Milk is a lie"),
        ("along the wall, in tall letters, runs They fed this town", "They fed this town"),
        ("a sunken motorboat, Second Thoughts across the transom, fish", "Second Thoughts"),
        (
            "letters in an arc, which announce Shave first to all who sit",
            "Shave first to all who sit",
        ),
        (
            "a goalkeeper's glove, on its palm in felt pen this one's for grandad",
            "this one's for grandad",
        ),
        ("a steamed-up mirror, a fingertip has left call your sister, tap", "call your sister"),
        ("a kitchen table, magnets laid out as gone to the shops, milk", "gone to the shops"),
        ("a phone box, pencilled beside the receiver: ring Maud after six", "ring Maud after six"),
        ("a heart on a plate and beside it sorry about the car, crumbs", "sorry about the car"),
    ],
)
def test_words_in_the_middle_of_a_sentence_are_hinted_at(prompt: str, text: str) -> None:
    found = [prompt[f.start : f.end] for f in lint(prompt) if f.rule == "lettering"]
    assert any(text in words for words in found)


@pytest.mark.parametrize(
    "prompt",
    [
        "a shop window in Little Italy, salami hanging, a sign too faded to read",
        "a wall of Polaroids, a map of the Baltic Sea, a poster column in Vienna",
        "a Citroën parked beside a kiosk full of magazines near the Eiffel Tower",
        "sketch in pencil and chalk of a fox, a sign hanging behind it",
        "a portrait in charcoal, an astronaut patch on the jacket, October light",
        "a newspaper with Chinese headlines, a train leaving Santa Fe at noon",
    ],
)
def test_names_in_the_middle_of_a_sentence_are_no_lettering(prompt: str) -> None:
    assert _lettering(prompt) == []
