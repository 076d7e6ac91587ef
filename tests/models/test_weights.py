"""Weights: where they are looked for, in which order, and what is said of damaged ones."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from refusals import refused
from zimg_kernel import ModelCard, WeightsMissing
from zimg_kernel.models.card import ModelSource
from zimg_kernel.models.diffusers_folder import (
    check_folder,
    component_bytes,
    read_header,
    weight_files,
)
from zimg_kernel.models.weights import (
    copy_origin,
    find_weights,
    free_disk,
    modelscope_folders,
    note_origin,
    require_weights,
)
from zimg_kernel.z_image.tokens import count_tokens

INDEX = {
    "_class_name": "ZImagePipeline",
    "_diffusers_version": "0.42.1",
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "text_encoder": ["transformers", "Qwen3Model"],
    "tokenizer": ["transformers", "Qwen2Tokenizer"],
    "transformer": ["diffusers", "ZImageTransformer2DModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}
SHARDS = [f"diffusion_pytorch_model-0000{number}-of-00002.safetensors" for number in (1, 2)]
SHARDED = "diffusion_pytorch_model.safetensors.index.json"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything under one folder, and no network."""
    monkeypatch.setenv("ZIMG_HOME", str(tmp_path / "zimg"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "modelscope"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "huggingface"))

    def refuse(*args: object) -> None:
        raise AssertionError("looking for weights went online")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return tmp_path


