"""Commands ``zimg up``, ``zimg down`` and ``zimg status``, where nothing needs to run."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel.cli import up as commands
from zimg_kernel.cluster import cards, control
from zimg_kernel.cluster.cards import cards_of_workers
from zimg_kernel.cluster.control import start_engine, stop_engine
from zimg_kernel.cluster.options import Options
from zimg_kernel.cluster.place import Place
from zimg_kernel.cluster.private import delete_temporary
from zimg_kernel.cluster.status import read_status


def test_without_an_engine_there_is_nothing_to_end_or_tell() -> None:
    assert not stop_engine()
    assert read_status(Place.find()) == {"state": "down", "processes": []}
    assert "zimg up starts one" in commands.report(read_status(None))


def test_what_another_machine_runs_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place.make(Options())
    text = (place.folder / "engine.json").read_text()
    (place.folder / "engine.json").write_text(text.replace(json.dumps(place.host), '"elsewhere"'))
    assert read_status(Place.find())["state"] == "elsewhere"
    with refused("engine-elsewhere", "ZIMG_HOME"):
        start_engine(Options())
    with pytest.raises(Exception, match="elsewhere"):
        stop_engine()


def test_windows_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with refused("not-on-windows"):
        start_engine(Options())


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "find_spec", lambda name: None)
    with refused("extra-missing"):
        start_engine(Options())


def test_metrics_that_cannot_be_told_are_refused_before(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with refused("port-in-use", "metrics_port"):
            start_engine(Options(metrics_port=other.getsockname()[1]))
    with refused("folder-missing", "metrics_file"):
        start_engine(Options(metrics_file=str(tmp_path / "none" / "zimg.prom")))
    assert Place.find() is None


def test_what_killed_processes_left_half_written_is_deleted(own_home: Path) -> None:
    place = Place.make(Options())
    old, new = place.folder / ".engine.json.abcd1234", place.folder / ".engine.json.abcd1235"
    for file in (old, new):
        file.write_text("half")
    os.utime(old, (1, 1))
    delete_temporary(place.folder)
    assert (old.exists(), new.exists()) == (False, True)
    assert Place.find() == place


def test_each_worker_has_a_card_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cards_of_workers(0) == (1, ())
    assert cards_of_workers(3) == (3, ())
    monkeypatch.setattr(cards, "likely_gpu", lambda: True)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2, 5,GPU-7f,0")
    assert cards_of_workers(0) == (4, ("2", "5", "GPU-7f", "0"))
    assert cards_of_workers(2) == (2, ("2", "5"))
    assert cards_of_workers(5) == (5, ("2", "5", "GPU-7f", "0", "2"))
    monkeypatch.setenv("ZIMG_SPLIT", "2")
    assert cards_of_workers(0) == (2, ("2,5", "GPU-7f,0"))
    monkeypatch.setenv("ZIMG_DEVICE", "cuda:1")
    assert cards_of_workers(0) == (1, ())
    monkeypatch.delenv("ZIMG_DEVICE")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert cards_of_workers(0) == (1, ())


def test_options_outlive_another_version() -> None:
    options = Options(workers=2, users=("a",), cards=("0", "1"))
    stored = json.loads(json.dumps(options.to_dict() | {"of_later": 1}))
    assert Options.from_dict(stored) == options
