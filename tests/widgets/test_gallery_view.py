"""The gallery's view from the kernel's side: lists, thumbnails, actions, dropped files, stills."""

from __future__ import annotations

import base64
import io
import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from foreign_files import png, turbo
from refusals import refused
from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_kernel.images.thumbnails import placeholder
from zimg_widgets import GalleryView, SettingsDrop
from zimg_widgets._shared.page_feed import Feed, Watch, difference
from zimg_widgets.gallery.labels import LABELS, facts


class Page(GalleryView):
    """A view that keeps what it sends to the browser."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        super().__init__(*args, language="en", **kwargs)

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.sent.append((content, buffers or []))

    def hear(self, kind: str, *buffers: bytes, **content: Any) -> None:
        """Deliver what the browser would send."""
        self._handle_custom_msg({"kind": kind, **content}, list(buffers))

    def ask(self, *places: int, page: str = "p") -> None:
        self.hear("range", page=page, number=self.found["number"], want=list(places))

    def thumbs(self) -> dict[int, tuple[dict[str, Any], bytes]]:
        return {
            item["at"]: (item, jpeg)
            for content, buffers in list(self.sent)
            if content["kind"] == "thumbs"
            for item, jpeg in zip(content["items"], buffers, strict=True)
        }


def make(prompt: str, seed: int = 1, model: str = "nano-turbo", minutes: int = 0) -> GeneratedImage:
    params = GenerationParams(prompt=prompt, seed=seed, model=model, steps=8, width=64, height=48)
    created = datetime(2026, 11, 20, 12, tzinfo=UTC) + timedelta(minutes=minutes)
    image = Image.new("RGB", (64, 48), (40 * seed % 256, 90, 160))
    return GeneratedImage(image=image, params=params, created=created)


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    gallery = Gallery(tmp_path / "gallery")
    for i in range(6):
        gallery.add(make(f"picture {i}", i, "nano-turbo" if i % 2 else "z-image", minutes=i))
    return gallery


@pytest.fixture
def view(gallery: Gallery) -> Iterator[Page]:
    view = Page(gallery)
    yield view
    view.close()


def test_it_begins_with_everything_newest_first(view: Page, gallery: Gallery) -> None:
    assert (view.found["count"], view.found["total"], view.found["fresh"]) == (6, 6, True)
    assert view.choices["models"] == [["nano-turbo", 3], ["z-image", 3]]
    assert sum(count for _, count in view.choices["days"]) == 6
    view.ask(0, 5)
    wait_for(lambda: len(view.thumbs()) == 2)
    assert {at: item["prompt"] for at, (item, _) in view.thumbs().items()} == {
        0: "picture 5",
        5: "picture 0",
    }
    with Image.open(io.BytesIO(view.thumbs()[0][1])) as image:
        assert (image.format, image.size) == ("JPEG", (64, 48))


def test_it_takes_a_folder_or_the_usual_gallery(gallery: Gallery, own_home: Path) -> None:
    assert GalleryView(gallery.folder).found["count"] == 6
    assert GalleryView(str(gallery.folder)).gallery.folder == gallery.folder
    usual = GalleryView()
    assert usual.gallery.folder == own_home / "gallery"
    assert usual.found["count"] == 0
    assert not own_home.exists()


def test_search_and_filters_make_a_fresh_list(view: Page) -> None:
    number = view.found["number"]
    view.query = {"text": "picture", "model": "z-image", "day": None}  # as the page does
    found = view.found
    assert (found["count"], found["total"], found["number"]) == (3, 6, number + 1)
    view.search("5")
    assert view.found["count"] == 1
    view.search(day=datetime.fromisoformat(view.choices["days"][0][0]).date())
    assert view.found["count"] == view.choices["days"][0][1]
    with refused("invalid-value", "day"):
        view.search(day="yesterday")
    view.search()
    assert (view.found["count"], view.found["fresh"]) == (6, True)


def test_requests_of_an_earlier_list_are_passed_over(view: Page) -> None:
    old = view.found["number"]
    view.search("picture 3")
    view.hear("range", page="p", number=old, want=[0])
    view.hear("open", ask=1, number=old, at=0)
    view.hear("delete", number=old, at=0)
    view.hear("nothing known")
    view._handle_custom_msg(None, [])
    view.ask(0, 99, -1)
    wait_for(view.thumbs)
    assert [item["prompt"] for item, _ in view.thumbs().values()] == ["picture 3"]
    assert len(view.gallery) == 6


def test_new_pictures_come_in_front(view: Page, gallery: Gallery) -> None:
    gallery.add(make("new", 9, minutes=60))
    view.refresh()
    found = view.found
    assert (found["at"], found["removed"], found["inserted"], found["fresh"]) == (0, 0, 1, False)
    assert found["count"] == 7


def test_it_looks_by_itself_while_a_page_shows_it(view: Page, gallery: Gallery) -> None:
    view.hear("watching", page="p", watching=True)
    Gallery(gallery.folder).add(make("from elsewhere", 9, minutes=60))
    wait_for(lambda: view.found["count"] == 7)
    view.hear("watching", page="p", watching=False)
    wait_for(lambda: "zimg-gallery-watch" not in {t.name for t in threading.enumerate()})


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("abc", "abc", (3, 0, 0)),
        ("abc", "xyabc", (0, 0, 2)),
        ("abc", "ac", (1, 1, 0)),
        ("abc", "axc", (1, 1, 1)),
        ("", "ab", (0, 0, 2)),
        ("ab", "", (0, 2, 0)),
        ("aa", "aaa", (2, 0, 1)),
        ("abc", "xyz", (0, 3, 3)),
    ],
)
def test_difference_of_two_lists(before: str, after: str, expected: tuple[int, int, int]) -> None:
    at, removed, inserted = difference(before, after)
    assert (at, removed, inserted) == expected
    assert before[:at] + after[at : at + inserted] + before[at + removed :] == after


def test_opening_sends_the_file_as_it_is(view: Page, gallery: Gallery) -> None:
    entry = gallery.search()[1]
    view.hear("open", ask=7, number=view.found["number"], at=1)
    answer, (file,) = view.sent[-1]
    assert file == entry.path.read_bytes()
    assert (answer["ask"], answer["file"], answer["mime"]) == (7, entry.path.name, "image/png")
    facts = dict(answer["facts"])
    assert (facts["Prompt"], facts["Seed"], facts["Size"]) == ("picture 4", "4", "64×48")
    assert GenerationParams.from_json(answer["json"]) == entry.open().params


def test_what_could_not_be_taken_over_is_told(tmp_path: Path) -> None:
    png(tmp_path / "gallery" / "a.png", prompt=turbo())
    gallery = Gallery(tmp_path / "gallery")
    gallery.rebuild()
    told = dict(facts(gallery.search()[0], {name: name for name in LABELS}))
    assert "res_multistep" in told["notes"]
    assert told["model"] == "z_image_turbo_bf16.safetensors"


def test_settings_and_pictures_reach_their_listeners(view: Page, gallery: Gallery) -> None:
    assert view.actions == {"use": False, "edit": False}
    used: list[GenerationParams] = []
    edited: list[GeneratedImage] = []
    view.on_use(used.append)
    view.on_edit(edited.append)
    assert view.actions == {"use": True, "edit": True}
    entry = gallery.search("picture 2")[0]
    name = entry.path.relative_to(gallery.folder).as_posix()
    view.hear("use", name=name)
    view.hear("edit", name=name)
    assert used == [entry.open().params]
    assert (edited[0].path, edited[0].params) == (entry.path, used[0])


def test_delete_and_undo(view: Page, gallery: Gallery) -> None:
    before = gallery.names()
    view.hear("delete", number=view.found["number"], at=2)
    view.hear("delete", name=before[0])
    assert gallery.names() == [before[1], *before[3:]]
    assert view.undo_bar["text"] == "Moved to the trash: picture 5"
    assert (view.found["removed"], view.found["count"]) == (1, 4)
    view.hear("undo")
    assert view.undo_bar["text"] == ""
    assert (view.found["at"], view.found["inserted"], view.found["focus"]) == (0, 1, 0)
    view.hear("undo")
    assert gallery.names() == before
    assert view.found["focus"] == 2
    view.hear("undo")  # there is nothing more
    assert view.found["focus"] == 2
    view.hear("delete", name=before[1])
    view.hear("dismiss")
    assert view.undo_bar["text"] == ""
    view.hear("undo")
    assert gallery.names() == before


def test_trouble_is_one_sentence_on_the_widget(view: Page, gallery: Gallery) -> None:
    (gallery.folder / gallery.names()[0]).unlink()
    view.hear("delete", number=view.found["number"], at=0)
    assert "not there any more" in view.notice["text"]
    assert view.notice["error"]
    assert view.found["count"] == 5
    view.hear("use", name="nowhere.png")
    assert view.notice["text"].startswith("This picture is gone")
    view.hear("delete", number=view.found["number"], at=0)
    gallery.empty_trash()
    view.hear("undo")
    assert "the trash was emptied" in view.notice["text"]
    (gallery.folder / gallery.names()[0]).unlink()
    view.hear("open", ask=1, number=view.found["number"], at=0)
    assert view.sent[-1][0]["error"].startswith("This picture is gone")


def test_a_lost_file_has_a_placeholder(view: Page, gallery: Gallery) -> None:
    (gallery.folder / gallery.names()[3]).write_bytes(b"torn")
    view.ask(3)
    wait_for(view.thumbs)
    item, jpeg = view.thumbs()[3]
    assert item["broken"]
    assert jpeg == placeholder()


def test_a_later_request_goes_first_and_the_earlier_is_dropped() -> None:
    made: list[int] = []
    block, begun = threading.Event(), threading.Event()

    def work(items: Any) -> None:
        begun.set()
        block.wait(60)
        made.extend(items)

    feed: Feed[int] = Feed(work)
    feed.ask("page", range(1000))
    begun.wait(60)
    feed.ask("other page", range(2000, 2004))
    feed.ask("page", range(3000, 3004))
    block.set()
    wait_for(lambda: len(made) >= 12)
    wait_for(lambda: "zimg-gallery-feed" not in {t.name for t in threading.enumerate()})
    assert {*range(2000, 2004), *range(3000, 3004)} <= set(made)
    assert len(made) < 40  # what had begun, but not the thousand


@pytest.mark.parametrize("odd", [{0}, {3, 17}, set(range(4, 20)) - {7, 11, 15, 19}])
def test_odd_items_stop_none_beside_them(odd: set[int]) -> None:
    made: list[int] = []

    def work(items: Any) -> None:
        if odd & {*items}:
            raise MemoryError
        made.extend(items)

    Feed(work).ask("page", range(40))
    wait_for(lambda: "zimg-gallery-feed" not in {t.name for t in threading.enumerate()})
    assert sorted(made) == [item for item in range(40) if item not in odd]


def test_a_closed_page_ends_its_feed() -> None:
    tried: list[Any] = []

    def work(items: Any) -> None:
        tried.append(items)
        raise RuntimeError("closed")

    Feed(work).ask("page", range(100_000))
    wait_for(lambda: "zimg-gallery-feed" not in {t.name for t in threading.enumerate()})
    assert len(tried) < 200


def test_watching_survives_a_failure_of_one_look() -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        raise RuntimeError("closed")

    watch = Watch(look)
    watch.seen("page")
    wait_for(lambda: looks and not watch.watched)
    wait_for(lambda: "zimg-gallery-watch" not in {t.name for t in threading.enumerate()})


def drop(widget: Any, content: bytes, name: str = "a.png", piece: int = 1000) -> None:
    """Send a file in pieces, as the browser does."""
    for at in range(0, max(1, len(content)), piece):
        message = {"kind": "file", "id": name, "name": name, "size": len(content), "at": at}
        widget._handle_custom_msg(message, [memoryview(content[at : at + piece])])


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_a_dropped_picture_gives_its_settings(view: Page, tmp_path: Path, ending: str) -> None:
    used: list[GenerationParams] = []
    small: list[GenerationParams] = []
    view.on_use(used.append)
    area = SettingsDrop(small.append, language="en")
    image = make("红色的圆", 77)
    file = image.save(tmp_path / f"a.{ending}").read_bytes()
    for widget in (view, area):
        drop(widget, file, f"a.{ending}")
        assert widget.notice["text"] == f"The settings of a.{ending} are in use."
        assert not widget.notice["error"]
    assert used == small == [image.params]


def test_another_tools_picture_is_understood() -> None:
    used: list[GenerationParams] = []
    area = SettingsDrop(language="zh")
    area.on_use(used.append)
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 123")
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, "PNG", pnginfo=info)
    drop(area, buffer.getvalue())
    assert (used[0].prompt, used[0].steps, used[0].seed) == ("a cat", 20, 123)
    assert area.notice["text"].startswith("已使用 a.png 的设置。")
    assert "Euler a" in area.notice["text"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holiday.png cannot be read as a picture"),
        (b"no picture at all", "holiday.png cannot be read as a picture"),
        (None, "holiday.png is a picture, but it carries no generation parameters."),
    ],
)
def test_what_gives_no_settings_is_one_sentence(content: bytes | None, message: str) -> None:
    area = SettingsDrop(lambda params: pytest.fail(str(params)), language="en")
    if content is None:
        buffer = io.BytesIO()
        Image.new("RGB", (64, 64)).save(buffer, "PNG")
        content = buffer.getvalue()
    drop(area, content, "holiday.png")
    assert area.notice["text"].startswith(message)
    assert area.notice["error"]
    assert area.notice["text"] in area.to_static_html()


def test_a_large_file_is_refused_and_an_overtaken_one_forgotten(tmp_path: Path) -> None:
    used: list[GenerationParams] = []
    area = SettingsDrop(used.append, language="en")
    huge = {"kind": "file", "id": "x", "name": "huge.png", "size": 64_000_001, "at": 0}
    area._handle_custom_msg(huge, [b"x"])
    assert "larger than 64 MB" in area.notice["text"]
    file = make("the second", 2).save(tmp_path / "a.png").read_bytes()
    area._handle_custom_msg({**huge, "id": "y", "size": 5000}, [b"begun"])
    drop(area, file)
    area._handle_custom_msg({**huge, "id": "y", "size": 5000, "at": 5}, [b"late"])
    assert [params.prompt for params in used] == ["the second"]


def test_words_follow_the_language(gallery: Gallery) -> None:
    chinese = GalleryView(gallery, language="zh")
    assert chinese.labels["use"] == "使用这些设置"
    assert "6 张图片" in chinese.to_static_html()
    assert SettingsDrop(language="zh").labels["choose"] == "从图片读取设置…"


def test_the_still_form_of_many_pictures_is_small_and_escaped(tmp_path: Path) -> None:
    gallery = Gallery(tmp_path / "many")
    for i in range(50):
        params = GenerationParams(prompt=f'<b>"picture" {i}</b>', seed=i, model="nano-turbo")
        noise = random.Random(i).randbytes(3 * 256 * 256)
        gallery.add(GeneratedImage(Image.frombytes("RGB", (256, 256), noise), params))
    view = GalleryView(gallery, language="en")
    still = view.to_static_html()
    assert still.count("<img alt=") == 24
    assert "24 of 50 pictures" in still
    assert '<img alt="&lt;b&gt;&quot;picture&quot; 49&lt;/b&gt;"' in still
    assert "<b>" not in still
    for found in re.findall(r"base64,([^\"]+)", still):
        content = base64.b64decode(found)
        assert len(content) <= 8000
        with Image.open(io.BytesIO(content)) as image:
            assert image.format == "JPEG"
    assert view._repr_mimebundle_()[0]["text/html"] == still
    assert len(json.dumps(view._repr_mimebundle_()[0])) < 300_000


def test_an_empty_gallery_has_a_still_form(tmp_path: Path) -> None:
    assert "no pictures here yet" in GalleryView(tmp_path / "none", language="en").to_static_html()


def test_what_a_notebook_saves_of_it_tells_nothing_of_the_pictures(view: Page) -> None:
    view.search("picture 3")
    view.hear("delete", number=view.found["number"], at=0)
    view.hear("undo")
    assert "picture 3" in view.notice["text"]
    state = repr(view.get_state())
    for word in ("picture 3", "z-image", *[day for day, _ in view.choices["days"]]):
        assert word not in state


def test_a_search_of_the_page(view: Page) -> None:
    view.hear("query", query={"text": "picture", "model": "z-image", "day": None})
    assert (view.found["count"], view.query["model"]) == (3, "z-image")
    view.hear("query", query={"text": "", "model": None, "day": "no day"})
    assert view.notice["error"]
    assert view.found["count"] == 3
