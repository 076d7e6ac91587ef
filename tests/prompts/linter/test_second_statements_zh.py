"""Chinese statements that do not fit an earlier one, and text that words lead up to."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint


def rules_of(prompt: str) -> set[str]:
    return {found.rule for found in lint(prompt, language="en") if found.rule != "vague"}


@pytest.mark.parametrize(
    "prompt",
    [
        "独生子一家的全家福，唯一的儿子站在中间。三个儿子分别搭着父母的肩",
        "独轮车一辆，车上唯一的一只南瓜用绳子捆着。她的车上摞着十几只南瓜",
        "水族馆的宣传照，饲养员悬浮在水槽中央。整个拍摄地点是青藏高原上的一片草甸",
        "超广角拍摄整座体育场，看台尽收其中，同时是一枚纽扣的微距特写",
        "单用黑墨画成的山水，远山淡。整幅画面色彩斑斓",
        "露天泳池边摆着两张躺椅，泳池位于一间封闭的地下室里",
        "整幅画是用孔雀蓝一种颜色的丝线绣成的，荷叶翠绿，荷花粉红",
        "锈迹斑斑的废铁船搁浅在滩上，这条船的船壳崭新锃亮",
        "素面朝天的少女坐在井边洗菜，她浓妆艳抹，眼线飞到鬓角",
        "空空的鸟笼挂在檐下，笼里一只画眉正在啄食",
        "女主播的头发整头染成银白，正在整理耳麦。她把那头乌黑的长发拨到肩后",
        "戒面的宝石通透，红得像石榴籽，这颗宝石是深海一样的蓝色",
        "布偶猫的一双蓝眼睛是琥珀黄色的",
        "街角立着一只墨绿色的大红邮筒",
        "露天屋顶花园派对，宾客们围坐在封闭的地下酒窖里",
        "主角是一位九十岁的老匠人，坐在矮凳上。主角是个六岁的小男孩",
        "台面上摆着四杯杨枝甘露。这一对杯子左右对称",
        "兔子全身为薄荷绿色，背景为浅粉色渐变。兔子全身的颜色为焦糖棕",
        "老式手摇风扇，扇叶、底座和外罩全部由黄铜铸成。这台风扇整体是用透明的冰块雕成的",
    ],
)
def test_a_second_statement_is_found(prompt: str) -> None:
    assert "contradiction" in rules_of(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "唯一亮着的一盏灯在走廊尽头，门口放着三双鞋",
        "一只猫站在露天咖啡座的桌子上，室内的灯光透过玻璃照出来",
        "他的白衬衫被夕阳照成橘红，袖口卷到手肘",
        "祖孙三人看灯会：奶奶推着轮椅，爷爷坐在轮椅上，孙子举着兔子灯",
        "紧闭的木门前，老人坐着，对面的窗户敞开",
        "空荡荡的货架旁，柜台上摆着一篮橘子",
    ],
)
def test_what_fits_is_left(prompt: str) -> None:
    assert "contradiction" not in rules_of(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "铲斗上用白漆涂了几个歪歪扭扭的字：大力出奇迹，司机哈着气搓手",
        "寻物启事贴在电线杆上，内容为本人遗失棕色皮箱一只重谢",
        "抽屉面上贴着小红纸，当归、黄芪、远志依次写在上面。",
        "公告栏，一张A4纸上打印着寻猫，图钉生锈",
        "那只纸箱，收件人一栏用马克笔写得很大，扎西卓玛收，内有酥油",
        "灯纸上是小孩子的笔迹，愿爷爷的腿早点好，河边的人仰着脸",
        "罐身竖排两行，桂子月中落，一勺入口甜，米白底色",
        "一块刻砖，刀痕浅浅，依稀是张伟到此一游，砖缝里长着草",
        "跨年夜的大屏幕倒计时，画面上巨大的00:07，人群举着手机",
        "挂着一副竹刻的对联，右边是一帘花影云拖地，左边是半夜书声月在天",
        "小臂内侧的极简纹身，纹的是勇往直前，细黑体",
        "奶茶杯身的标签打着少冰三分糖，近景",
        "聊天界面，绿色气泡里显示晚上八点老地方见",
        "布帘藏青底，白字染的是灯亮着就有饭，老板娘掀帘探头",
        "小桌板上贴着一张提示，到站前请收起，旁边放着半杯咖啡",
    ],
)
def test_text_that_words_lead_up_to_is_found(prompt: str) -> None:
    assert "lettering" in rules_of(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "纸箱上贴着胶带，护士伏在桌上写病历",
        "孩子在黑板前写字，粉笔灰落在袖口",
        "合唱团站成两排，前排四人，后排六人",
        "杯身上禁止出现文字，米色背景",
        "题字印章统统拿掉，浪花像爪子一样弯着",
    ],
)
def test_what_is_no_text_is_left(prompt: str) -> None:
    assert "lettering" not in rules_of(prompt)


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [
        ("手绘地图，羊皮纸，禁用任何照片纹理", "negative"),
        ("老式公交车，车上切忌坐人，车窗也甭贴广告", "negative"),
        ("书房里地上不铺地毯，桌上不摆电脑和手机", "negative"),
        ("浮世绘风的海浪，船只全部取消，飞鸟也取消", "negative"),
        ("便当俯拍，餐巾同样移出", "negative"),
        ("沙漠公路，前后皆无来车", "negative"),
        ("一片向日葵田，效果务必超出预期，优质，出色，卓尔不凡", "praise"),
        ("田园犬趴在门槛上，生图要求极致、高级、封面级的质量", "praise"),
        ("深海里的灯塔水母，要那种一眼镇住全场的水平", "praise"),
        ("青衫书生立绘，腰间并未佩剑，头发半束", "negative"),
        ("海边木屋，不掺人影，不掺船影", "negative"),
        ("空白贺卡样机，卡面什么都别印", "negative"),
        ("化妆镜前的花旦，无需拍到观众席", "negative"),
        ("新出炉的椰蓉面包，入口先甜后咸，木砧板", "clause"),
        ("船家说它照过抗战时的逃难路，灯芯一跳一跳", "clause"),
    ],
)
def test_other_turns_are_named(prompt: str, rule: str) -> None:
    assert rule in rules_of(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "未点亮的灯笼挂在屋檐下",
        "一只未上色的木马",
        "桂花香薰蜡烛，琥珀色玻璃罐",
        "两张铸铁理发椅，皮垫开裂",
        "雨不停地敲着窗",
        "高级餐厅的后厨，专业级灶台火焰蓝亮",
        "前足牢牢抓住树皮的沟缝",
        "喷泉刚刚开启，鸽子落在石阶上",
    ],
)
def test_near_misses_are_left(prompt: str) -> None:
    assert not {f.rule for f in lint(prompt, language="en") if f.severity != "hint"}
