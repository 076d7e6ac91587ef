"""The grid of pictures: what it keeps, what it sends, and what stays in a notebook."""

from __future__ import annotations

import io
import threading
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from refusals import refused
from zimg_kernel import GeneratedImage, GenerationParams
from zimg_widgets import GridView

RED = Image.new("RGB", (640, 320), "red")


def drawn(**params: Any) -> GeneratedImage:
    return GeneratedImage(RED, GenerationParams(prompt="a <red> box", **params))


def noise(seed: int, side: int = 512) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 255, (side, side, 3), "uint8")
    return Image.fromarray(values)


class SentMessages:
    """Recorder of the messages that a grid sends."""

    def __init__(self, grid: GridView, monkeypatch: pytest.MonkeyPatch) -> None:
        self.grid = grid
        self.messages: list[tuple[dict[str, Any], list[bytes]]] = []
        monkeypatch.setattr(
            grid, "send", lambda content, buffers=None: self.messages.append((content, buffers))
        )

    def answer_to(self, **content: Any) -> list[tuple[dict[str, Any], list[bytes]]]:
        self.messages.clear()
        self.grid._handle_custom_msg(content, [])
        return self.messages


@pytest.fixture
def grid() -> GridView:
    return GridView([1, 2.5], ["a", "b", "c"], x_label="word", y_label="scale", language="en")


def test_headings_are_words_and_state_holds_no_pictures(grid: GridView) -> None:
    grid.put(0, 0, noise(1))
    state = grid.get_state()
    assert (state["rows"], state["columns"], state["layers"]) == (
        ("1", "2.5"), ("a", "b", "c"), ("",),
    )  # fmt: skip
    assert len(repr({k: v for k, v in state.items() if k not in ("_esm", "_css")})) < 4000


def test_a_cell_is_one_message_with_a_small_jpeg(
    grid: GridView, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = SentMessages(grid, monkeypatch)
    grid.put(1, 2, drawn(seed=7), "seed 7")
    grid.fail(0, 0, "The memory was too small.")
    (cell, (jpeg,)), (failed, (nothing,)) = sent.messages
    assert (cell["at"], cell["caption"], cell["title"]) == ((0, 1, 2), "seed 7", "a <red> box")
    with Image.open(io.BytesIO(jpeg)) as image:
        assert (image.format, image.size) == ("JPEG", (256, 128))
    assert (failed["failure"], nothing) == ("The memory was too small.", b"")
    assert cell["serial"] < failed["serial"]
    assert grid.progress == (2, 6)
    grid.put(0, 0, RED)  # after all
    assert grid.progress == (2, 6)
    assert sent.messages[-1][0]["failure"] == ""


def test_a_page_that_comes_later_asks_for_what_it_shows(
    grid: GridView, monkeypatch: pytest.MonkeyPatch
) -> None:
    for column in range(3):
        grid.put(0, column, RED)
    grid.fail(1, 0, "no")
    sent = SentMessages(grid, monkeypatch)
    ((known, _),) = sent.answer_to(kind="hello")
    assert known["cells"] == [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 1, 0)]
    assert known["failed"] == [(0, 1, 0)]
    replies = sent.answer_to(kind="ask", cells=[[0, 0, 1], [0, 1, 2]])
    assert [content["at"] for content, _ in replies] == [(0, 0, 1)]
    assert sent.answer_to(kind="ask", cells=[[0, 0, 0]] * 900) == sent.messages[:200]
    assert sent.answer_to(kind="nonsense") == []


