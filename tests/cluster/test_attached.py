"""The default engine of a process that is attached: what changes while it lives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest

import zimg_kernel as zimg
from refusals import refused, warned
from zimg_kernel.cluster.attach import attach
from zimg_kernel.cluster.client import ClusterEngine
from zimg_kernel.cluster.options import Options
from zimg_kernel.cluster.place import Place
from zimg_kernel.engine import default, default_engine, use_engine
from zimg_kernel.gallery.gallery import Gallery


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
