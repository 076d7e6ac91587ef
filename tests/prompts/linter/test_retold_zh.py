"""What a Chinese prompt tells again of one being or thing: ages, postures, materials."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint

OPPOSED = """
一个六岁的小女孩，今年八十岁，坐在门槛上剥毛豆
这位老太太是个七岁小女孩，在弄堂里跳皮筋
一位七十多岁的老船长，满脸皱纹。他叼着烟斗。老船长是个刚满二十岁的年轻小伙。
八十岁的白发老翁拄着拐杖走进面馆。他是个五岁的小男孩，缺一颗门牙。
户外草坪婚礼，新娘二十出头。新郎给她戴戒指，新娘满脸皱纹，看上去有六十多岁。
老爷爷端坐在藤椅上，整个人平躺在地板上，手拿蒲扇
她跪在榻榻米上插花，面前是一只青瓷花瓶。她此刻正躺在榻榻米上，枕着手臂。
金毛犬趴在地毯上打盹，鼻子搭在爪上。这只狗正飞奔着追球。
瑜伽老师在垫子上做倒立，双腿笔直朝上。窗边有一盆龟背竹。老师双脚着地，站得笔直。
實木餐桌，桌面桌腿全用透明玻璃鑄成，北歐餐廳
广场中央立着一尊青铜骑士像。游客仰头拍照，骑士像由整块汉白玉雕成。
不锈钢保温杯产品图，杯身整个是粗陶烧制，白底
包身由本白色粗帆布缝制，织纹清晰。整只托特包采用光面黑色漆皮制成。
一把藤编摇椅放在阳台上。摇椅整个是不锈钢焊成的。
广角16毫米镜头拍摄山谷，登山者站在崖边，这张照片用800毫米超长焦镜头拍摄
""".strip().splitlines()

GOOD = """
一张祖孙合影，八岁的孙女搂着八十岁的爷爷
六岁的女孩坐在门槛上，今年八十岁的奶奶在旁边剥毛豆
母亲三十多岁，怀里的婴儿刚满月，正在熟睡
体操女孩在平衡木上倒立，教练站在一旁张着手
黑猫蹲在白墙上，白猫躺在黑瓦上，午后阳光
男孩坐在水泥台上，短发女孩站在两步之外
他坐在床沿，接着站起身，走到窗前
老人坐在沙发上，墙上的照片里，年轻的他站在船头
水晶吊灯下是一张木桌，桌腿是黄铜铸的
水晶吊灯下的餐桌由胡桃木制成
三节竹竿用浓阳绿的翡翠雕成，竹节处箍着玫瑰金
墙上挂着三幅画：一张黑白摄影，一幅色彩浓烈的抽象油画
70-200毫米长焦，背景柔化
""".strip().splitlines()


def levels(text: str) -> set[str]:
    return {f.severity for f in lint(text, language="en") if f.rule == "contradiction"}


@pytest.mark.parametrize("text", OPPOSED)
def test_two_statements_on_one_being_or_thing_are_warnings(text: str) -> None:
    assert "warning" in levels(text)


@pytest.mark.parametrize("text", GOOD)
def test_statements_on_two_beings_things_or_times_are_none(text: str) -> None:
    assert "warning" not in levels(text)
