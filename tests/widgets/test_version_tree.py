"""The tree of versions from the kernel's side: rows, opening, comparing, going on, growing."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from families import Maker
from refusals import refused
from zimg_kernel import Gallery, GeneratedImage
from zimg_kernel.images.pixels import digest
from zimg_widgets import GalleryView, VersionTree


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path / "gallery")


class Page:
    """Stand-in for a page: records the messages of a tree, and sends it messages."""

    def __init__(self, tree: VersionTree) -> None:
        self.tree = tree
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        tree.panel.send = self._record

    def _record(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        if content["kind"] != "live":
            self.sent.append((content, buffers or []))

    def send(self, kind: str, **content: Any) -> None:
        self.tree.panel._handle_custom_msg({"kind": kind, "page": "p", **content}, [])

    def row(self, prompt: str) -> dict[str, Any]:
        found: dict[str, Any] = next(r for r in self.tree.panel.rows if prompt in r["label"])
        return found

    def press(self, kind: str, prompt: str) -> str:
        self.send(kind, id=self.row(prompt)["id"])
        return str(self.tree.panel.notice["text"])


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert condition()


def test_open_compare_and_continue(gallery: Gallery) -> None:
    maker = Maker(gallery)
    first = maker.new("red", "first")
    second = maker.edit(first, "blue", "instruct", "second")
    third = maker.edit(second, "green", "vary", "third", strength=0.3)
    opened: list[Any] = []
    pairs: list[Any] = []
    tree = VersionTree(
        third, gallery, language="en", on_open=opened.append,
        on_compare=lambda *pair: pairs.append(pair),
    )  # fmt: skip
    page = Page(tree)
    assert [row["label"] for row in tree.panel.rows] == [
        "drawn: first", "by words: second", "varied (amount 0.3)",
    ]  # fmt: skip
    assert tree.chosen is tree.family.current
    assert tree.panel.actions == {"continue": False}

    assert page.press("open", "second") == "Opened: by words: second"
    assert opened[0].params == second.params
    content, (file,) = page.sent[-1]
    assert (content["kind"], content["mime"]) == ("large", "image/png")
    assert digest(Image.open(io.BytesIO(file))) == digest(second.image)
    assert tree.panel.below == "large"

    page.press("compare", "varied")
    assert tree.panel.below == "compare"
    assert tree.comparison in tree.children
    assert tree.comparison.captions == ("by words: second", "varied (amount 0.3)")
    assert [picture.params.prompt for picture in pairs[-1]] == ["second", "third"]
    tree.mark(tree.family.root)
    page.press("compare", "varied")
    assert [picture.params.prompt for picture in pairs[-1]] == ["first", "third"]
    assert len(tree.children) == 2
    tree.mark(None)
    assert "Nothing to compare with" in page.press("compare", "first")

    going: list[Any] = []
    tree.on_continue(going.append)
    assert tree.panel.actions == {"continue": True}
    assert page.press("continue", "second") == "Goes on from: by words: second"
    assert isinstance(going[0], GeneratedImage)
    page.send("hide")
    assert (tree.panel.below, tree.children, tree.comparison) == ("", (tree.panel,), None)
    tree.close()


def test_it_follows_the_gallery(gallery: Gallery) -> None:
    maker = Maker(gallery)
    first = maker.new("red", "first")
    tree = VersionTree(first.path, gallery, language="zh")
    page = Page(tree)
    assert tree.panel.rows[0]["label"] == "生成：first"
    page.send("watching", watching=True)
    second = maker.edit(first, "blue", "instruct", "second")
    wait_for(lambda: len(tree.panel.rows) == 2)
    page.send("small", ids=[row["id"] for row in tree.panel.rows])
    wait_for(lambda: sum(content["kind"] == "small" for content, _ in page.sent) == 2)
    gallery.trash([first.path or "", second.path or ""])
    tree.refresh()
    assert not tree.panel.rows[0]["there"]
    assert "不存在" in page.press("open", "first")
    assert tree.panel.notice["error"]
    page.send("watching", watching=False)
    assert tree.to_static_html().count("<img") == 1
    tree.close()


def test_a_picture_from_elsewhere_opens_without_parameters(
    gallery: Gallery, tmp_path: Path
) -> None:
    Image.new("RGB", (40, 30), "gold").save(tmp_path / "holiday.jpg")
    made = Maker(gallery).edit(tmp_path / "holiday.jpg", "blue", "img2img", "x", strength=0.5)
    tree = VersionTree(made, gallery.folder, language="en")
    page = Page(tree)
    assert page.row("holiday.jpg")["detail"] == "40×30"
    page.press("open", "holiday.jpg")
    assert isinstance(tree.show_large(tree.family.root), Image.Image)
    page.press("compare", "drawn again")
    assert tree.comparison is not None
    assert tree.comparison.before.size == (40, 30)
    with refused("file-missing"):
        tree.show(tmp_path / "nowhere.png")
    bundle = tree._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/html"].count("<img") == 2
    assert "application/vnd.jupyter.widget-view+json" in data
    tree.close()


def test_the_gallery_answers_about_versions(gallery: Gallery, tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), "gold").save(tmp_path / "holiday.jpg")
    maker = Maker(gallery)
    first = maker.edit(tmp_path / "holiday.jpg", "blue", "img2img", "first", strength=0.5)
    second = maker.edit(first, "red", "instruct", "second")
    assert second.path is not None
    view = GalleryView(gallery, language="en")
    sent: list[dict[str, Any]] = []
    view.send = lambda content, buffers=None: sent.append(content)
    say = lambda **content: view._handle_custom_msg({"page": "p", **content}, [])  # noqa: E731
    view.search("first")
    name = second.path.relative_to(gallery.folder).as_posix()
    say(kind="versions", name=name)
    rows = sent[-1]["rows"]
    assert [row["current"] for row in rows] == [False, False, True]
    say(kind="open_version", id=rows[2]["id"], ask=1)
    # It is not in the list, which shows another search.
    assert (sent[-1]["name"], sent[-1]["at"], sent[-1]["family"]) == (name, None, True)
    say(kind="open_version", id=rows[1]["id"], ask=2)
    assert sent[-1]["at"] == 0
    say(kind="open_version", id=rows[0]["id"], ask=3)
    assert view.notice["text"] == "This version is not in the gallery."
    view.close()


def test_what_a_notebook_saves_of_it_tells_nothing_of_the_pictures(gallery: Gallery) -> None:
    maker = Maker(gallery)
    first = maker.new("red", "first zebra")
    maker.edit(first, "blue", "instruct", "second zebra")
    tree = VersionTree(first, gallery, language="en")
    tree.show_large(tree.family.current)
    assert "zebra" in tree.panel.notice["text"]
    assert "zebra" in repr(tree.panel.rows)
    assert "zebra" not in repr(tree.panel.get_state())
    tree.close()
