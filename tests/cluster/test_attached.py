"""The default engine of a process that is attached: what changes while it lives."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import zimg_kernel as zimg
from refusals import refused, warned
from shared_engine import SharedEngine
from zimg_kernel import GenerationParams
from zimg_kernel.cluster.attach import attach
from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.cluster.drawer import _plan_of
from zimg_kernel.cluster.options import Options
from zimg_kernel.cluster.place import Place
from zimg_kernel.engine import default, default_engine, use_engine
from zimg_kernel.errors import ZimgError
from zimg_kernel.gallery.gallery import Gallery
from zimg_kernel.params.edit import Edit


@pytest.fixture
def attached(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterEngine]:
    """A client as ``attach`` returns one; its engine need not answer here."""
    engine = ClusterEngine(Place.make(Options()), Gallery())
    before = use_engine(engine)
    monkeypatch.setattr(default, "_attached", engine)
    yield engine
    use_engine(before)


def test_a_chosen_gallery_is_that_of_the_next_request(attached: ClusterEngine) -> None:
    assert default_engine() is attached
    chosen = zimg.use_gallery(attached.place.folder.parent / "other")
    assert attached.gallery is chosen


def test_another_load_profile_is_drawn_in_this_process(attached: ClusterEngine) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZIMG_SPEED", "stock")
        local = default_engine()
        assert isinstance(local, zimg.LocalEngine)
        assert local.gallery is attached.gallery
    assert default_engine() is local  # warm from then on


def test_after_down_it_is_drawn_in_this_process(attached: ClusterEngine) -> None:
    attached.place.want("down")
    assert isinstance(default_engine(), zimg.LocalEngine)


def test_an_engine_that_somebody_chose_stays(
    attached: ClusterEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = ClusterEngine(attached.place, None)
    use_engine(mine)
    attached.place.want("down")
    assert default_engine() is mine


def test_a_pipeline_is_of_this_process(attached: ClusterEngine) -> None:
    assert isinstance(default.local_engine(), zimg.LocalEngine)
    assert default.local_engine() is attached.local
    assert default_engine() is attached


def test_an_engine_that_cannot_be_brought_back_is_told_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = Place.make(Options())
    text = (place.folder / "engine.json").read_text()
    broken = text.replace(json.dumps(place.python), json.dumps(shutil.which("false")))
    (place.folder / "engine.json").write_text(broken)
    with warned("no-engine"):
        assert attach(None) is None
    monkeypatch.setenv("ZIMG_ENGINE", "cluster")
    with refused("no-engine", "ZIMG_ENGINE"):
        attach(None)


@pytest.fixture(scope="module")
def running() -> Iterator[SharedEngine]:
    engine = SharedEngine()
    yield engine
    engine.stop()


@pytest.mark.slow
def test_what_another_process_left_is_begun_only_when_asked_for(
    running: SharedEngine, tmp_path: Path
) -> None:
    code = (
        "import os, sys, zimg_kernel as z\n"
        "engine = z.LocalEngine(z.Gallery(sys.argv[1]))\n"
        "job = engine.submit(z.GenerationParams(prompt='a red circle', model='nano-turbo',"
        " width=128, height=128, steps=1, seed=5))\n"
        "print(job.id, flush=True)\n"
        "os._exit(9)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    left = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    engine = running.client(tmp_path)
    assert engine.job(left) is None  # to look for it is not to ask for it
    assert [one.id for one in engine.interrupted()] == [left]
    assert engine.jobs() == []
    job = engine.resume(left)
    assert job is not None
    assert job.result(60).seed == 5
    again = engine.job(left)
    assert again is not None
    assert again.result(60).seed == 5
    engine.close()


def test_a_worker_that_does_not_see_the_gallery_says_so(tmp_path: Path) -> None:
    edit = Edit(kind="img2img", source="0" * 64, strength=0.5)
    params = GenerationParams(prompt="a red circle", model="nano-turbo", edit=edit)
    for folder in (None, str(tmp_path / "elsewhere")):
        with refused("gallery-not-shared", "gallery", ZimgError):
            _plan_of(params, folder)
    assert not (tmp_path / "elsewhere").exists()
