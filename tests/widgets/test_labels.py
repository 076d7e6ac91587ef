"""Tests of the words on the controls: a file for each control, both languages whole."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import zimg_widgets

ROOT = Path(zimg_widgets.__file__).parent
CONTROLS = sorted(str(path.parent.relative_to(ROOT)) for path in ROOT.rglob("widget.py"))
MODULES = sorted(
    str(path.relative_to(ROOT)) for path in ROOT.rglob("*.py") if path.name != "labels.py"
)


def test_there_are_controls() -> None:
    assert {"gallery", "studio", "studio/queue"} <= set(CONTROLS)


@pytest.mark.parametrize("control", [name for name in CONTROLS if name != "disclosure"])
def test_the_words_of_a_control_lie_beside_it_in_both_languages(control: str) -> None:
    labels = import_module(f"zimg_widgets.{control.replace('/', '.')}.labels").LABELS
    assert labels
    for name, (english, chinese) in labels.items():
        assert all((english, chinese)), name
        places = [sorted(re.findall(r"{(\w*)}", text)) for text in (english, chinese)]
        assert places[0] == places[1], name


@pytest.mark.parametrize("name", MODULES)
def test_no_words_of_a_control_lie_elsewhere(name: str) -> None:
    assert not re.search(r"[\u4e00-\u9fff]", (ROOT / name).read_text(encoding="utf-8"))