def write_json(path: Path, data: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")


def write_model(folder: Path) -> Path:
    """Write what a complete diffusers folder consists of, a few hundred bytes of weights each."""
    write_json(folder / "model_index.json", INDEX)
    write_json(folder / "scheduler" / "scheduler_config.json", {"shift": 3.0})
    write_json(folder / "tokenizer" / "tokenizer.json", {"model": {"vocab": {}}})
    for name, file in (("text_encoder", "model"), ("vae", "diffusion_pytorch_model")):
        write_json(folder / name / "config.json", {})
        save_file({"w": np.zeros((4, 8), "f4")}, folder / name / f"{file}.safetensors")
    write_json(folder / "transformer" / "config.json", {})
    for name, shard in zip("ab", SHARDS, strict=True):
        save_file({name: np.zeros((16, 8), "f4")}, folder / "transformer" / shard)
    places = {"metadata": {}, "weight_map": dict(zip("ab", SHARDS, strict=True))}
    write_json(folder / "transformer" / SHARDED, places)
    return folder


def card(**source: str) -> ModelCard:
    return ModelCard(
        id="mine",
        title="Mine",
        family="z-image",
        pipeline="ZImagePipeline",
        source=ModelSource(**source),
        default_size=(256, 256),
        steps=8,
        download_gb=32.9,
    )


def test_complete_folder_is_ready(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "mine")
    found = find_weights(card(folder=str(folder)))
    assert found.ready
    assert found.folder == require_weights(card(folder=str(folder))) == folder
    assert (found.problem, found.remedy) == ("", "")


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


def overwrite(start: int, content: bytes) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        data = bytearray(path.read_bytes())
        data[start : start + len(content)] = content
        path.write_bytes(data)

    return damage


def merge(path: Path) -> None:
    for shard in SHARDS:
        (path / shard).unlink()
    save_file({"w": np.zeros((4, 8), "f4")}, path / "diffusion_pytorch_model.safetensors")


def remove_folder(path: Path) -> None:
    for file in path.iterdir():
        file.unlink()
    path.rmdir()


def without(*keys: str) -> Callable[[Path], object]:
    left = {key: value for key, value in INDEX.items() if key not in keys}
    return lambda path: write_json(path, left)


DAMAGE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "no model_index.json": (
        "model_index.json",
        Path.unlink,
        "incomplete (model_index.json is absent)",
    ),
    "component absent": ("vae", remove_folder, "incomplete (vae/ is absent)"),
    "config absent": ("vae/config.json", Path.unlink, "incomplete (vae/config.json is absent)"),
    "weights absent": (
        "vae/diffusion_pytorch_model.safetensors",
        Path.unlink,
        "incomplete (vae/ has no safetensors weights)",
    ),
    "shard absent": (
        f"transformer/{SHARDS[1]}",
        Path.unlink,
        f"incomplete (transformer/{SHARDS[1]} is absent)",
    ),
    "shard cut off": (
        f"transformer/{SHARDS[0]}",
        cut_off,
        f"incomplete (transformer/{SHARDS[0]} has 574 of 584 bytes)",
    ),
    "cut off in the header": (
        "text_encoder/model.safetensors",
        lambda path: path.write_bytes(path.read_bytes()[:20]),
        "incomplete (text_encoder/model.safetensors is cut off at 20 bytes)",
    ),
    "empty weights": (
        "text_encoder/model.safetensors",
        lambda path: path.write_bytes(b""),
        "damaged (text_encoder/model.safetensors has no valid header)",
    ),
    "something behind the weights": (
        "text_encoder/model.safetensors",
        lambda path: path.write_bytes(path.read_bytes() + b"more"),
        "damaged (text_encoder/model.safetensors has 204 bytes instead of 200)",
    ),
    "garbage as header's length": (
        "text_encoder/model.safetensors",
        overwrite(0, b"\xff" * 8),
        "damaged (text_encoder/model.safetensors has no valid header)",
    ),
    "garbage in the header": (
        "text_encoder/model.safetensors",
        overwrite(8, b"\x00" * 30),
        "damaged (text_encoder/model.safetensors has no valid header)",
    ),
    "header of another shape": (
        "text_encoder/model.safetensors",
        lambda path: path.write_bytes((9).to_bytes(8, "little") + b'{"w": []}'),
        "damaged (text_encoder/model.safetensors has no valid header)",
    ),
    "broken JSON": (
        "vae/config.json",
        lambda path: path.write_text('{"block_out'),
        "damaged (vae/config.json is not valid JSON)",
    ),
    "JSON that is no object": (
        "model_index.json",
        lambda path: path.write_text("[]"),
        "damaged (model_index.json holds no JSON object)",
    ),
    "model_index.json without components": (
        "model_index.json",
        lambda path: path.write_text("{}"),
        "damaged (model_index.json names no components)",
    ),
    "binary where JSON should be": (
        "scheduler/scheduler_config.json",
        lambda path: path.write_bytes(b"\xff\x00"),
        "damaged (scheduler/scheduler_config.json is not valid JSON)",
    ),
    "index without shards": (
        f"transformer/{SHARDED}",
        lambda path: path.write_text('{"weight_map": {}}'),
        f"damaged (transformer/{SHARDED} names no weights)",
    ),
    "left-over index beside the whole file": (
        "transformer",
        merge,
        f"incomplete (transformer/{SHARDED} names absent files: if "
        "diffusion_pytorch_model.safetensors beside it is whole, delete the index)",
    ),
    "tokenizer absent": (
        "tokenizer/tokenizer.json",
        Path.unlink,
        "incomplete (tokenizer/tokenizer.json is absent)",
    ),
    "tokenizer cut off and closed": (
        "tokenizer/tokenizer.json",
        lambda path: path.write_text('{"model": {"vocab": }'),
        "damaged (tokenizer/tokenizer.json is not valid JSON)",
    ),
    "tokenizer without content": (
        "tokenizer/tokenizer.json",
        lambda path: path.write_text("{}"),
        "damaged (tokenizer/tokenizer.json holds no tokenizer)",
    ),
    "model_index.json without two components": (
        "model_index.json",
        lambda path: write_json(
            path, {k: INDEX[k] for k in INDEX if k not in ("vae", "scheduler")}
        ),
        "incomplete (model_index.json names no vae and no scheduler)",
    ),
    "model_index.json without a pipeline": (
        "model_index.json",
        without("_class_name"),
        "damaged (model_index.json names no pipeline)",
    ),
    "tokenizer cut off": (
        "tokenizer/tokenizer.json",
        cut_off,
        "damaged (tokenizer/tokenizer.json is cut off)",
    ),
    "download cut off": (
        "transformer",
        lambda path: (path / f"{SHARDS[1]}.incomplete").touch(),
        "incomplete (the download of transformer/ was cut off)",
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_named_in_one_sentence_with_the_command(kind: str, places: Path) -> None:
    snapshots = places / "modelscope" / "models" / "me--Mine" / "snapshots"
    folder = write_model(snapshots / "master")
    file, damage, words = DAMAGE[kind]
    damage(folder / file)
    found = find_weights(card(modelscope="me/Mine"))
    assert not found.ready
    assert found.folder == folder
    assert found.problem == f"in {folder} is {words}"
    with refused("weights-missing", "model", WeightsMissing) as caught:
        require_weights(card(modelscope="me/Mine"))
    assert str(caught.value).endswith("zimg pull mine.")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            {"modelscope": "me/Mine"},
            "The model mine has not been downloaded yet (32.9 GB); run: zimg pull mine.",
        ),
        (
            {"folder": "/nowhere/mine"},
            "The model mine should lie in /nowhere/mine, which does not exist; "
            "correct the card's source.folder in {models}.",
        ),
        (
            {"folder": __file__},
            f"The model mine should lie in {__file__}, which is a file, not a diffusers folder; "
            "correct the card's source.folder in {models}.",
        ),
        (
            {"embedded": "nowhere"},
            "The model mine is missing from this installation; "
            "install the package again: pip install --force-reinstall zimg-workbench.",
        ),
    ],
)
def test_absent_weights_are_one_sentence(
    source: dict[str, str], sentence: str, places: Path
) -> None:
    with refused("weights-missing", "model", WeightsMissing) as caught:
        require_weights(card(**source))
    assert str(caught.value) == sentence.format(models=places / "zimg" / "models.yaml")


