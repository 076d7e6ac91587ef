"""The before/after slider without a browser: what it takes, refuses, says and leaves behind."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from refusals import refused
from zimg_kernel import BadInput, GeneratedImage, GenerationParams
from zimg_kernel.params import Edit
from zimg_widgets.before_after.extended import on_extended_canvas
from zimg_widgets.before_after.widget import Compare, Picture, compare

RED = Image.new("RGB", (64, 48), "red")
BLUE = Image.new("RGB", (64, 48), "blue")


class Tags(HTMLParser):
    """The tags of a piece of HTML with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def alts(self) -> list[str | None]:
        return [attributes.get("alt") for tag, attributes in self.tags if tag == "img"]


def drawn(prompt: str, color: str = "red") -> GeneratedImage:
    return GeneratedImage(Image.new("RGB", (64, 48), color), GenerationParams(prompt=prompt))


def first_pixel(picture: Picture) -> Any:
    return Image.open(io.BytesIO(picture.png)).getpixel((0, 0))


def refusal(*arguments: Any, **keywords: Any) -> str:
    with pytest.raises(BadInput) as caught:
        compare(*arguments, **keywords)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text
    return text


def test_it_takes_drawn_pictures_pil_pictures_and_files(tmp_path: Path) -> None:
    BLUE.save(tmp_path / "blue.png")
    widget = compare(drawn("a red box"), RED)
    assert (widget.before.alt, widget.after.alt) == ("a red box", "")
    assert widget.before == Picture(widget.after.png, (64, 48), "a red box", RED)
    for name in (tmp_path / "blue.png", str(tmp_path / "blue.png")):
        assert first_pixel(compare(RED, name).after) == (0, 0, 255)


def test_pictures_travel_as_bytes_not_as_text() -> None:
    state = compare(RED, BLUE).get_state()
    assert set(state["before"]) == {"png", "size", "alt"}
    assert isinstance(state["before"]["png"], bytes)
    assert state["before"]["png"].startswith(b"\x89PNG")


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "F"])
def test_every_pil_mode_becomes_rgb(mode: str) -> None:
    picture = compare(Image.new(mode, (8, 8)), RED).before
    assert Image.open(io.BytesIO(picture.png)).mode == "RGB"


def test_transparent_is_white_and_photos_stand_upright(tmp_path: Path) -> None:
    assert first_pixel(compare(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), RED).before) == (255,) * 3
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the camera turned by 90 degrees
    RED.save(tmp_path / "photo.jpg", exif=exif)
    assert compare(tmp_path / "photo.jpg", RED).before.size == (48, 64)


def test_a_wrong_type_is_refused_in_one_sentence() -> None:
    assert "before must be a picture (a GeneratedImage," in refusal(3, RED)
    assert "not NoneType." in refusal(RED, None)
    assert "choose one picture, such as pictures[0]" in refusal(RED, [RED, BLUE])
    assert "has no pixels (0×4)" in refusal(Image.new("RGB", (0, 4)), RED)


