"""Chinese exclusions, praise by a standard, text cut out or filled in, looks told otherwise."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint


def _rules(prompt: str) -> set[str]:
    return {f.rule for f in lint(prompt, language="zh") if f.rule != "vague"}


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [
        ("法式餐桌，白桌布，桌上蜡烛就免了", "negative"),
        ("骑士铠甲立绘，头盔除外的全套护具", "negative"),
        ("街角咖啡馆外景，行人车辆全免", "negative"),
        ("极简书桌，台灯一盏，其余摆设从略", "negative"),
        ("证件照，蓝底，配饰禁戴", "negative"),
        ("老式火车站月台，乘客零，站长举着旗", "negative"),
        ("现代客厅，落地窗，窗帘不装，地毯不铺", "negative"),
        ("沙漠骆驼队，除骆驼外再无他物", "negative"),
        ("牧羊人坐在山坡上，羊群半只都没有", "negative"),
        ("雨中的石板路，撑伞的人请避开", "negative"),
        ("日本拉面店，文字元素全部拿走", "negative"),
        ("三岁男孩踩水坑，教科书般的抓拍，封面级作品", "praise"),
        ("江南水乡晨雾，够得上国家地理年度精选", "praise"),
        ("玻璃罐里的糖渍柠檬，摄影师看了都要竖大拇指", "praise"),
        ("老渔夫补网，这张照片值得裱起来", "praise"),
        ("银杏大道，谁看谁爱", "praise"),
        ("低矮的耐候钢导视牌，镂空出湿地步道和一个向左的箭头", "lettering"),
        ("面包店的纸袋，袋身盖了枚圆章老张家手作", "lettering"),
        ("红灯笼左右各一，左边灯笼上是吉", "lettering"),
        ("航空海报，产品名，醉熊航线，深蓝底色", "lettering"),
        ("丝带形的标题框，里面填入小工蜂的二十四小时，字体圆润", "lettering"),
        ("发皱的寻人启事，纸上最大的一行是寻找陈阿妹", "lettering"),
        ("桥洞前的限高牌3.5米", "lettering"),
        ("旧书店橱窗，一张告示贴在玻璃内侧，店主外出下午三点回", "lettering"),
        ("毕业照，全班举着长条布，再见了我的青春", "lettering"),
        ("日式庭院，灯笼就别点了", "negative"),
        ("一碗白粥，配菜休提", "negative"),
        ("办公桌俯拍，杂乱的电线统统藏掉", "negative"),
        ("红衣舞者跃起，一张图抵得上一整部电影", "praise"),
        ("少年剑客立于竹梢，帧帧都是壁纸", "praise"),
        ("复古收音机产品图，比官图还官图", "praise"),
        ("山门前的石碑，隶书，云台胜境", "lettering"),
        ("石桥的桥栏，中央石板凿着永济桥", "lettering"),
        ("婚礼蛋糕三层，奶油裱花。整座蛋糕五层高。", "contradiction"),
        ("木雕弥勒佛，纹理清晰。佛像的青铜外壳长满绿锈。", "contradiction"),
        ("老奶奶坐在摇椅上，满头银丝。乌黑的头发盘成髻，别着木簪。", "contradiction"),
        ("透明玻璃茶壶里泡着茉莉花。这只紫砂壶的壶嘴弯弯的。", "contradiction"),
        ("空无一人的教室，阳光照在课桌上。学生们低头写字。", "contradiction"),
        ("一只独眼的老猫趴在墙头。它睁着两只圆溜溜的碧绿眼睛。", "contradiction"),
    ],
)
def test_what_is_found(prompt: str, rule: str) -> None:
    assert rule in _rules(prompt)


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [
        ("店员一脸淡定地找零，冷白色日光灯", "negative"),
        ("一堆零件散在工作台上", "negative"),
        ("无框眼镜，方形镜片", "negative"),
        ("无花果切开的横截面", "negative"),
        ("老人一动也不动地坐着", "negative"),
        ("翅膀收起，停在枝头", "negative"),
        ("小男孩竖起大拇指", "praise"),
        ("观众席里的孩子拍手", "praise"),
        ("钢板镂空出一朵莲花", "lettering"),
        ("一张旧渔网贴在墙上，我穿着雨靴", "lettering"),
        ("标题，居中", "lettering"),
        ("五米高的招牌", "lettering"),
        ("省略号形状的三盏圆灯悬在餐桌上方", "negative"),
        ("一对新人挥手作别了", "negative"),
        ("水彩画出雨后的质感", "praise"),
        ("山门前的石碑，隶书，青苔斑驳", "lettering"),
        ("三只猫和五只狗都在睡觉", "contradiction"),
        ("满头银丝的奶奶和女孩，女孩乌黑的头发扎成辫子", "contradiction"),
        ("空无一人的教室，黑板上挂着学生们的照片", "contradiction"),
        ("玻璃茶壶里泡着茉莉花，旁边这只紫砂杯空着", "contradiction"),
    ],
)
def test_what_is_left(prompt: str, rule: str) -> None:
    assert rule not in _rules(prompt)
