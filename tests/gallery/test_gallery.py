"""The gallery: found by words, day and seed; several processes; rebuilt from files alone."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from refusals import refused
from zimg_kernel import Gallery, GalleryError, GeneratedImage, GenerationParams
from zimg_kernel.gallery.index import Row
from zimg_kernel.gallery.sqlite import open_unchanging


def make(prompt: str, seed: int = 1, model: str = "nano-turbo", **fields: object) -> GeneratedImage:
    params = GenerationParams(prompt=prompt, seed=seed, model=model, width=16, height=16)
    return GeneratedImage(image=Image.new("RGB", (16, 16), "red"), params=params, **fields)  # type: ignore[arg-type]


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    return Gallery(tmp_path / "gallery")


def test_a_picture_lies_in_the_folder_of_its_day_under_a_telling_name(gallery: Gallery) -> None:
    image = make("红色的圆", 42)
    path = gallery.add(image)
    assert path.parent.name == image.created.astimezone().date().isoformat()
    assert path.name.endswith(f"_seed42_{image.params.hash[:8]}.png")
    assert path.name.startswith(image.created.astimezone().strftime("%H%M%S-"))
    assert image.path == path
    assert path.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_search_by_words_model_day_seed_and_moment(gallery: Gallery) -> None:
    yesterday = datetime.now().astimezone() - timedelta(days=1)
    gallery.add(make("左边一个红色的圆", 1, created=yesterday))
    gallery.add(make("A Blue star", 2**64 - 1, model="z-image"))
    gallery.add(make("a red 100% star_", 3))
    prompts = lambda found: [entry.prompt for entry in found]  # noqa: E731
    assert prompts(gallery.search()) == ["a red 100% star_", "A Blue star", "左边一个红色的圆"]
    assert prompts(gallery.search("红色 左边")) == ["左边一个红色的圆"]
    assert prompts(gallery.search("STAR blue")) == ["A Blue star"]
    assert prompts(gallery.search("%")) == ["a red 100% star_"]
    assert prompts(gallery.search("r_d")) == []
    assert prompts(gallery.search(model="z-image")) == ["A Blue star"]
    assert prompts(gallery.search(seed=2**64 - 1)) == ["A Blue star"]
    assert prompts(gallery.search(day=yesterday.date())) == ["左边一个红色的圆"]
    assert prompts(gallery.search(day=yesterday.date().isoformat())) == ["左边一个红色的圆"]
    assert len(gallery.search(since=datetime.now() - timedelta(minutes=1))) == 2
    assert prompts(gallery.search(limit=1, offset=1)) == ["A Blue star"]
    with refused("invalid-value", "day"):
        gallery.search(day="yesterday")


def test_counts_names_models_and_days_come_from_the_index(gallery: Gallery) -> None:
    yesterday = datetime.now().astimezone() - timedelta(days=1)
    today = datetime.now().astimezone()
    paths = [
        gallery.add(make("一个红色的圆", 1, created=yesterday)),
        gallery.add(make("a Blue star", 2, model="z-image", created=today)),
        gallery.add(make("a red star", 3, created=today + timedelta(milliseconds=5))),
    ]
    names = [path.relative_to(gallery.folder).as_posix() for path in paths]
    assert gallery.names() == names[::-1]
    assert gallery.names("star", model="nano-turbo") == [names[2]]
    assert gallery.count() == len(gallery) == 3
    assert gallery.count("STAR") == 2
    assert gallery.count(day=yesterday.date(), model="nano-turbo") == 1
    assert gallery.models() == {"nano-turbo": 2, "z-image": 1}
    assert list(gallery.models()) == ["nano-turbo", "z-image"]
    assert list(gallery.days().items()) == [
        (today.date().isoformat(), 2),
        (yesterday.date().isoformat(), 1),
    ]
    found = gallery.entries([names[1], "not/there.png", names[0]])
    assert [entry.prompt for entry in found] == ["a Blue star", "一个红色的圆"]
    with refused("invalid-value", "day"):
        gallery.count(day="yesterday")


def test_a_page_of_many_is_found_without_the_others(gallery: Gallery) -> None:
    gallery.add(make("first"))
    record = make("x").record()
    rows = []
    for i in range(10_000):
        created = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=i)
        params = {**record["params"], "prompt": f"picture {i}", "seed": i}
        rows.append(Row(f"{i}.png", {**record, "created": created.isoformat(), "params": params}))
    gallery._index.put(rows)
    assert gallery.count() == len(gallery.names()) == 10_001
    assert gallery.count("picture 99") == sum("99" in str(i) for i in range(10_000))
    page = gallery.entries(gallery.names()[5000:5100])
    assert [entry.seed for entry in page] == list(range(5000, 4900, -1))
    assert sum(gallery.days().values()) == 10_001
    gallery.rebuild()
    assert gallery.names() == [gallery.search()[0].path.relative_to(gallery.folder).as_posix()]


def test_its_state_changes_with_every_change(gallery: Gallery) -> None:
    states = [gallery.state()]
    path = gallery.add(make("x"))
    changes = (
        lambda: gallery.add(make("y")),
        lambda: gallery.trash(path),
        lambda: gallery.add(make("z")),
        lambda: gallery.restore(gallery.trashed()),
    )
    for change in changes:
        states.append(gallery.state())
        change()
    states.append(gallery.state())
    assert len(set(states)) == len(states)
    assert Gallery(gallery.folder).state() == states[-1]


def test_an_index_of_the_first_version_goes_on(gallery: Gallery) -> None:
    gallery.add(make("x"))
    with sqlite3.connect(gallery.folder / "index.sqlite") as connection:
        connection.execute("DROP INDEX by_day")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    later = Gallery(gallery.folder)
    assert later.days() == gallery.days()
    assert len(later) == 1


def test_an_entry_opens_with_its_parameters(gallery: Gallery) -> None:
    image = make("x", 7)
    gallery.add(image)
    assert gallery.search()[0].open().params == image.params


def test_the_index_is_rebuilt_from_the_files_alone(gallery: Gallery) -> None:
    made = [make(f"picture {i}", i) for i in range(5)]
    for image in made:
        gallery.add(image)
    expected = [(entry.path, entry.record) for entry in gallery.search()]
    for file in gallery.folder.glob("index.sqlite*"):
        file.unlink()
    fresh = Gallery(gallery.folder)
    assert len(fresh) == 0
    assert fresh.rebuild() == 5
    assert [(entry.path, entry.record) for entry in fresh.search()] == expected


def test_a_damaged_index_is_put_aside_and_made_anew(gallery: Gallery) -> None:
    gallery.add(make("x"))
    for file in gallery.folder.glob("index.sqlite*"):
        file.write_bytes(b"this is no database, however long it is" * 100)
    fresh = Gallery(gallery.folder)
    assert fresh.rebuild() == 1
    assert (gallery.folder / "index.damaged").exists()


def test_a_folder_deleted_meanwhile_is_begun_anew(gallery: Gallery) -> None:
    gallery.add(make("gone"))
    shutil.rmtree(gallery.folder)
    assert list(gallery.search()) == []
    gallery.add(make("new", seed=2))
    assert [entry.seed for entry in gallery.search()] == [2]


def test_rebuild_forgets_what_is_gone_and_finds_what_came(gallery: Gallery, tmp_path: Path) -> None:
    gone = gallery.add(make("gone"))
    gallery.add(make("stays"))
    gone.unlink()
    (gallery.folder / "from a friend").mkdir()
    make("came").save(gallery.folder / "from a friend" / "a.webp")
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 123")
    Image.new("RGB", (64, 64)).save(gallery.folder / "a1111.png", pnginfo=info)
    Image.new("RGB", (64, 64)).save(gallery.folder / "holiday.png")
    assert gallery.rebuild() == 3
    assert {entry.prompt for entry in gallery.search()} == {"stays", "came", "a cat"}


def test_rebuild_clears_old_half_written_files_only(gallery: Gallery) -> None:
    path = gallery.add(make("x"))
    old, young = path.with_name(".a.png.1.part"), path.with_name(".b.png.2.part")
    for file in (old, young):
        file.write_bytes(b"half")
    two_hours_ago = time.time() - 7200
    os.utime(old, (two_hours_ago, two_hours_ago))
    assert gallery.rebuild() == 1
    assert not old.exists()
    assert young.exists()


def test_equal_names_never_overwrite(gallery: Gallery) -> None:
    moment = datetime.now(UTC)
    paths = {gallery.add(make("same", 1, created=moment)) for _ in range(3)}
    assert len(paths) == 3
    assert len(gallery.search(seed=1)) == 3


def test_processes_share_a_gallery(gallery: Gallery) -> None:
    code = (
        "import sys; from PIL import Image\n"
        "from zimg_kernel import Gallery, GeneratedImage, GenerationParams\n"
        "gallery = Gallery(sys.argv[1])\n"
        "for i in range(25):\n"
        "    p = GenerationParams(prompt=f'{sys.argv[2]} {i}', seed=i)\n"
        "    gallery.add(GeneratedImage(Image.new('RGB', (16, 16)), p))\n"
    )
    command = [sys.executable, "-c", code, str(gallery.folder)]
    running = [subprocess.Popen([*command, name]) for name in ("first", "second", "third")]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert len(gallery) == 75
    assert len(gallery.search("second")) == 25
    assert gallery.rebuild() == 75


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    image = make("x")
    with refused("not-written", kind=GalleryError):
        Gallery(tmp_path / "file" / "gallery").add(image)
    assert image.image.size == (16, 16)


def test_a_gallery_that_cannot_be_written_is_listed(gallery: Gallery) -> None:
    gallery.add(make("a red circle"))
    with open_unchanging(gallery.folder / "index.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM pictures").fetchone() == (1,)
    gallery.folder.chmod(0o555)
    try:
        if os.access(gallery.folder, os.W_OK):
            pytest.skip("root writes everywhere")
        assert len(Gallery(gallery.folder).search("circle")) == 1
        with refused("index-unusable", "gallery", GalleryError):
            Gallery(gallery.folder).rebuild()
    finally:
        gallery.folder.chmod(0o755)


def test_an_empty_gallery_is_no_error(gallery: Gallery) -> None:
    assert len(gallery) == 0
    assert list(gallery.search("x")) == []
    assert (gallery.names(), gallery.models(), gallery.days()) == ([], {}, {})
    assert (gallery.trashed(), gallery.empty_trash()) == ([], 0)
    assert gallery.rebuild() == 0
    assert not gallery.folder.exists()


def test_a_gallery_shows_itself_small_in_a_notebook(gallery: Gallery) -> None:
    for i in range(50):
        gallery.add(make(f"<picture> {i}", i))
    shown = gallery._repr_html_()
    assert shown.count("<img alt=") == 24
    assert "50 pictures" in shown
    assert "&lt;picture&gt; 49" in shown
    assert len(shown) < 300_000
    assert "and 26 more" in gallery.search()._repr_html_()


@pytest.mark.parametrize(
    ("field", "value"),
    [("text", None), ("text", 5), ("seed", "abc"), ("seed", True), ("model", 5), ("day", 5),
     ("since", "2026-11-21"), ("limit", "many"), ("offset", None)],
)  # fmt: skip
def test_filters_of_another_kind_are_refused(tmp_path: Path, field: str, value: object) -> None:
    with refused("wrong-type", field):
        Gallery(tmp_path).search(**{field: value})


def test_a_full_disk_and_a_closed_folder_are_called_so(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zimg_kernel.gallery import index, sqlite

    gallery.add(make("x"))

    @contextlib.contextmanager
    def small(file: Path) -> Iterator[sqlite3.Connection]:
        with sqlite.open_sqlite(file) as connection:
            connection.execute("PRAGMA max_page_count = 1")  # as a full disk
            yield connection

    monkeypatch.setattr(index, "open_sqlite", small)
    with refused("index-unusable", "gallery", kind=GalleryError) as caught:
        gallery._index.put([Row(f"{n}.png", make("y" * 9999).record()) for n in range(9)])
    assert "is full: make room" in str(caught.value)
    monkeypatch.setattr(sqlite, "_can_write", lambda _: False)
    assert "make it writable" in sqlite.remedy(gallery.folder / "index.sqlite", OSError())
