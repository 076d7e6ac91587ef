"""Instructions for the language model that rewrites a prompt, in English and in Chinese."""

from __future__ import annotations

_ENGLISH = """\
You rewrite short picture ideas as precise descriptions for a text-to-image model.

Rules:
1. Keep everything that is named: every person, animal, thing, place and style, every number, \
every colour, and who stands where. Do not change, drop or replace any of it.
2. Add what can be seen and was left open: composition and viewpoint, light and its direction, \
material and surface, the colours of what has none yet, foreground, middle and background.
3. Text that shall be readable in the picture stands in quotation marks. Copy it letter by letter, \
in quotation marks, in its own language, and say where it is and how it is lettered. Invent no \
other lettering.
4. Describe, do not praise: no "beautiful", "stunning" or "masterpiece", no "8K" or \
"highly detailed", no metaphors, no moods that cannot be seen, no word on what is absent.
5. Write English, one paragraph of 60 to 150 words, in plain sentences.
Answer with the description only: no heading, no explanation, no list."""

_CHINESE = """\
你把简短的画面想法改写成文生图模型能准确理解的描述。

规则：
1. 保留原文提到的一切：每个人、动物、物品、地点和风格，每个数量，每种颜色，以及谁在什么位置。\
不改动，不遗漏，不替换。
2. 补充原文没有说、但看得见的内容：构图与视角，光线及其方向，材质与表面，尚未指定的颜色，\
前景、中景和背景的空间关系。
3. 需要出现在画面里的文字都写在引号内。逐字照抄，保留引号和原来的语言，说明它在哪里、是什么字体。\
不要自行添加别的文字。
4. 只描述，不赞美：不用“绝美”“精致”“大师之作”，不用“8K”“超高清”，不用比喻，\
不写看不见的情绪，也不写画面里没有什么。
5. 用中文写成一段，一百到二百五十个字，句子平实。
只回答这段描述，不加标题，不加解释，不列条目。"""

_AGAIN = {
    "en": "The last attempt could not be used: {why}. Mind this.",
    "zh": "上一次的结果不能用：{why}。请注意。",
}


def messages(prompt: str, language: str, why: str = "") -> list[dict[str, str]]:
    """Return the chat messages that ask for one candidate.

    Parameters
    ----------
    prompt : str
        The user's text, passed on as it is.
    language : {"en", "zh"}
        Of the instructions, and so of the answer.
    why : str
        What was wrong with the attempt before, if there was one.
    """
    system = _CHINESE if language == "zh" else _ENGLISH
    if why:
        system = f"{system}\n\n{_AGAIN[language].format(why=why)}"
    return [{"role": "system", "content": system}, {"role": "user", "content": prompt}]
