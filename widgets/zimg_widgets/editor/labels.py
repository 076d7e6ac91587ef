"""The words on the Editor, in English and Chinese."""

from __future__ import annotations

from zimg_widgets._shared.labels import Labels

WAYS = ("inpaint", "instruct", "outpaint", "vary", "upscale")

LABELS: Labels = {
    "title": ("Editor", "编辑器"),
    "ways": ("How to change it", "修改方式"),
    "inpaint": ("Repaint", "局部重绘"),
    "instruct": ("By words", "文字指令"),
    "outpaint": ("Extend", "扩展画面"),
    "vary": ("Vary", "变化"),
    "upscale": ("Enlarge", "放大"),
    "inpaint_help": ("Paint over what is to change", "涂抹要修改的部分"),
    "instruct_help": ("Say what is to change", "说明要修改什么"),
    "outpaint_help": ("Add to the sides of the picture", "在图片四周增加画面"),
    "vary_help": ("Draw it again, a little different", "重新绘制，略有不同"),
    "upscale_help": ("Make it larger and draw its details", "放大并补充细节"),
    "inpaint_prompt": ("What the whole picture shows then", "修改后整幅图的内容"),
    "instruct_prompt": ("What to change", "要修改什么"),
    "outpaint_prompt": ("What the whole picture shows then", "扩展后整幅图的内容"),
    "vary_prompt": ("What the picture shows", "图片的内容"),
    "upscale_prompt": ("What the picture shows", "图片的内容"),
    "img2img": ("Redraw", "图生图"),
    "img2img_help": ("Draw it again after another prompt", "按新的提示词重新绘制"),
    "img2img_prompt": ("What the result shows", "结果的内容"),
    "control": ("Follow", "控制图"),
    "control_help": (
        "Draw a picture that follows the lines, depth or pose of this one",
        "按这张图的线条、深度或姿态生成新图",
    ),
    "control_prompt": ("What the result shows", "结果的内容"),
    "restored": (
        "Set as for that picture, also where no control shows it: {model}, {steps} steps, "
        "guidance {guidance}.",
        "已恢复该图片的设置，包括此处未显示的：{model}，{steps} 步，引导强度 {guidance}。",
    ),
    "model_gone": (
        "There is no model “{model}” here, so the result will differ; all else is set as for "
        "that picture.",
        "这里没有模型“{model}”，结果会不同；其他设置已恢复。",
    ),
    "source_gone": (
        "The picture that this one was made from is not in the gallery any more: the form has "
        "the other settings, and draws without that picture.",
        "这张图片的原图已不在图库中：其他设置已填入表单，生成时不使用原图。",
    ),
    "mask_gone": (
        "The mask with which this picture was repainted is not in the gallery any more: the form "
        "has the other settings, and draws without source and mask.",
        "这张图片重绘时的蒙版已不在图库中：其他设置已填入表单，生成时不使用原图和蒙版。",
    ),
    "no_edit": (
        "These parameters are of no edit: a picture drawn from words alone.",
        "这些参数不是编辑，而是仅由文字生成的图片。",
    ),
    "instruct_example": ("make the circle blue", "把圆变成蓝色"),
    "strength": ("Strength", "强度"),
    "left": ("Left", "左"),
    "right": ("Right", "右"),
    "top": ("Top", "上"),
    "bottom": ("Bottom", "下"),
    "pixels": ("Pixels to add", "增加的像素"),
    "factor": ("Times larger", "放大倍数"),
    "seed": ("Seed", "种子"),
    "seed_help": ("-1 draws one", "-1 表示随机"),
    "unpainted": (
        "Nothing is painted, so nothing would be repainted: paint over what is to change.",
        "还没有涂抹，没有要重绘的地方：请在图片上涂抹要修改的部分。",
    ),
    "repeat": (
        "The seed is kept and nothing else has changed: this draws the same result again.",
        "种子已固定，其他设置也未改变：这次会得到相同的结果。",
    ),
    "run": ("Change", "修改"),
    "run_help": ("Change the picture (Ctrl+Enter)", "修改图片（Ctrl+Enter）"),
    "run_key": ("Ctrl+Enter changes the picture", "按 Ctrl+Enter 修改图片"),
    "cancel": ("Cancel", "取消"),
    "cancel_help": ("Stop what is being drawn", "停止正在进行的绘制"),
    "onward": ("Go on from the result", "在结果上继续"),
    "onward_help": ("Make the next change to this result", "下一次修改将基于这个结果"),
    "before": ("Before", "修改前"),
    "after": ("After", "修改后"),
    "runs": ("Runs {run} of {steps} steps", "运行 {steps} 步中的 {run} 步"),
}
