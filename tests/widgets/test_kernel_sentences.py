"""Tests of the Chinese of the kernel's sentences."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest
from pydantic_core._pydantic_core import list_all_errors

import zimg_kernel
from messages import messages
from zimg_kernel.engine.checks import check
from zimg_kernel.errors import BadInput
from zimg_kernel.models.catalog import load_catalog
from zimg_kernel.params import GenerationParams
from zimg_widgets._shared import kernel_sentences
from zimg_widgets._shared.kernel_sentences import joined, table, translated, translated_caption

_PLACE = re.compile(r"\{(\w+)\}")
_ROOMS = (
    "api", "cluster", "comfy_client", "edit", "engine", "errors", "experiments/grid",
    "experiments/rating", "files", "gallery", "images", "lora", "models", "nano/pipe",
    "nano/text", "params", "prompts", "sampling", "settings", "yaml_files",
)  # fmt: skip
_NOT_IN_PANELS = {
    "cluster/attach.py": "told before there is a panel",
    "cluster/control.py": "the command line alone",
    "cluster/place.py": "the command line alone",
    "cluster/private.py": "the command line alone",
    "cluster/resume.py": "another sentence, told again",
    "cluster/status.py": "the command line alone",
    "api.py": "calls of Python alone",
    "edit/plan.py": "calls of Python alone",
    "edit/controls/preview.py": "calls of Python alone",
    "engine/plan.py": "calls of Python alone",
    "models/convert.py": "the command line alone",
    "models/fp8_file.py": "the command line alone",
}
"""Files whose sentences reach no panel."""


def _words(node: ast.AST) -> str:
    return " ".join(
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


@pytest.fixture(scope="module")
def sources() -> str:
    folder = Path(zimg_kernel.__file__).parent
    ours = [_words(ast.parse(p.read_text("utf-8"))) for p in folder.rglob("*.py")]
    theirs = [error["message_template_python"] for error in list_all_errors()]
    return "\n".join([*ours, *(words[:1].lower() + words[1:] for words in theirs)])


def test_no_sentence_is_translated_twice() -> None:
    file = Path(kernel_sentences.__file__).with_name("kernel_sentences_zh.yaml")
    sentences = [line.partition('": ')[0] for line in file.read_text("utf-8").splitlines()]
    named = [sentence for sentence in sentences if sentence.startswith('"')]
    assert [sentence for sentence in named if named.count(sentence) > 1] == []


@pytest.mark.parametrize("english", table())
def test_each_translation_is_of_a_sentence_in_the_source(english: str, sources: str) -> None:
    for words in _PLACE.split(english)[::2]:
        for sentence in re.split(r"(?<=[;,:]) ", words):
            assert sentence.strip(" ();:.,") in sources


def _filled(template: str) -> str:
    """Return a message with a mark for each of its values, whose braces may hold others."""
    text, depth, count = "", 0, 0
    for sign in template:
        count += sign == "{" and not depth
        text += f"<{count}>" if sign == "{" and not depth else "" if depth else sign
        depth += (sign == "{") - (sign == "}")
    return text


def _reaching_panels() -> dict[str, str]:
    found = {}
    for message in messages():
        place, _, _ = message.place.removeprefix("zimg_kernel/").partition(":")
        text = _filled(message.text)
        reaches = place.startswith(_ROOMS) and place not in _NOT_IN_PANELS
        # The enhancer catches the former, and Python prints the latter.
        elsewhere = message.kind in ("CandidateRefused", "ZimgWarning")
        if reaches and not elsewhere and re.search(r"[a-z]{2}", text):
            found[text] = message.place
    return found


@pytest.mark.parametrize("english", _reaching_panels())
def test_each_sentence_that_reaches_a_panel_has_its_chinese(english: str) -> None:
    said = translated(english, "zh")
    assert re.search("[\u4e00-\u9fff]", _PLACE.sub("", said)), _reaching_panels()[english]
    assert not re.search(r"\b[a-z]+ [a-z]+ [a-z]+ ", said), "a part of it is left in English"


_NOTED = (
    "edit/*.py", "engine/checks.py", "engine/queue_record.py", "engine/local.py",
    "images/readers/*.py", "images/reading.py", "lora/checks.py", "lora/apply.py",
    "nano/text/messages.py", "prompts/templating/grammar.py",
)  # fmt: skip
"""Files whose notes and warnings reach panels, beside their refusals."""


def _notes() -> dict[str, str]:
    """Return whole sentences of those files that are no docstrings, with marks for values."""
    folder, found = Path(zimg_kernel.__file__).parent, {}
    for path in (path for pattern in _NOTED for path in sorted(folder.glob(pattern))):
        skipped: set[int] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if docstring or isinstance(node, ast.JoinedStr | ast.Raise):
                skipped |= {id(part) for part in ast.walk(node)} - {id(node)}
            if id(node) in skipped or not isinstance(node, ast.Constant | ast.JoinedStr):
                continue
            parts = node.values if isinstance(node, ast.JoinedStr) else [node]
            texts = (str(p.value) if isinstance(p, ast.Constant) else "<1>" for p in parts)
            text = "".join(texts)
            if re.fullmatch(r"[A-Z<][^\n]*[a-z]{3}[^\n]* [^\n]* [^\n]*\.", text):
                found[text] = path.name
    return found


def test_each_note_that_reaches_a_panel_has_its_chinese() -> None:
    notes = _notes()
    assert len(notes) > 25
    # Of these the table has each form that their parts can take.
    parted = re.compile("<1>(;| can:)|The LoRA <1> <1>|Its signs have capitals")
    whole = [text for text in notes if not parted.match(text)]
    english = [text for text in whole if not re.search("[\u4e00-\u9fff]", translated(text, "zh"))]
    assert english == []


def test_the_files_without_sentences_for_panels_exist() -> None:
    folder = Path(zimg_kernel.__file__).parent
    assert [name for name in _NOT_IN_PANELS if not (folder / name).is_file()] == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        (
            "The model z in /m is incomplete (vae/config.json is absent); mend it with: "
            "zimg pull z.",
            "/m 中的模型 z 有问题（不完整：缺少 vae/config.json）；请在终端运行以下命令修复："
            "zimg pull z。",
        ),
        (
            "steps cannot be 'x': input should be a valid integer, unable to parse string as an "
            "integer. Guidance must lie between 0 and 20, not 40.",
            "steps 不能是 'x'：应为整数。引导强度 必须在 0 到 20 之间，不能是 40。",
        ),
        (
            "The LoRA a cannot be used. It does not fit z. It is made for Flux; of its layers, "
            "the model lacks 3 (x, y, … (3 in all)).",
            "LoRA a 无法使用。它与 z 不匹配。它适用于 Flux；其中的层：模型缺少 3 层"
            "（x, y, … (3 in all)）。",
        ),
        (
            "z could not be downloaded because the disk is full; make room and run again: "
            "zimg pull z (what has arrived is kept)",
            "z 下载失败：磁盘已满；请腾出空间，然后再次运行：zimg pull z（已下载的部分会保留）",
        ),
        (
            "512x512 did not fit into the memory of cuda; it has been freed, and 256x256 should "
            "fit.",
            "cuda 放不下 512x512，内存已释放；256x256 应该可以。",
        ),
        (
            "Something of an old record. There is no file a.png.",
            "Something of an old record. 没有文件 a.png。",
        ),
    ],
)
def test_parts_and_several_sentences_are_translated(
    english: str, chinese: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name)  # zimg is on the PATH
    assert translated(english, "zh") == chinese


@pytest.mark.parametrize("english", table())
def test_each_translation_keeps_to_the_values_of_its_sentence(english: str) -> None:
    assert set(_PLACE.findall(table()[english])) <= set(_PLACE.findall(english))
    names = _PLACE.findall(english)
    assert len(names) == len(set(names))


def test_values_stay_and_those_that_are_sentences_are_translated() -> None:
    said = translated("There is no parameter called step: did you mean steps?", "zh")
    assert said == "没有名为 step 的参数：是否想用 steps？"
    assert translated("There is no parameter called step: x", "en").endswith("x")
    assert translated("a note of an old record", "zh") == "a note of an old record"


def test_the_kernel_s_own_refusal_and_remarks_are_told_in_chinese() -> None:
    with pytest.raises(BadInput) as caught:
        GenerationParams(prompt=" ")
    assert translated(caught.value, "zh").startswith("提示词为空")
    card = load_catalog()["nano-turbo"]
    with pytest.raises(BadInput) as caught:
        check(GenerationParams(prompt="a photo of a xylophone player"), card)
    assert "微型模型" in translated(caught.value, "zh")
    remarks = check(GenerationParams(prompt="a red circle", negative_prompt="blue"), card).warnings
    assert joined(remarks, "zh").startswith("反向提示词不起作用")


def test_captions_name_steps_and_seed_in_chinese() -> None:
    caption = "nano-turbo · 256×256 · 8 steps · guidance 2.5 · seed 4 · 2.48 s"
    assert translated_caption(caption, "zh") == (
        "nano-turbo · 256×256 · 8 步 · 引导 2.5 · 种子 4 · 2.48 s"
    )
    assert translated_caption(caption, "en") == caption
