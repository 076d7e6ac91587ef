"""Rating: formulas against published examples, what is kept, and by whom."""

from __future__ import annotations

import io
import math
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from refusals import refused
from zimg_kernel import GeneratedImage, GenerationParams
from zimg_kernel.experiments.rating.agreement import cohen_kappa, krippendorff_alpha
from zimg_kernel.experiments.rating.store import Ratings
from zimg_kernel.intervals import wilson_interval
from zimg_widgets.rating.items import digest
from zimg_widgets.rating.widget import RatingTask, rate


def pictures(count: int, first: int = 0) -> list[Image.Image]:
    return [Image.new("RGB", (32, 32), (40 * (first + i) % 256, 90, 160)) for i in range(count)]


def answer(task: RatingTask, value: int | str) -> None:
    task._on_message(task, {"kind": "answer", "turn": task.task["turn"], "value": value}, [])


def tell(task: RatingTask, **content: Any) -> None:
    task._on_message(task, {"turn": task.task["turn"], **content}, [])


def shown(task: RatingTask, side: str = "left") -> int:
    """Which of ``pictures()`` lies there, by its colour."""
    with Image.open(io.BytesIO(getattr(task, side))) as image:
        pixel = image.convert("RGB").getpixel((5, 5))
    assert isinstance(pixel, tuple)
    return round(pixel[0] / 40)


# Krippendorff (2011), section C: four observers, twelve units, some values missing.
OBSERVERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def observed() -> list[list[int]]:
    return [[int(v) for v in column if v != "."] for column in zip(*OBSERVERS, strict=True)]


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815)])
def test_alpha_is_that_of_the_published_example(level: Any, alpha: float) -> None:
    assert krippendorff_alpha(observed(), level) == pytest.approx(alpha, abs=0.0005)


def test_alpha_knows_its_ends() -> None:
    assert krippendorff_alpha([[1, 1], [5, 5]], "ordinal") == 1
    assert krippendorff_alpha([[1, 5], [5, 1]], "nominal") < 0
    assert math.isnan(krippendorff_alpha([[3, 3], [3]], "ordinal"))
    assert math.isnan(krippendorff_alpha([[3], [4]], "nominal"))


def test_kappa_is_that_of_the_published_example() -> None:
    # Cohen (1960), table 2: 200 cases, three categories.
    table = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
    pairs = [(a, b) for a in range(3) for b in range(3) for _ in range(table[a][b])]
    assert cohen_kappa(pairs) == pytest.approx(0.492, abs=0.0005)
    assert math.isnan(cohen_kappa([(1, 1)]))
    assert math.isnan(cohen_kappa([]))


def test_stars_are_counted_by_picture(tmp_path: Path) -> None:
    given: Mapping[str, list[int]] = {"Ann": [1, 3, 5], "Ben": [2, 3, 5]}
    for rater, stars in given.items():
        task = rate(pictures(3), rater, path=tmp_path / "r.sqlite")
        for _ in stars:
            answer(task, stars[shown(task)])
        assert task.task["phase"] == "done"
    results = task.results
    assert [row["picture"] for row in results.rows] == ["1", "2", "3"]
    assert [row["mean"] for row in results.rows] == [1.5, 3, 5]
    assert results.rows[0]["sd"] == pytest.approx(0.7071, abs=1e-4)
    assert (results.rows[0]["low"], results.rows[2]["high"]) == (1, 5)
    assert results.raters == ["Ann", "Ben"]
    assert results.alpha == pytest.approx(
        krippendorff_alpha(list(zip(*given.values(), strict=True)), "ordinal")
    )
    assert results.kappa == pytest.approx(cohen_kappa([(1, 2), (3, 3), (5, 5)]))
    assert task.progress == {"Ann": 3, "Ben": 3}


def test_wins_are_counted_by_group_whatever_the_sides(tmp_path: Path) -> None:
    groups = {"new": pictures(8, first=1)[::2], "old": pictures(8, first=1)[1::2]}
    sides = set()
    for rater in ("Ann", "Ben", "Eve"):
        task = rate(groups, rater, kind="pairs", path=tmp_path / "r.sqlite")
        new = {hash_of(image) for image in groups["new"]}
        for number in range(4):
            assert task._item is not None
            first_is_new = task._item.key.split("-")[0] in new
            left_is_new = first_is_new != task._swapped(task._item)
            sides.add(left_is_new)
            answer(task, "tie" if number == 0 else "left" if left_is_new else "right")
    assert sides == {True, False}
    new_row, old_row = task.results.rows
    assert (new_row["picture"], old_row["picture"]) == ("new", "old")
    assert (new_row["wins"], new_row["ties"], new_row["losses"]) == (9, 3, 0)
    assert (old_row["wins"], old_row["ties"], old_row["losses"]) == (0, 3, 9)
    assert new_row["win_rate"] == 1
    assert (new_row["low"], new_row["high"]) == wilson_interval(9, 9)
    assert {a.value for a in task.results.answers} == {0, 1}


