"""Lineage of pictures: stored inputs, parents and children, odd cases, its view."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from families import START, Maker
from refusals import refused
from zimg_kernel import Gallery, GalleryError, GeneratedImage
from zimg_kernel.gallery.index import Row
from zimg_kernel.gallery.lineage_view import lines
from zimg_kernel.images.pixels import digest
from zimg_kernel.images.source import load_source

COLUMNS_2 = "path, created, day, stamp, model, prompt, negative_prompt, seed, width, height, record"
VERSION_2 = """
CREATE TABLE pictures (
    path TEXT PRIMARY KEY, created TEXT NOT NULL, day TEXT NOT NULL, stamp REAL NOT NULL,
    model TEXT NOT NULL, prompt TEXT NOT NULL, negative_prompt TEXT NOT NULL, seed TEXT NOT NULL,
    width INTEGER, height INTEGER, record TEXT NOT NULL
)"""


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path / "gallery")


@pytest.fixture
def maker(gallery: Gallery) -> Maker:
    return Maker(gallery)


def prompts(family: Any) -> list[str]:
    return [version.prompt for version in family]


def shape(version: Any) -> Any:
    """The tree as nested lists of prompts."""
    return [version.prompt or version.name, *(shape(child) for child in version.children)]


# The record


def test_a_picture_tells_its_pixels_and_its_source(maker: Maker, tmp_path: Path) -> None:
    first = maker.new("red")
    second = maker.edit(first, "blue", "instruct", "把圆变成蓝色")
    record = second.record()
    assert record["pixels"] == digest(second.image)
    assert record["source"]["pixels"] == first.record()["pixels"]
    assert record["source"]["params"]["prompt"] == "一个红色的圆"
    assert first.record()["source"] is None
    for name in ("a.png", "b.webp"):
        again = GeneratedImage.open(second.save(tmp_path / name))
        assert again.source == json.loads(json.dumps(second.source))
    assert "mask" not in record


def test_transparency_survives_in_png_and_is_white_in_jpeg(maker: Maker, tmp_path: Path) -> None:
    picture = maker.new("red", add=False)
    picture.image.putalpha(0)
    again = GeneratedImage.open(picture.save(tmp_path / "a.png"))
    assert again.image.mode == "RGBA"
    assert again.record() == picture.record()
    flat = GeneratedImage.open(picture.save(tmp_path / "a.jpg"))
    assert flat.image.mode == "RGB"
    assert flat.image.getpixel((8, 8)) == (255, 255, 255)
    assert picture.preview()[:2] == b"\xff\xd8"


# What edits were given


def test_inputs_are_kept_once_and_only_if_no_picture_shows_them(
    gallery: Gallery, maker: Maker
) -> None:
    first = maker.new("red")
    outside = Image.new("RGB", (20, 10), "gold")
    mask = Image.new("L", (20, 10), 255)
    made = maker.edit(outside, "blue", "inpaint", add=False, mask=digest(mask))
    made.mask = mask
    gallery.add(made, inputs=[outside, first.image])
    kept = {path.stem for path in (gallery.folder / ".inputs").iterdir()}
    assert kept == {digest(outside), digest(mask)}
    for image in (outside, mask, first.image):
        found = gallery.input(digest(image))
        assert found is not None
        assert (found.mode, found.tobytes()) == (image.mode, image.tobytes())
    assert gallery.input("0" * 64) is None
    assert gallery.input("../index.sqlite") is None
    palette = outside.convert("P")
    assert gallery.input(gallery.keep(palette)) is not None
    assert gallery.rebuild() == len(gallery) == 2
    with refused("edit-input-not-a-picture", "paths"):
        gallery.trash(gallery.folder / ".inputs" / f"{digest(mask)}.png")
    (gallery.folder / ".inputs" / f"{digest(mask)}.png").write_bytes(b"broken")
    assert gallery.input(digest(mask)) is None


def test_inputs_that_cannot_be_kept_lose_no_picture(gallery: Gallery, maker: Maker) -> None:
    maker.new("red")
    (gallery.folder / ".inputs").write_text("in the way")
    with refused("inputs-not-written", "gallery", GalleryError):
        maker.edit(Image.new("RGB", (8, 8)), "blue", "img2img", strength=0.5)
    assert len(gallery) == 2


def test_an_index_of_the_second_version_gets_the_columns(gallery: Gallery, maker: Maker) -> None:
    first = maker.new("red")
    second = maker.edit(first, "blue", "instruct", "second")
    file = gallery.folder / "index.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("ALTER TABLE pictures RENAME TO later")
        connection.execute(VERSION_2)
        connection.execute(f"INSERT INTO pictures SELECT {COLUMNS_2} FROM later")
        connection.execute("DROP TABLE later")
        # A record of that version tells no pixels.
        connection.execute(
            "UPDATE pictures SET record = json_remove(record, '$.pixels') WHERE prompt != 'second'"
        )
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    code = "import sys; from zimg_kernel import Gallery; print(len(Gallery(sys.argv[1]).search()))"
    command = [sys.executable, "-c", code, str(gallery.folder)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate(timeout=60)[0] for process in both] == [b"2\n", b"2\n"]
    with sqlite3.connect(file) as connection:
        query = "SELECT pixels, source FROM pictures ORDER BY stamp"
        assert connection.execute(query).fetchall() == [
            (None, None),
            (digest(second.image), digest(first.image)),
        ]
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    connection.close()
    later = Gallery(gallery.folder)
    # The parent is found by its file's name and its parameters, the child by what it recorded.
    assert shape(later.family(second).root) == ["一个红色的圆", ["second"]]
    assert shape(later.family(first.path or "").root) == ["一个红色的圆", ["second"]]
    assert Gallery(gallery.folder).add(maker.new("green", add=False)).exists()


# The family


def test_a_family_from_any_of_its_pictures(gallery: Gallery, maker: Maker) -> None:
    first = maker.new("red", "first")
    second = maker.edit(first, "blue", "instruct", "second")
    third = maker.edit(second, "green", "inpaint", "third")
    other = maker.edit(first, "gold", "vary", "other", strength=0.3)
    maker.new("white", "stranger")
    whole = ["first", ["second", ["third"]], ["other"]]
    for picture in (first, second, third, other):
        entry = gallery.search(picture.params.prompt)[0]
        for given in (picture, entry, str(picture.path), entry.path.relative_to(gallery.folder)):
            family = gallery.family(given)
            assert shape(family.root) == whole
            assert family.current.path == picture.path
            assert [version.current for version in family].count(True) == 1
    family = gallery.family(third)
    assert family.current.parent is not None
    assert family.current.parent.prompt == "second"
    assert (family.current.edit or {})["kind"] == "inpaint"
    opened = family.root.open()
    assert isinstance(opened, GeneratedImage)
    assert opened.params == first.params
    assert [version.generation for version in family] == [0, 1, 2, 1]
    assert [item["parent"] for item in family.to_list()] == [None, 0, 1, 0]
    assert entry.edit is not None
    assert entry.source is not None
    alone = gallery.family(gallery.search("stranger")[0])
    assert len(alone) == 1


def test_a_picture_in_memory_or_from_elsewhere_has_a_family_too(
    gallery: Gallery, maker: Maker, tmp_path: Path
) -> None:
    first = maker.new("red", "first")
    unsaved = maker.edit(first, "blue", "instruct", "unsaved", add=False)
    family = gallery.family(unsaved)
    assert shape(family.root) == ["first", ["unsaved"]]
    assert family.current.open() is unsaved
    assert shape(gallery.family(first).root) == ["first"]
    copied = first.save(tmp_path / "copy.png")
    assert gallery.family(copied).current.path == first.path
    Image.new("RGB", (32, 32), "red").save(tmp_path / "bare.png")
    assert gallery.family(tmp_path / "bare.png").current.path == first.path
    with refused("file-missing"):
        gallery.family(tmp_path / "nowhere.png")


def test_a_source_from_elsewhere_is_the_root(
    gallery: Gallery, maker: Maker, tmp_path: Path
) -> None:
    holiday = tmp_path / "holiday.jpg"
    Image.new("RGB", (40, 30), "gold").save(holiday)
    made = [
        maker.edit(holiday, colour, "img2img", colour, strength=0.5) for colour in ("red", "blue")
    ]
    family = gallery.family(made[1])
    assert shape(family.root) == ["holiday.jpg", ["red"], ["blue"]]
    root = family.root
    assert (root.kind, root.size, root.edit) == ("original", (40, 30), None)
    opened = root.open()
    assert isinstance(opened, Image.Image)
    assert digest(opened) == load_source(holiday).digest
    assert shape(gallery.family(holiday).root) == shape(root)


def test_what_is_gone_leaves_its_place(gallery: Gallery, maker: Maker) -> None:
    first = maker.new("red", "first")
    second = maker.edit(first, "blue", "instruct", "second")
    third = maker.edit(second, "green", "instruct", "third")
    trashed = gallery.trash(second.path or "")
    family = gallery.family(third)
    assert shape(family.root) == ["first", ["second", ["third"]]]
    gone = family.current.parent
    assert gone is not None
    assert gone.kind == "gone"
    with refused("file-missing"):
        gone.open()
    assert "no longer there: second" in family.text("en")
    gallery.restore(trashed)
    gallery.trash(first.path or "")
    family = gallery.family(third)
    assert shape(family.root) == ["first", ["second", ["third"]]]
    assert [version.kind for version in family] == ["gone", "picture", "picture"]


def test_equal_pixels_make_neither_circles_nor_doubles(gallery: Gallery, maker: Maker) -> None:
    first = maker.new("red", "first")
    same = maker.edit(first, "red", "img2img", "same", strength=0.01)
    again = maker.edit(same, "red", "img2img", "again", strength=0.01)
    child = maker.edit(again, "blue", "instruct", "child")
    assert shape(gallery.family(child).root) == ["first", ["same", ["again", ["child"]]]]
    assert shape(gallery.family(first).root) == ["first", ["same", ["again", ["child"]]]]


def test_a_circle_is_cut_at_its_oldest(gallery: Gallery, maker: Maker) -> None:
    """Clocks can differ: each of these says that it was made from the next, the last younger."""
    red, blue = Image.new("RGB", (32, 32), "red"), Image.new("RGB", (32, 32), "blue")
    maker.edit(blue, "red", "instruct", "one")
    maker.edit(red, "blue", "instruct", "two")
    tail = maker.edit(blue, "green", "instruct", "tail")
    expected = ["one", ["two", ["tail"]]]
    assert [shape(gallery.family(e).root) for e in gallery.search()] == [expected] * 3
    assert shape(gallery.family(tail).root) == expected


def test_thousands_of_pictures_and_a_long_row(gallery: Gallery, maker: Maker) -> None:
    maker.new("white", "stranger")
    template = json.loads(json.dumps(maker.new("red", add=False).record()))
    name = lambda i: f"{i:064x}"  # noqa: E731
    rows = []
    for i in range(10_000):
        # The first 300 are a row; the others come three from each of those before.
        parent = i - 1 if i < 300 else 150 + (i - 300) // 3
        edit = {"kind": "instruct", "source": name(parent)} if i else None
        params = {**template["params"], "prompt": f"p{i}", "seed": i, "edit": edit}
        created = (START + timedelta(seconds=i)).isoformat()
        source = {"pixels": name(parent), "file": None, "size": None, "params": None}
        record = {**template, "params": params, "pixels": name(i), "created": created}
        rows.append(Row(f"{i}.png", {**record, "source": source if i else None}))
    gallery._index.put(rows)
    family = gallery.family("200.png")
    assert len(family) == 10_000
    assert family.root.prompt == "p0"
    assert family.current.generation == 200
    shown = lines(family, 100)
    assert len(shown) == 100
    assert any(line.version.current for line in shown)
    assert "9960" in family._repr_html_()
    assert family.text("en").endswith("… and 9500 more")


# How it shows


def test_words_of_each_kind_in_both_languages(gallery: Gallery, maker: Maker) -> None:
    first = maker.new("red", "一个红色的圆")
    small = {"area": "whole"}
    maker.edit(first, "blue", "instruct", "把圆变成蓝色")
    maker.edit(first, "green", "inpaint", "一颗红色的星星", strength=1.0, **small)
    maker.edit(first, "gold", "outpaint", "宽", right=64, top=32)
    maker.edit(first, "pink", "img2img", "雪", strength=0.6)
    maker.edit(first, "navy", "vary", strength=0.3)
    maker.edit(first, "gray", "upscale", factor=2.0)
    maker.edit(first, "black", "control", "猫", control="canny", scale=0.7)
    bare = lambda text: [row.split("  [")[0] for row in text.splitlines()]  # noqa: E731
    family = gallery.family(first)
    assert bare(family.text("en")) == [
        "drawn: 一个红色的圆",
        "├─ by words: 把圆变成蓝色",
        "├─ repainted: 一颗红色的星星",
        "├─ extended to the right +64 px, at the top +32 px: 宽",
        "├─ drawn again (strength 0.6): 雪",
        "├─ varied (amount 0.3)",
        "├─ enlarged 2×",
        "└─ by a map (canny, scale 0.7): 猫",
    ]
    assert bare(family.text("zh")) == [
        "生成：一个红色的圆",
        "├─ 按指令：把圆变成蓝色",
        "├─ 局部重绘：一颗红色的星星",
        "├─ 扩展（右 +64 像素，上 +32 像素）：宽",
        "├─ 重绘（强度 0.6）：雪",
        "├─ 变体（幅度 0.3）",
        "├─ 放大 2 倍",
        "└─ 按控制图（canny，强度 0.7）：猫",
    ]
    assert "← this one" in family.text("en").splitlines()[0]


def test_it_shows_itself_as_a_tree_of_small_pictures(gallery: Gallery, maker: Maker) -> None:
    first = maker.new("red", "<first> & “quoted”")
    second = maker.edit(first, "blue", "instruct", "second")
    shown = gallery.family(second)._repr_html_()
    assert shown.count("<img alt=") == 2
    assert 'alt="drawn: &lt;first&gt; &amp; “quoted”"' in shown
    assert shown.count("<ul") == shown.count("</ul>") == 2
    assert shown.count("<li") == shown.count("</li>") == 2
    assert "<script" not in shown


def test_only_children_stay_in_the_lane_of_their_parent(gallery: Gallery, maker: Maker) -> None:
    first = maker.new("red", "a")
    second = maker.edit(first, "blue", "instruct", "b")
    for colour, prompt in (("green", "c"), ("gold", "d")):
        maker.edit(maker.edit(second, colour, "instruct", prompt), "dark" + colour if
                   colour == "green" else "goldenrod", "instruct", prompt * 2)  # fmt: skip
    found = [
        (line.version.prompt, line.level, line.lane, line.rails, line.joint, line.leads)
        for line in lines(gallery.family(first))
    ]
    assert found == [
        ("a", 0, 0, (), "", "chain"),
        ("b", 1, 0, (), "chain", "branch"),
        ("c", 2, 1, (True,), "branch", "chain"),
        ("cc", 3, 1, (True,), "chain", ""),
        ("d", 2, 1, (False,), "branch", "chain"),
        ("dd", 3, 1, (False,), "chain", ""),
    ]


def test_the_command_prints_the_tree(
    gallery: Gallery, maker: Maker, clean_environment: dict[str, str]
) -> None:
    first = maker.new("red", "first")
    second = maker.edit(first, "blue", "instruct", "把圆变成蓝色")
    command = [sys.executable, "-m", "zimg_kernel", "gallery", "--folder", str(gallery.folder)]
    environment = {**clean_environment, "ZIMG_LANGUAGE": "zh"}

    def printed(*more: str) -> str:
        ran = subprocess.run(
            [*command, "--family", *more], env=environment, capture_output=True, text=True,
            timeout=60, encoding="utf-8",
        )  # fmt: skip
        return ran.stdout if ran.returncode == 0 else ran.stderr

    rows = printed(str(second.path)).splitlines()
    assert rows[0].startswith("生成：first")
    assert rows[1].startswith("└─ 按指令：把圆变成蓝色")
    listed = json.loads(printed(os.fspath(second.path or ""), "--json"))
    assert [item["current"] for item in listed] == [False, True]
    assert printed("nowhere.png").startswith("zimg: There is no file")


def test_a_foreign_picture_can_be_a_parent(gallery: Gallery, maker: Maker) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 123")
    gallery.folder.mkdir(parents=True)
    file = gallery.folder / "cat.png"
    Image.new("RGB", (64, 64), "tan").save(file, pnginfo=info)
    gallery.rebuild()
    child = maker.edit(file, "blue", "instruct", "a dog")
    assert shape(gallery.family(child).root) == ["a cat", ["a dog"]]
    # From the cat, too, whose record tells no pixels: they are looked at.
    assert shape(gallery.family(file).root) == ["a cat", ["a dog"]]
