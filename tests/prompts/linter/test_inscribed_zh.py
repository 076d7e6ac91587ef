"""Chinese text for the picture by its count of characters, what it is written with, and lists."""

from __future__ import annotations

import pytest

from zimg_kernel.prompts import lint


def found(prompt: str) -> set[str]:
    return {f.rule for f in lint(prompt, language="en")} - {"vague"}


@pytest.mark.parametrize(
    "prompt",
    [
        "生日蛋糕特写，奶油上用巧克力酱写宝贝三岁啦",
        "推车正面钉着一块铁皮，铁皮上红漆刷写阿芳肠粉豆浆",
        "红绸扎成的花球，正中缀着乔迁之喜四个绒布大字",
        "石桥栏板中间阴刻通济二字，桥下流水",
        "小臂内侧的刺青，细线字体，刺的是且听风吟",
        "奶茶品牌标志，弧形排字鹿小满绕在上半圈",
        "俯拍牛皮纸菜单，钢笔字列着红烧肉 48、清炒豆苗 22、米饭 3",
        "窗玻璃上用白漆手绘一行字，读书人的避难所",
        "渔船侧舷，斑驳的白漆浙岭渔2207，缆绳垂着",
        "石磨豆浆店，玻璃窗贴着早六点到十点",
        "一只气球飘在天花板，气球上十八岁快乐",
        "收银台旁一块亚克力板，恕不赊账",
        "狗窝木板上烙着豆包的家",
        "麻将桌，绣着财源广进的桌布，筹码散落",
        "手写的计划本，第一行早起跑步，第二行背单词三十个",
        "老茶馆柱子上挂一副木联，左为香分花上露，右为水汲石中泉",
    ],
)
def test_text_is_told(prompt: str) -> None:
    assert "lettering" in found(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "石碑上的字被风雨磨平，只剩最后两个字的浅浅凹痕",
        "用颜料涂出大片的蓝，画布边缘留白",
        "用花瓣铺成一条小路，通向草坪中央",
        "旗袍上用金线绣着一只凤凰",
        "信纸铺在桌上，钢笔写到一半停下",
        "老人眉头皱成一个川字，手里夹着烟",
        "戴着一顶尖帽的女巫骑着扫帚",
        "女孩伸出手掌请他起立，舞池里灯光旋转",
        "她在笔记本上写着什么，窗外下雨",
        "小字条夹在书里，露出一角",
        "车身贴着岩壁驶入隧道，货架上摆着十二只手工茶杯",
        "标题用粗黑体，副标题小一号，左对齐",
        "院里架着圆竹匾，匾里分别是鲜红的辣椒和金黄的玉米",
        "面具半边黑半边白，放在丝绒上",
    ],
)
def test_what_is_described_is_no_text(prompt: str) -> None:
    assert found(prompt) == set()