def test_a_tokenizer_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    path = write_model(tmp_path) / "tokenizer" / "tokenizer.json"
    path.write_text('{"model": {"vocab": {' + "0" * 200_000 + "}")
    assert check_folder(tmp_path) == ""  # only small ones are parsed
    with pytest.raises(WeightsMissing, match="damaged") as caught:
        count_tokens("a red circle", tmp_path)
    assert (caught.value.code, caught.value.field) == ("weights-missing", "model")


def test_damaged_own_folder_without_repository_is_not_to_be_pulled(places: Path) -> None:
    folder = write_model(places / "mine")
    cut_off(folder / "vae" / "diffusion_pytorch_model.safetensors")
    assert find_weights(card(folder=str(folder))).remedy == (
        f"copy its files again, or correct source.folder in {places / 'zimg' / 'models.yaml'}"
    )


def make_copy(of: Path, for_card: ModelCard, places: Path) -> Path:
    copy = write_model(places / "zimg" / "models" / "mine" / "bf16")
    note_origin(for_card, of, copy)
    return copy


def test_own_folder_comes_before_modelscope_and_that_before_hugging_face(places: Path) -> None:
    source = {"folder": str(places / "own"), "modelscope": "me/Mine", "huggingface": "me/Mine"}
    hugging_face = places / "huggingface" / "models--me--Mine" / "snapshots" / "0123abcd"
    modelscope = places / "modelscope" / "models" / "me--Mine" / "snapshots" / "master"
    for folder in (hugging_face, modelscope, places / "own"):
        write_model(folder)
        assert find_weights(card(**source)).folder == folder


def test_complete_folder_further_down_beats_a_damaged_one(places: Path) -> None:
    own = write_model(places / "own")
    (own / "vae" / "config.json").unlink()
    cached = write_model(places / "modelscope" / "models" / "me--Mine" / "snapshots" / "master")
    assert find_weights(card(folder=str(own), modelscope="me/Mine")).folder == cached


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("own", {"folder": "{places}/own"}),
        ("modelscope/models/me--Mine/snapshots/master", {"modelscope": "me/Mine"}),
    ],
)
def test_bf16_copy_comes_before_its_original(
    where: str, source: dict[str, str], places: Path
) -> None:
    mine = card(**{name: value.format(places=places) for name, value in source.items()})
    original = write_model(places / where)
    copy = make_copy(original, mine, places)
    assert find_weights(mine).folder == copy
    assert copy_origin(mine) == original


def test_bf16_copy_of_another_source_is_left_alone(places: Path) -> None:
    old, new = write_model(places / "old"), write_model(places / "new")
    make_copy(old, card(folder=str(old)), places)
    assert find_weights(card(folder=str(new))).folder == new