def test_a_cell_opens_large_with_its_parameters(
    grid: GridView, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    saved = drawn(seed=9, steps=4)
    saved.save(tmp_path / "nine.png")
    RED.save(tmp_path / "plain.png")
    sources = [drawn(seed=7), saved, tmp_path / "nine.png", tmp_path / "plain.png", RED]
    for number, source in enumerate(sources):
        grid.put(*divmod(number, 3), source)
    sent = SentMessages(grid, monkeypatch)
    found = []
    for number in range(len(sources)):
        ((reply, (jpeg,)),) = sent.answer_to(kind="open", at=[0, *divmod(number, 3)])
        with Image.open(io.BytesIO(jpeg)) as image:
            assert image.size == (640, 320)
        assert reply["problem"] == ""
        found.append(dict(reply["details"]))
    assert (found[0]["seed"], found[0]["prompt"]) == ("7", "a <red> box")
    assert "schema_version" not in found[0]
    assert found[1] == found[2]
    assert (found[1]["steps"], found[1]["path"]) == ("4", str(tmp_path / "nine.png"))
    assert found[3] == {"path": str(tmp_path / "plain.png")}
    assert found[4] == {}
    assert sent.answer_to(kind="open", at=[0, 1, 2]) == []

    (tmp_path / "nine.png").unlink()
    ((reply, (jpeg,)),) = sent.answer_to(kind="open", at=[0, 0, 1])
    assert "There is no file" in reply["problem"]
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.size == (256, 128)  # the thumbnail at least


@pytest.mark.parametrize(
    ("place", "field"),
    [((2, 0), "row"), ((0, -1), "column"), (("a", 0), "row"), ((True, 0), "row")],
)
def test_a_cell_that_is_not_there_is_refused(grid: GridView, place: Any, field: str) -> None:
    for fill in (lambda: grid.put(*place, RED), lambda: grid.fail(*place, "no")):
        with refused("unknown-cell", field):
            fill()
    with refused("unknown-cell", "layer"):
        grid.put(0, 0, RED, layer=1)
    assert grid.progress == (0, 6)


def test_what_is_no_picture_or_no_heading_is_refused(grid: GridView) -> None:
    with refused("not-a-picture", "image"):
        grid.put(0, 0, 3)  # type: ignore[arg-type]
    assert grid.progress == (0, 6)
    for rows in ([], "abc"):
        with refused("no-headings", "rows"):
            GridView(rows, ["a"])
    with refused("no-headings", "layers"):
        GridView(["a"], ["a"], layers=[])


def test_many_threads_fill_it(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = GridView(range(4), range(25))
    sent = SentMessages(grid, monkeypatch)
    complete = []
    monkeypatch.setattr(grid, "update_static_html", lambda: complete.append(grid.progress))

    def fill(row: int) -> None:
        for column in range(25):
            grid.put(row, column, Image.new("RGB", (8, 8), (row, column, 0)))

    threads = [threading.Thread(target=fill, args=(row,)) for row in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert grid.progress == (100, 100)
    assert sorted(content["serial"] for content, _ in sent.messages) == list(range(1, 101))
    assert complete == [(100, 100)]


class Tags(HTMLParser):
    """The tags of a piece of HTML with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_still_form_of_50_noisy_pictures_is_a_small_table() -> None:
    grid = GridView(range(5), range(10), title="Noise & more")
    for number in range(50):
        grid.put(*divmod(number, 10), noise(number), f"<{number}>")
    still = grid.to_static_html()
    assert len(still) < 800_000
    tags = Tags(still)
    assert len(tags.all("img")) == 50
    assert [th["scope"] for th in tags.all("th")].count("col") == 10
    assert [th["scope"] for th in tags.all("th")].count("row") == 5
    assert "<caption" in still
    assert "Noise &amp; more" in still
    assert "&lt;49&gt;" in still
    assert "<script" not in still
    assert grid.to_static_html() == (grid._repr_mimebundle_() or [{}])[0]["text/html"]


def test_the_still_form_of_thousands_is_small_and_says_what_it_leaves_out() -> None:
    grid = GridView(range(20), range(50), language="en")
    picture = noise(0, 256)
    for number in range(1000):
        grid.put(*divmod(number, 50), picture)
    still = grid.to_static_html()
    assert len(still) < 1_000_000
    kept = len(Tags(still).all("img"))
    assert 100 < kept < 1000
    assert f"{kept} of 1000 pictures are kept" in still


def test_layers_and_failures_are_in_the_still_form() -> None:
    grid = GridView(["r"], ["c"], layers=["dawn", "dusk"], z_label="time", language="zh")
    grid.put(0, 0, drawn(), layer=1)
    grid.fail(0, 0, "显存不足。")
    still = grid.to_static_html()
    assert len(Tags(still).all("table")) == 2
    assert "time dawn" in still
    assert "显存不足。" in still
    (image,) = Tags(still).all("img")
    assert image["alt"] == "a <red> box"


def test_words_are_in_two_languages() -> None:
    assert GridView([1], [1], language="zh").labels["close"] == "关闭"
    assert all(all(pair) for pair in GridView.LABELS.values())
