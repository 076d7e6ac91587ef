"""Contradictions that are only hinted at: loosely linked ones, and those of long descriptions."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import Finding, lint

LONG = (
    "A wide photograph of a harbour town on a quiet weekday, seen from the mole. Nets dry on racks "
    "along the quay, and three boats rock at their moorings beside a row of rusted bollards. An "
    "old man mends a lobster pot in the doorway of a shed, his cap pushed back. Behind him the "
    "houses climb the slope in steps, with blue shutters and pots of geranium between them. A "
    "dog sleeps on a coil of rope. The picture is sharp from front to back, its colours soft. "
)


def _contradictions(prompt: str) -> list[Finding]:
    return [f for f in lint(prompt, language="en") if f.rule == "contradiction"]


@pytest.mark.parametrize(
    "prompt",
    [
        "A boy in a yellow raincoat jumps into a puddle. Drops roll off the navy blue fabric of "
        "his raincoat.",
        "A samoyed lies on the porch, white and fluffy as a cloud. The black dog yawns.",
        "A couple in their sixties dances in a kitchen. All three of them have closed their eyes.",
        "Coloring page with clean black outlines of a farm. The tractor is painted bright red.",
        "Children build a snowman in the yard. Behind them sunflowers stand in full bloom.",
        "A dentist leans over her patient in a tiled surgery. The chair stands on a glacier.",
        "雪白的萨摩耶趴在门廊上，黑狗打了个哈欠。",
        "银发老奶奶坐在摇椅上织毛衣，乌黑的发髻梳得一丝不乱。",
        "三只橘猫挤在一个快递纸箱里，它们俩都仰着头看镜头，俯拍",
        "涂色书里的农场线稿，轮廓干净，拖拉机涂成大红，草地鲜绿。",
        "孩子们在院子里堆雪人，身后向日葵开得正盛，樱桃树上挂满熟透的果子。",
        "图书管理员在地下档案室里整理书本。海浪漫过她的脚踝，两旁椰树摇曳。",
        "A bouquet of white lilies, the purple lilies tied with a satin ribbon",
        "The yellow submarine glides past a wreck, its hull painted a deep burgundy",
        "Twin sisters sit back to back. Sheet music lies at the feet of the three girls.",
        "剪纸风格，3D渲染，C4D",
        "孤独的牛仔坐在火边，他的五个同伴传着酒瓶",
        "她的眼睛碧绿，画着眼线。棕色的眼睛直视镜头。",
        "俩小孩在巷口踢毽子，三个孩子满头大汗",
        "矿工们在煤矿巷道里歇脚，几个人坐在椰林沙滩上",
        "长桌上排着四具骨骼模型。那九具骨架的颅骨齐齐朝向窗口。",
        "展柜里的梅瓶施霁蓝釉。近看之下，这件瓷器的釉色是娇嫩的柠檬黄。",
        "老银盐照片，只有灰阶，旗手举着旗，天空湛蓝",
        "苏绣挂屏上两只金鱼。这幅挂屏由喷漆罐在混凝土墙上喷涂而成，是街头涂鸦。",
        "独角兽站在溪边，额前长着三只螺旋角",
    ],
)
def test_a_loose_link_is_told(prompt: str) -> None:
    assert len(_contradictions(prompt)) == 1


@pytest.mark.parametrize(
    "prompt",
    [
        "Portrait of a sailor with a snow-white beard next to a young man with a ginger beard",
        "Heavy downpour on the street outside, a dry cat watches from a sunny kitchen",
        "A dentist leans over her patient in a tiled surgery. The chair stands on a glacier.",
        "Portrait of a sailor with a snow-white beard, a friend with the ginger beard",
        "骑士骑着白马穿过松林，侍从骑着黑马跟在后面",
        "港湾内平静如镜，防波堤外巨浪滔天",
        "图书管理员在地下档案室里整理书本。海浪漫过她的脚踝，两旁椰树摇曳。",
    ],
)
def test_what_may_be_of_another_thing_is_no_warning(prompt: str) -> None:
    assert {f.severity for f in _contradictions(prompt)} <= {"hint"}


@pytest.mark.parametrize(
    "prompt",
    [
        "A black cat with green eyes watches a white cat with blue eyes.",
        "Five kids on a sofa: two are asleep, two play, the smallest one looks at us.",
        "A kitchen with a view through the window of a snowy mountain peak.",
        "Greek village in February, almond trees in blossom, snow on the mountain behind.",
        "A museum guard dozes beneath a huge oil painting of a stag hunt; photograph.",
        "黑猫蹲在白墙上，白猫躺在黑瓦上，午后阳光。",
        "三只小狗在草地上，其中两只抢一根绳子，第三只趴着看它们",
        "夏日的雪山脚下，草甸上开满野花，山顶积雪",
        "一只手举着一张黑白老照片，周围是彩色的当代街景，红色共享单车。",
        "水果摊俯拍，红苹果、青柠、紫葡萄、黄香蕉分格码放。",
        "厨房的窗台上放着三盆薄荷，窗外是雨后的竹林，两只麻雀停在栏杆上",
        "画室里，学生们坐在画架前画海边的礁石，墙上挂着雪山的照片",
        "地铁站台上，七个乘客在等车，这七个人都低着头看手机",
    ],
)
def test_what_fits_is_left_alone(prompt: str) -> None:
    assert not _contradictions(prompt)


def test_a_long_description_may_show_a_picture_within_it() -> None:
    fault = "It is noon. Above the roofs is the midnight sky."
    assert [f.severity for f in _contradictions(LONG + fault)] == ["warning"]
    hung = "It is noon. A painting of a moonlit graveyard hangs in the hall of the inn."
    assert {f.severity for f in _contradictions(LONG + hung)} <= {"hint"}


@pytest.mark.parametrize(
    "prompt",
    [
        "Macro photograph of an oil painting, cracked varnish",
        "Photo of an art student painting a watercolour of a beach",
        "Low-poly 3D island with a watercolour texture on the cliffs",
        "A 3D render of a pixel heart made of cubes",
        "A penguin mascot in black and white beside a bright orange slide",
        "A map in sepia ink with thin washes of green and blue",
        "Children in pink tutus beside a monochrome mural",
        "A black-and-white television glows in a room with orange curtains",
        "A girl in a yellow raincoat with a red hood",
        "After the rain, puddles and a clear blue sky, wet asphalt",
        "A hut of mud bricks whose door is made of cactus wood",
        "A wooden train crosses a viaduct made of stacked cotton reels",
        "Total solar eclipse at noon, a darkened desert, stargazers with goggles",
        "A night match under floodlights as bright as noon",
        "The player in the white jersey leans back, the one in the dark green jersey pushes",
        "The dog is pale grey and wears a padded red coat",
        "Six swimmers hang on the edge, all save for a single swimmer who looks up",
    ],
)
def test_words_of_a_thing_raise_no_warning(prompt: str) -> None:
    assert {f.severity for f in _contradictions(prompt)} <= {"hint"}


@pytest.mark.parametrize(
    "prompt",
    [
        "A sheriff leans on the saloon bar, whisky glass in hand. Seaweed drifts past his hat.",
        "Interior of a mosque, carpets, lamps. A combine harvester works between the columns.",
        "A teal pickup is parked by the silo. Rain beads on the truck's cherry paint.",
        "The orchestra pit is empty but for one cellist. The four musicians tune up.",
        "Triplets in sailor suits on a bench. The two siblings share an ice lolly.",
    ],
)
def test_rare_words_are_known_from_large_tables(prompt: str) -> None:
    assert len(_contradictions(prompt)) == 1


@pytest.mark.parametrize(
    "prompt",
    [
        "A white horse and its chestnut foal drink from a trough.",
        "Two swans and their five grey cygnets on a lake.",
        "Colour photograph of a black-and-white dog on a lime-green sofa.",
        "Low poly render of a desert island with one palm and a shipwreck",
    ],
)
def test_words_of_large_tables_may_have_another_sense(prompt: str) -> None:
    assert not _contradictions(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "雪地里蹲着三只小狐狸。五只小家伙全都歪着头看向镜头。",
        "通身蓝色铠甲的骑士拄剑而立。他的铠甲红得像火。",
        "一艘漆成橙色的渔船搁在滩上。船身的蓝漆已经剥落。",
        "红色的灯塔矗立在礁石上，塔身刷着明亮的蓝漆。",
        "粉色的沙发摆在窗前，阳光照着它深蓝的绒面。",
        "站台上的青年穿着白衬衫，姑娘仰头看着他。风把小伙子墨绿色的衬衣吹得鼓起。",
        "极简构图，整张画面只有黑、白、灰三种色阶。一只橙色的胖猫趴在扶手上。",
    ],
)
def test_chinese_things_are_known_by_other_names(prompt: str) -> None:
    assert _contradictions(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "画面左右对半，左边是正午阳光下的灯塔，右边是同一座灯塔在星空下亮灯的夜晚",
        "白马和它的栗色小马驹在水槽边喝水，尘土，傍晚的光从右边照来。",
        "老奶奶满头白发，孙女扎着乌黑的马尾，两人坐在木凳上包饺子。",
        "五个孩子在操场上，三个在踢球，两个坐在看台上。",
        "深蓝色的沙发上放着两个黄色的靠垫，沙发前的茶几是胡桃木的。",
        "清晨的厨房，墙上挂着一幅夕阳海景油画。",
    ],
)
def test_chinese_things_of_two_owners_are_left_alone(prompt: str) -> None:
    assert not _contradictions(prompt)


def test_left_and_right_elsewhere_part_no_chinese_colours() -> None:
    between = "画面左侧是一堵砖墙，右侧的架子上放着陶罐。一位戴帽子的老人坐在旁边看报。"
    for first, then in (
        ("一辆天蓝色的甲壳虫停在路边。", "这台小车樱桃红的车漆映着云影。"),
        ("少女留着一头银白色的短发。", "她火红的长发被风吹到脸上。"),
        ("六个宫女提着灯笼走过长廊。", "八名宫女步伐一致。"),
    ):
        assert _contradictions(first + between + then)


@pytest.mark.parametrize(
    "prompt",
    [
        "A taxi in lemon yellow. The driver leans on the cab, whose paint is a deep navy blue.",
        "A crimson armchair by the fire. The pale blue of its upholstery is worn thin.",
        "A navy velvet sofa. A dog sleeps on the mustard-yellow velvet of the upholstery.",
        "A brown hen pecks in the yard. The bird has snow-white feathers all over.",
        "Five cyclists climb a pass. Behind the leader, the seven others ride in a line.",
        "A lone sailboat crosses the bay at dawn. The sailboats heel in the wind.",
        "An empty playground in the rain. Dozens of children climb on the slide.",
    ],
)
def test_another_name_or_a_part_has_another_colour_or_number(prompt: str) -> None:
    assert len(_contradictions(prompt)) == 1


@pytest.mark.parametrize(
    "prompt",
    [
        "A white horse stands beside a brown foal. The foal's chestnut coat is still woolly.",
        "A bouquet of white peonies, the petals of the peonies edged with pink.",
        "Two climbers rest on a ledge; below them, three others follow on the rope.",
        "A lone tree on a hill. Behind it, rows of trees line the valley.",
        "A watercolour artist paints in a meadow, documentary photo, 35mm.",
        "Portrait of a hoopoe in ochre, black and white, on green leaves.",
    ],
)
def test_other_things_have_their_own_colours_and_numbers(prompt: str) -> None:
    assert not _contradictions(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "Five musicians play; the two violinists sit at the front, the other three stand.",
        "Four chairs around a table; two chairs are empty.",
        "A ruined church with grass growing in the nave, cows graze among the pillars.",
    ],
)
def test_some_of_a_group_and_ruins_are_doubted_less_loudly(prompt: str) -> None:
    assert {f.severity for f in _contradictions(prompt)} <= {"hint"}