def test_bf16_copy_older_than_its_original_is_left_alone(places: Path) -> None:
    original = write_model(places / "own")
    mine = card(folder=str(original))
    make_copy(original, mine, places)
    shard = original / "transformer" / SHARDS[0]
    later = shard.stat().st_mtime + 5
    os.utime(shard, (later, later))
    assert find_weights(mine).folder == original


def test_bf16_copy_stands_alone_once_the_original_weights_are_gone(places: Path) -> None:
    original = write_model(places / "own")
    mine = card(folder=str(original))
    copy = make_copy(original, mine, places)
    for shard in SHARDS:
        (original / "transformer" / shard).unlink()
    assert find_weights(mine).folder == copy


def test_unreadable_note_in_a_bf16_copy_makes_it_count_for_nothing(places: Path) -> None:
    original = write_model(places / "own")
    copy = make_copy(original, card(folder=str(original)), places)
    for text in ("", "[]", "{}", '{"folder": 5, "source": 5, "newest": "x"}'):
        (copy / "made_from.json").write_text(text)
        assert copy_origin(card(folder=str(original))) is None


@pytest.mark.parametrize(
    "layout",
    [
        "models/Me--My.Model-1/snapshots/master",
        "models/Me/My___Model-1",
        "hub/models/Me/My___Model-1",
        "Me/My.Model-1",
        "hub/Me/My___Model-1",
    ],
)
def test_every_layout_that_modelscope_has_had_is_found(layout: str, places: Path) -> None:
    folder = write_model(places / "modelscope" / layout)
    assert folder in modelscope_folders("Me/My.Model-1")
    assert find_weights(card(modelscope="Me/My.Model-1")).folder == folder


def test_newest_snapshot_is_taken(places: Path) -> None:
    snapshots = places / "modelscope" / "models" / "me--Mine" / "snapshots"
    old, new = write_model(snapshots / "v2"), write_model(snapshots / "v1")
    os.utime(old, (1, 1))
    (snapshots / ".DS_Store").touch()
    assert find_weights(card(modelscope="me/Mine")).folder == new


def test_folder_in_the_users_home_is_understood(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(places))
    monkeypatch.setenv("USERPROFILE", str(places))
    folder = write_model(places / "mine")
    assert find_weights(card(folder="~/mine")).folder == folder


def test_component_that_the_pipeline_does_without_is_not_asked_for(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    write_json(folder / "model_index.json", {**INDEX, "feature_extractor": [None, None]})
    assert check_folder(folder) == ""


def test_single_file_and_shards_are_both_listed(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    assert [path.name for path in weight_files(folder / "transformer")] == SHARDS
    assert [path.name for path in weight_files(folder / "text_encoder")] == ["model.safetensors"]


def test_component_bytes_counts_values_not_the_file(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    assert component_bytes(folder / "transformer", 2) == 2 * 16 * 8 * 2


def write_huge(path: Path, size: int) -> None:
    """Write a safetensors file with a right header and ``size`` bytes of hole."""
    header = {"w": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}
    raw = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(raw).to_bytes(8, "little") + raw)
        file.truncate(8 + len(raw) + size)


@pytest.mark.skipif(os.name == "nt", reason="sparse files need a POSIX disk")
def test_20_gb_of_weights_are_checked_without_reading_them(places: Path) -> None:
    folder = write_model(places / "modelscope" / "models" / "me--Mine" / "snapshots" / "master")
    for shard in SHARDS:
        write_huge(folder / "transformer" / shard, 10_000_000_000)
    start = time.thread_time()
    assert find_weights(card(modelscope="me/Mine")).ready
    assert component_bytes(folder / "transformer", 2) == 10_000_000_000
    assert time.thread_time() - start < 0.2
    with (folder / "transformer" / SHARDS[0]).open("r+b") as file:
        file.truncate(9_000_000_000)
    assert "has 9,000,000,000 of 10,000,000" in find_weights(card(modelscope="me/Mine")).problem


def test_headers_are_read_as_the_library_writes_them(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_file({"w": np.zeros((3, 5), "f2")}, path, metadata={"format": "pt"})
    assert read_header(path)["w"]["shape"] == [3, 5]


def test_free_disk_of_a_folder_that_does_not_exist_yet(tmp_path: Path) -> None:
    assert free_disk(tmp_path / "not" / "made" / "yet") == pytest.approx(
        free_disk(tmp_path), rel=0.1
    )
