"""Embedded models stored in parts are put together once, whoever asks and whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel import WeightsMissing, get_card
from zimg_kernel.models import embedded
from zimg_kernel.models.diffusers_folder import check_folder
from zimg_kernel.models.weights import require_weights, tokenizer_folder


def named(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_whole_folder_is_used_as_it_is(root):
    shutil.rmtree(root / "nano-turbo")
    shutil.copytree(root / "nano-base", root / "nano-turbo")
    assert embedded.folder("nano-turbo") == root / "nano-turbo"
    assert require_weights(get_card("nano-turbo")) == root / "nano-turbo"


def test_it_is_put_together_once_and_again_for_new_weights(root, cache):
    first = embedded.folder("nano-turbo")
    before = (first / "transformer" / "config.json").stat().st_mtime_ns
    assert embedded.folder("nano-turbo") == first
    assert (first / "transformer" / "config.json").stat().st_mtime_ns == before
    edit = embedded.folder("nano-edit")
    foreign = cache / f"nano-turbo-{'0' * 16}"
    foreign.mkdir()
    (foreign / "assembled.json").write_text(json.dumps({"root": str(cache)}))
    path = root / "nano-turbo" / "difference.safetensors"
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    second = embedded.folder("nano-turbo")
    assert second != first
    assert set(named(cache)) == {second.name, edit.name, foreign.name}
    assert embedded.folder("nano-edit") == edit  # it does not build on turbo


@pytest.mark.parametrize("way", ["symlink", "hard link", "copy"])
def test_shared_parts_are_linked_where_that_is_possible(root, way, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError("not here")

    if way != "symlink":
        monkeypatch.setattr(Path, "symlink_to", refuse)
    if way == "copy":
        monkeypatch.setattr(os, "link", refuse)
    folder = embedded.folder("nano-edit")
    assert check_folder(folder) == ""
    weights = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    original = root / "nano-base" / "transformer" / weights.name
    assert (folder / "vae").is_symlink() == (way == "symlink")
    assert weights.samefile(original) == (way != "copy")


@pytest.mark.parametrize("damage", ["cut off", "link to nothing", "empty"])
def test_a_damaged_copy_is_made_anew(root, cache, damage):
    folder = embedded.folder("nano-turbo")
    if damage == "cut off":
        path = next((folder / "transformer").glob("*.safetensors"))
        path.write_bytes(path.read_bytes()[:-5])
    elif damage == "link to nothing":
        (folder / "vae").unlink()
        (folder / "vae").symlink_to(cache / "nowhere")
    else:
        shutil.rmtree(folder)
        folder.mkdir()
    assert check_folder(folder)
    assert embedded.folder("nano-turbo") == folder
    assert check_folder(folder) == ""
    assert named(cache) == [folder.name]


def python(root: Path, code: str) -> subprocess.Popen[str]:
    """Start a process in which the family lies under ``root``."""
    start = (
        "from pathlib import Path\n"
        "from zimg_kernel.models import embedded\n"
        f"embedded._ROOT = Path({str(root)!r})\n"
    )
    return subprocess.Popen([sys.executable, "-c", start + code], stdout=-1, stderr=-1, text=True)


def test_two_processes_at_once_make_one_folder(root, cache, tmp_path):
    code = (
        "import time\n"
        "put = embedded._rename\n"
        "def wait(unfinished, target):\n"  # until both have a finished folder
        "    while len(list(target.parent.glob('.*/model_index.json'))) < 2 "
        "and not target.exists(): time.sleep(0.01)\n"
        "    put(unfinished, target)\n"
        "embedded._rename = wait\n"
        "print(embedded.folder('nano-turbo'))\n"
    )
    started = [python(root, code) for _ in range(2)]
    said = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [0, 0], said
    assert said[0][0] == said[1][0]
    folder = Path(said[0][0].strip())
    assert check_folder(folder) == ""
    assert named(cache) == [folder.name]


def test_a_process_killed_half_way_leaves_nothing_that_counts(root, cache):
    code = (
        "import os\n"
        "embedded._rename = lambda *_: os.kill(os.getpid(), 9)\n"
        "embedded.folder('nano-turbo')\n"
    )
    process = python(root, code)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert [name[0] for name in named(cache)] == ["."]
    folder = embedded.folder("nano-turbo")
    assert check_folder(folder) == ""
    assert named(cache) == [folder.name]


def test_what_a_living_process_has_begun_is_left_to_it_for_an_hour(root, cache):
    digits = "0" * 16
    begun, late = (cache / f".nano-turbo-{digits}.{os.getpid()}.{end}" for end in "ab")
    for path in (begun, late):
        path.mkdir(parents=True)
    os.utime(late, (time.time() - 4000,) * 2)
    embedded.folder("nano-turbo")
    assert begun.is_dir()
    assert not late.exists()


def test_a_home_that_cannot_be_written_does_not_matter(root, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ZIMG_CACHE", str(tmp_path / "file" / "cache"))
    folder = embedded.folder("nano-turbo")
    assert tmp_path / "temp" in folder.parents
    assert embedded.folder("nano-turbo") == folder
    shutil.rmtree(tmp_path / "temp")
    (tmp_path / "temp").write_text("in the way too")
    with refused("not-written", "ZIMG_CACHE", WeightsMissing):
        embedded.folder("nano-turbo")


@pytest.mark.parametrize(
    ("file", "model", "named"),
    [
        ("nano-turbo/difference.safetensors", "nano-turbo", "difference.safetensors"),
        ("nano-turbo/model_index.json", "nano-turbo", "model_index.json"),
        ("nano-base/vae/config.json", "nano-edit", "vae/config.json"),
    ],
)
def test_what_is_missing_is_named(root, file, model, named):
    (root / file).unlink()
    for find in (require_weights, tokenizer_folder):
        with refused("weights-missing", "model", WeightsMissing) as caught:
            find(get_card(model))
        assert model in str(caught.value)
        assert named in str(caught.value)
    with refused("weights-missing", "model", WeightsMissing):
        embedded.folder(model)


def test_looking_puts_nothing_together_and_needs_no_torch(root, cache):
    code = (
        "import sys\n"
        "from zimg_kernel import get_card\n"
        "from zimg_kernel.models.weights import find_weights, tokenizer_folder\n"
        "from zimg_kernel.engine.checks import check\n"
        "from zimg_kernel.params import GenerationParams\n"
        "for name in ('nano-turbo', 'nano-base', 'nano-edit'):\n"
        "    card = get_card(name)\n"
        "    assert find_weights(card).ready\n"
        "    check(GenerationParams(prompt='red circle'), card, tokenizer_folder(card))\n"
        "from zimg_kernel.models.weights import require_weights as require\n"
        "print(require(get_card('nano-base')), require(get_card('nano-edit')))\n"
        "assert 'torch' not in sys.modules\n"
    )
    process = python(root, code)
    said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert [name.rsplit("-", 1)[0] for name in named(cache)] == ["nano-edit"]
