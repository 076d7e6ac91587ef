"""The comparison on the miniature: drawn once, gone on with, measured and shown."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from engines import Around
from refusals import refused
from zimg_kernel import GenerationParams, Job, LocalEngine
from zimg_kernel.cli.command import cli
from zimg_kernel.experiments.variety import METHODS, compare_variety, diversity

SMALL: dict[str, Any] = {
    "model": "nano-turbo", "width": 128, "height": 128, "steps": 1, "seed": 3
}  # fmt: skip


class Counted(Around):
    """An engine that hands on to a real one, counts, and may be interrupted."""

    def __init__(self, engine: LocalEngine) -> None:
        super().__init__(engine)
        self.submitted: list[GenerationParams] = []
        self.most = 10_000

    def submit(self, params: GenerationParams, **options: Any) -> Job:
        if len(self.submitted) == self.most:
            raise KeyboardInterrupt
        self.submitted.append(params)
        return self.engine.submit(params, **options)


@pytest.fixture
def counted(engine: LocalEngine) -> Counted:
    return Counted(engine)


def test_all_methods_are_drawn_measured_and_shown(counted: Counted, tmp_path: Path) -> None:
    options = {"far_noise": {"candidates": 3}}
    report = compare_variety("a red circle", n=2, engine=counted, options=options, **SMALL)
    assert report.methods == tuple(METHODS)
    assert len(counted.submitted) == 3 + len({c.key for r in report.rows for c in r.cells})
    seeds = report.row("seeds")
    assert seeds.gain == (1, 1, 1)
    assert seeds.ratio == pytest.approx(1)
    for row in report.rows:
        assert len(row.images) == 2
        assert row.diversity.mean == diversity(row.images).mean
        assert row.gain[0] == pytest.approx(row.diversity.mean / seeds.diversity.mean)
        assert row.following.by == "judge"
        assert len(row.following.scores) == 2
        assert {cell.path.parent.parent for cell in row.cells} == {counted.gallery.folder}
    assert {i.params.embedding_noise for i in report.row("embedding_noise").images} != {0.0}

    shown = report._repr_mimebundle_()
    assert shown["text/html"].count("<img alt=") == 10
    assert len(shown["text/html"]) < 220_000
    assert shown["text/plain"].count("\n") >= 6
    assert "made to run without guidance" in shown["text/plain"]
    path = tmp_path / "variety.json"
    written = report.to_json(path)
    assert path.read_text(encoding="utf-8") == written
    raw = json.loads(written)
    assert [row["method"] for row in raw["rows"]] == list(METHODS)
    assert raw["rows"][0]["by_prompt"]["a red circle"]["diversity"] > 0


def test_an_interrupted_one_goes_on(counted: Counted) -> None:
    def compare() -> Any:
        return compare_variety(
            ["a cat", "一朵花"],
            ["rewording", "far_noise"],
            2,
            engine=counted,
            wordings={"a cat": ["a cat", "a small cat"]},
            options={"far_noise": {"candidates": 3}},
            **(SMALL | {"seed": -1}),
        )

    counted.most = 6 + 3  # the first looks of two prompts, and some pictures
    with pytest.raises(KeyboardInterrupt):
        compare()
    while counted.jobs():  # what was under way may still have come to its end
        time.sleep(0.01)
    done = len(counted.gallery)
    assert 0 < done <= 3
    counted.most = 10_000
    report = compare()
    keys = {cell.key for row in report.rows for cell in row.cells}
    drawn = [GenerationParams.from_dict(e.record["params"]) for e in counted.gallery.search()]
    assert sorted(one.hash for one in drawn) == sorted(keys)
    assert len(counted.submitted) - 9 == len(keys) - done  # neither looks nor pictures again
    assert [i.params.prompt for i in report.row("rewording").images[:2]] == ["a cat", "a small cat"]
    compare()
    assert len(counted.gallery) == len(keys)


def test_a_prompt_that_a_method_cannot_do_is_left_out(counted: Counted) -> None:
    report = compare_variety("porcelain circle", ["rewording"], 2, engine=counted,
                             wordings=["porcelain circle"], **SMALL)  # fmt: skip
    row = report.row("rewording")
    assert (row.diversity, row.gain, row.images) == (None, None, [])
    assert "only one wording" in row.notes[0]
    assert "only one wording" in str(report)
    assert "was not measured" in str(report)
    assert any("does not know porcelain" in sentence for sentence in report.warnings)


@pytest.mark.parametrize(
    ("prompts", "given", "code", "field"),
    [
        ([], {}, "empty-prompt", "prompts"),
        ("a cat", {"n": 1}, "out-of-range", "n"),
        ("a cat", {"methods": ["sedes"]}, "unknown-method", "method"),
        ("a cat", {"count": 2}, "count-not-one", "count"),
        ("a cat", {"options": {"seed": {}}}, "unknown-method", "options"),
        ("porcelain", {}, "nothing-to-draw", "prompt"),
        (["a cat", "a dog"], {"wordings": ["x", "y"]}, "several-prompts", "wordings"),
        ("a cat", {"wordings": {"a fish": []}}, "unknown-prompt", "wordings"),
    ],
)
def test_bad_input_is_refused_before_anything_is_drawn(
    counted: Counted, prompts: Any, given: dict, code: str, field: str
) -> None:
    with refused(code, field):
        compare_variety(prompts, engine=counted, **{**SMALL, **given})
    assert counted.submitted == []


def test_the_command_prints_the_table(
    as_default: LocalEngine, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = tmp_path / "v.json"
    cli(["variety", "a red circle", "--methods", "seeds", "-n", "2", "--seed", "1",
         "--model", "nano-turbo", "--json", str(path)], standalone_mode=False)  # fmt: skip
    out = capsys.readouterr().out.splitlines()
    assert out[1].split()[0] == "method"
    assert out[2].split()[0] == "seeds"
    assert json.loads(path.read_text(encoding="utf-8"))["n"] == 2