def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(tmp_path: Path) -> None:
    assert "There is no file" in refusal(tmp_path / "none.png", RED)
    assert "is a folder" in refusal(RED, tmp_path)
    (tmp_path / "words.png").write_text("no picture")
    assert "words.png cannot be read as a picture" in refusal(RED, tmp_path / "words.png")
    RED.resize((640, 480)).save(tmp_path / "cut.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "cut.png").read_bytes()[:200])
    assert "cut.png cannot be read as a picture" in refusal(tmp_path / "cut.png", RED)
    assert "after cannot be read" in refusal(RED, Image.open(tmp_path / "cut.png"))


@pytest.mark.parametrize("captions", ["ab", ("one",), ("a", "b", "c"), (1, 2)])
def test_captions_that_are_not_two_texts_are_refused(captions: Any) -> None:
    assert 'such as ("Turbo", "base")' in refusal(RED, BLUE, captions=captions)


@pytest.mark.parametrize(
    ("wanted", "kept"), [(-3, 0), (0, 0), (12.5, 12.5), (100, 100), (1e9, 100)]
)
def test_the_position_is_clamped(wanted: float, kept: float) -> None:
    assert compare(RED, BLUE, position=wanted).position == kept
    widget = compare(RED, BLUE)
    assert widget.position == 50
    widget.position = wanted
    assert widget.position == kept


def with_box(left: int, right: int) -> Image.Image:
    picture = RED.copy()
    picture.paste("green", (left, 10, right, 30))
    return picture


@pytest.mark.parametrize(
    ("change", "middle_or_left"),
    [((40, 60), 50), ((4, 20), 3.25), ((0, 12), 0), ((20, 60), 28.25), ((0, 64), 50)],
)
def test_it_opens_with_the_change_on_the_side_after(
    change: tuple[int, int], middle_or_left: float
) -> None:
    assert compare(RED, with_box(*change)).position == pytest.approx(middle_or_left, abs=1)
    edited = compare(RED, RED)
    assert edited.position == 50
    edited.show(RED, with_box(*change))
    edited.show_change()
    expected = 0 if change == (0, 64) else middle_or_left  # after an edit the result is seen
    assert edited.position == pytest.approx(expected, abs=1)


def test_the_noise_of_an_encoding_is_no_change(tmp_path: Path) -> None:
    picture = Image.effect_noise((256, 256), 30).convert("RGB")
    changed = picture.copy()
    changed.paste("yellow", (64, 64, 96, 96))
    changed.save(tmp_path / "changed.jpg", quality=90)
    assert compare(picture, tmp_path / "changed.jpg").position == pytest.approx(22, abs=2)


def test_an_extended_picture_is_compared_with_its_source_in_place() -> None:
    edit = Edit(kind="outpaint", source="0" * 64, left=16, bottom=8)
    params = GenerationParams(prompt="a red box", edit=edit)
    after = GeneratedImage(Image.new("RGB", (80, 56), "red"), params)
    placed = on_extended_canvas(RED, after)
    assert isinstance(placed, Image.Image)
    assert placed.size == (80, 56)
    assert [placed.getpixel(at) for at in ((15, 0), (16, 0), (79, 48))] == [
        (128, 128, 128), (255, 0, 0), (128, 128, 128),
    ]  # fmt: skip
    own = on_extended_canvas(drawn("a red box"), after)
    assert isinstance(own, GeneratedImage)
    assert own.params.prompt == "a red box"
    assert on_extended_canvas(RED.resize((64, 64)), after).size == (64, 64)  # of another source
    assert on_extended_canvas(RED, drawn("a red box")) is RED


def test_a_position_from_the_browser_is_clamped() -> None:
    widget = compare(RED, BLUE)
    widget.set_state({"position": 250})
    assert widget.position == 100


def test_captions_are_in_two_languages_or_ones_own() -> None:
    assert compare(RED, BLUE, language="en").captions == ("Before", "After")
    assert compare(RED, BLUE, language="zh").captions == ("修改前", "修改后")
    own = compare(RED, BLUE, captions=["Turbo", "base"], language="zh")
    assert own.captions == ("Turbo", "base")
    assert own.get_state()["labels"]["slider"].startswith("对比")


def test_a_picture_can_be_replaced_later(tmp_path: Path) -> None:
    widget = compare(RED, BLUE)
    widget.after = drawn("a green box", "green")
    assert (first_pixel(widget.after), widget.after.alt) == ((0, 128, 0), "a green box")
    widget.show(BLUE, RED)
    assert (first_pixel(widget.before), first_pixel(widget.after)) == ((0, 0, 255), (255, 0, 0))
    with refused("file-missing", "after"):
        widget.show(RED, tmp_path / "none.png")
    with refused("not-a-picture", "after"):
        widget.after = 3  # type: ignore[assignment]
    assert (first_pixel(widget.before), first_pixel(widget.after)) == ((0, 0, 255), (255, 0, 0))


def test_still_shows_both_pictures_with_words() -> None:
    widget = compare(drawn('a "red" <box>'), BLUE, captions=("1 < 2", "base"), language="en")
    tags = Tags(widget.to_static_html())
    assert tags.alts() == ['a "red" <box>', "base"]
    assert tags.words == ["1 < 2", "base"]


def test_still_tells_both_sizes_if_they_differ() -> None:
    small = BLUE.resize((32, 32))
    english, chinese = (
        compare(RED, small, language=name).to_static_html() for name in ("en", "zh")
    )
    assert "Before: 64×48 px. After: 32×32 px. Both are scaled to one frame." in english
    assert "修改前：64×48 像素。修改后：32×32 像素" in chinese
    assert "px" not in "".join(Tags(compare(RED, BLUE, language="en").to_static_html()).words)


@pytest.mark.parametrize("shape", [(1024, 1024), (2048, 512), (512, 2048)])
def test_still_is_small_even_for_noise(shape: tuple[int, int]) -> None:
    noise = Image.effect_noise(shape, 200).convert("RGB")
    still = compare(noise, noise.rotate(180)).to_static_html()
    assert 10_000 < len(still.encode()) < 120_000


def test_still_has_no_script_and_asks_nothing_of_the_network() -> None:
    text = "<script>alert(1)</script>"
    tags = Tags(compare(drawn(text), RED, captions=(text, text)).to_static_html())
    assert {name for name, _ in tags.tags} <= {"div", "figure", "figcaption", "img", "p"}
    for _, attributes in tags.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("src") or "data:").startswith("data:")


def test_a_notebook_stores_the_still_beside_the_widget() -> None:
    widget = compare(RED, BLUE)
    bundle = widget._repr_mimebundle_()[0]
    assert bundle["text/html"] == widget.to_static_html()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert isinstance(widget, Compare)