def hash_of(image: Image.Image) -> str:
    return digest(image, "image")


def test_each_is_compared_with_each_or_pair_by_pair(tmp_path: Path) -> None:
    one = rate(pictures(4), "Ann", kind="pairs", path=tmp_path / "r.sqlite")
    assert one.task["total"] == 6
    two = rate(list(zip(pictures(2), pictures(2, 3), strict=True)), "Ann", "pairs", name="b")
    assert two.task["total"] == 2
    assert [row["picture"] for row in two.results.rows] == ["A", "B"]


def test_a_rater_goes_on_where_he_was(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "r.sqlite"
    task = rate(pictures(3), "Ann", path=file)
    seen = [shown(task)]
    answer(task, 4)
    again = rate(pictures(3), "Ann", path=file)
    assert again.task["done"] == 1
    for _ in range(2):
        seen.append(shown(again))
        answer(again, 2)
    assert sorted(seen) == [0, 1, 2]
    more = rate(pictures(4), "Ann", path=file)
    assert (more.task["done"], more.task["total"], shown(more)) == (3, 4, 3)
    assert rate(pictures(3), "Ben", path=file).task["done"] == 0
    assert rate(pictures(3), "Ann", name="other", path=file).task["done"] == 0


def test_the_same_picture_is_known_from_a_file_and_from_memory(tmp_path: Path) -> None:
    params = GenerationParams(prompt="a secret", seed=1)
    made = GeneratedImage(pictures(1)[0], params)
    path = made.save(tmp_path / "secret.png")
    task = rate([made], "Ann")
    answer(task, 3)
    assert rate([path], "Ann").task["phase"] == "done"
    assert rate([str(path)], "Ann").task["phase"] == "done"
    assert b"secret" not in task.left


def test_comments_do_not_travel() -> None:
    image = pictures(1)[0]
    image.info["comment"] = b"secret prompt"
    assert b"secret" not in rate([image], "Ann").left


def test_large_pictures_travel_small() -> None:
    task = rate([Image.effect_noise((3000, 1500), 60)], "Ann")
    with Image.open(io.BytesIO(task.left)) as image:
        assert image.size == (768, 384)


def test_undo_shows_the_picture_again_and_a_second_answer_replaces_the_first() -> None:
    task = rate(pictures(3), "Ann")
    first = shown(task)
    answer(task, 1)
    tell(task, kind="undo")
    assert (shown(task), task.task["done"], task.results.answers) == (first, 0, [])
    answer(task, 5)
    assert task._item is not None
    other = rate(pictures(3), "Ann")  # the same rater at another place, at the same picture
    answer(task, 2)
    answer(other, 4)
    assert sorted(a.value for a in task.results.answers) == [4, 5]


def test_a_late_second_click_changes_nothing() -> None:
    task = rate(pictures(3), "Ann")
    turn = task.task["turn"]
    answer(task, 2)
    task._on_message(task, {"kind": "answer", "turn": turn, "value": 5}, [])
    answer(task, 9)  # no such grade
    assert [a.value for a in task.results.answers] == [2]


def test_order_and_sides_come_from_the_seed_and_differ_between_raters() -> None:
    def course(rater: str, seed: int) -> list[tuple[int, int]]:
        task = rate(pictures(4), rater, "pairs", seed=seed, name=f"{rater}{seed}{len(runs)}")
        runs.append(task)
        found = []
        while task.task["phase"] == "ask":
            found.append((shown(task), shown(task, "right")))
            answer(task, "tie")
        return found

    runs: list[RatingTask] = []
    assert course("Ann", 0) == course("Ann", 0)
    assert course("Ann", 0) != course("Ben", 0)
    assert course("Ann", 0) != course("Ann", 1)


def test_names_are_typed_or_chosen() -> None:
    task = rate(pictures(2))
    assert task.task["phase"] == "name"
    assert task.left == b""
    tell(task, kind="rater", name="  ")
    assert "A rater cannot be called" in task.task["error"]
    tell(task, kind="rater", name=" 王  芳 ")
    assert (task.task["phase"], task.task["rater"]) == ("ask", "王 芳")
    tell(task, kind="leave")
    assert (task.task["phase"], task.left) == ("name", b"")
    chosen = rate(pictures(2), ["Ann", "Ben"], language="zh")
    tell(chosen, kind="rater", name="Eve")
    assert "Eve is not among the raters" in chosen.task["error"]
    assert chosen.question == "这张图片有多好？"


def test_an_answer_that_cannot_be_kept_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    task = rate(pictures(2), "Ann", path=tmp_path / "r.sqlite")
    before = shown(task)
    with monkeypatch.context() as patch:
        patch.setattr("zimg_kernel.experiments.rating.store._BUSY_SECONDS", 0.05)
        with sqlite3.connect(tmp_path / "r.sqlite") as other:
            other.execute("BEGIN IMMEDIATE")
            answer(task, 3)
    assert "could not be reached (database is locked)" in task.task["error"]
    assert (shown(task), task.task["done"]) == (before, 0)
    answer(task, 3)
    assert (task.task["error"], task.task["done"]) == ("", 1)


WRITER = """
import sys
from pathlib import Path
from zimg_kernel.experiments.rating.store import Ratings
ratings = Ratings(Path(sys.argv[1]), "set", "stars")
for i in range(60):
    ratings.put(sys.argv[2], f"item {i}", 1 + i % 5)
"""


def test_two_processes_write_at_once_and_nothing_is_lost(
    tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    file = tmp_path / "r.sqlite"
    command = [sys.executable, "-c", WRITER, str(file)]
    writers = [subprocess.Popen([*command, name], env=clean_environment) for name in ("Ann", "Ben")]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    answers = Ratings(file, "set", "stars").answers()
    assert len(answers) == 120
    assert len({(a.rater, a.item) for a in answers}) == 120


def test_results_show_themselves_and_go_to_csv(tmp_path: Path) -> None:
    task = rate({"<b>": pictures(2)}, "Ann", question="哪个好？", language="en")
    answer(task, 4)
    text = task.results.to_csv(tmp_path / "r.csv")
    assert text.splitlines()[0] == "picture,raters,mean,sd,low,high"
    assert sorted(text.splitlines()[1:])[0].startswith("<b> 1,")
    assert (tmp_path / "r.csv").read_text(encoding="utf-8-sig") == text
    still = task.to_static_html()
    assert "Ann: 1/2" in still
    assert "哪个好？" in still
    assert "&lt;b&gt;" not in still  # it lies in the page in which somebody rates
    table = task.results._repr_html_()
    assert "&lt;b&gt; 1" in table
    assert "<script" not in table
    assert "alpha –" in table


@pytest.mark.parametrize(
    ("images", "options", "code", "field"),
    [
        ([], {}, "too-few-pictures", "images"),
        (pictures(1), {"kind": "pairs"}, "too-few-pictures", "images"),
        (pictures(1), {"kind": "thumbs"}, "unknown-choice", "kind"),
        (3, {}, "not-a-picture", "images"),
        ([pictures(1)[0], 3], {}, "not-a-picture", "image 2"),
        (["/no/such.png"], {}, "file-missing", "image 1"),
        ({"a": pictures(2), "b": pictures(1)}, {"kind": "pairs"}, "lengths-differ", None),
        (pictures(1), {"raters": [""]}, "invalid-name", "raters"),
        (pictures(1), {"raters": [7]}, "invalid-name", "raters"),
        (pictures(1), {"name": " "}, "invalid-name", "name"),
        (pictures(1), {"path": "/proc/none/r.sqlite"}, "file-unusable", "path"),
    ],
)
def test_wrong_input_is_one_sentence(
    images: Any, options: dict[str, Any], code: str, field: str | None
) -> None:
    with refused(code, field) as caught:
        rate(images, **options)
    assert "\n" not in str(caught.value)


def test_another_programs_file_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database, " * 100)
    database = tmp_path / "index.sqlite"
    with sqlite3.connect(database) as db:
        db.execute("CREATE TABLE pictures (path TEXT)")
    before = database.read_bytes()
    for path in (text, database, tmp_path):
        with refused("file-unusable", "path"):
            rate(pictures(1), path=path)
    assert database.read_bytes() == before
