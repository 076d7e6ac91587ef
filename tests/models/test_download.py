"""``zimg pull``: the real modelscope client against a local hub, and the bf16 copy."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from refusals import refused
from tests.hub import REPOSITORY, Hub
from tests.tiny import make_tiny_model
from zimg_kernel import WeightsMissing, ZimgError, get_card
from zimg_kernel.models.convert import convert_to_bf16
from zimg_kernel.models.download import _MODELSCOPE_SETTINGS
from zimg_kernel.models.download import pull as pull_model
from zimg_kernel.models.weights import find_weights, modelscope_folders

SHARD = "text_encoder/model-00001-of-00008.safetensors"  # the largest file, 2.1 MB
MODELS = f"""
tiny: {{like: nano-turbo, source: {{modelscope: {REPOSITORY}}}}}
huge: {{like: nano-turbo, source: {{modelscope: {REPOSITORY}}}, download_gb: 1000000}}
elsewhere: {{like: nano-turbo, source: {{modelscope: someone/Unknown}}}}
"""


@dataclass
class Result:
    code: int
    out: str
    err: str
    seconds: float

    @property
    def sentence(self) -> str:
        """The last line, which must be the only one that zimg says of a failure."""
        said = [line for line in self.err.splitlines() if line.startswith("zimg: ")]
        assert len(said) == 1
        assert "Traceback" not in self.err
        assert self.err.splitlines()[-1] == said[0]
        return said[0]


def zimg_pull(home: Path, hub: Hub, *arguments: str, **environment: str) -> Result:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "zimg_kernel", "pull", *arguments],
        env={**hub.environment(home), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return Result(done.returncode, done.stdout, done.stderr, time.perf_counter() - start)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a real diffusers folder of 35 files and 30 MB, transformer in fp32."""
    return make_tiny_model(tmp_path_factory.mktemp("model"))


@pytest.fixture
def hub(model: Path) -> Iterator[Hub]:
    with Hub(model) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder with own cards, which this process uses too, but without a network."""
    (tmp_path / "zimg").mkdir()
    (tmp_path / "zimg" / "models.yaml").write_text(MODELS)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ZIMG_HOME", str(tmp_path / "zimg"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("this must not go online")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def online(hub: Hub, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """Let this process pull from the hub too (a process of its own takes 2 s to start)."""
    from modelscope_hub.config import set_default_config

    for name, value in {**hub.environment(home), **_MODELSCOPE_SETTINGS}.items():
        monkeypatch.setenv(name, value)
    set_default_config(None)
    yield hub
    set_default_config(None)


def snapshot(home: Path) -> Path:
    return home / "cache" / "models" / REPOSITORY.replace("/", "--") / "snapshots" / "master"


def already_pulled(home: Path, model: Path) -> Path:
    """Put the files where modelscope puts them (the first test below holds it to that)."""
    return Path(shutil.copytree(model, snapshot(home)))


def pulled(model: str, verify: bool = False) -> Path:
    return pull_model(get_card(model), print, verify)


def transformer_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in (folder / "transformer").glob("*.safetensors"))


def test_pull_makes_the_model_complete_and_findable_without_network(
    hub: Hub, home: Path, model: Path, offline: None
) -> None:
    before = find_weights(get_card("tiny"))
    assert before.problem == "has not been downloaded yet"
    result = zimg_pull(home, hub, "tiny")
    assert result.code == 0, result.err
    found = find_weights(get_card("tiny"))
    assert found.ready
    assert found.folder == Path(result.out.strip()) == snapshot(home)
    assert found.folder in modelscope_folders(REPOSITORY)
    for path in model.rglob("*"):
        if path.is_file():
            assert (found.folder / path.relative_to(model)).read_bytes() == path.read_bytes()
    assert f"Downloading {REPOSITORY} into {home / 'cache'}" in result.err
    assert "file/s" in result.err  # modelscope's own progress bar
    assert "every file's checksum is right" in result.err
    assert sorted(hub.downloads()) == sorted(str(item["Path"]) for item in hub.listing())


def test_complete_model_is_not_asked_for_again(hub: Hub, home: Path, model: Path) -> None:
    already_pulled(home, model)
    result = zimg_pull(home, hub, "tiny")
    assert result.code == 0
    assert "tiny is complete in" in result.err
    assert hub.requests == []


def test_verify_replaces_a_file_whose_bytes_have_changed(
    online: Hub, home: Path, model: Path
) -> None:
    shard = already_pulled(home, model) / SHARD
    content = bytearray(shard.read_bytes())
    content[-1] ^= 1
    shard.write_bytes(content)
    assert find_weights(get_card("tiny")).ready  # the headers are right
    pulled("tiny", verify=True)
    assert shard.read_bytes() == (model / SHARD).read_bytes()
    assert online.downloads() == [SHARD]


def test_download_that_was_cut_off_goes_on_where_it_stopped(hub: Hub, home: Path) -> None:
    hub.cut[SHARD] = 1_500_000
    result = zimg_pull(home, hub, "tiny", MODELSCOPE_DOWNLOAD_MAX_RETRIES="0")
    assert result.code == 1
    assert result.sentence == (
        "zimg: tiny could not be downloaded because there is no connection to ModelScope, or it "
        "broke; check the network and run again: zimg pull tiny (what has arrived is kept)"
    )
    found = find_weights(get_card("tiny"))
    assert "is incomplete (the download of text_encoder/ was cut off)" in found.problem
    assert found.remedy == "mend it with: zimg pull tiny"
    hub.cut.clear()
    hub.requests.clear()
    result = zimg_pull(home, hub, "tiny")
    assert result.code == 0, result.err
    assert [request for request in hub.requests if request[0] != "listing"] == [
        (SHARD, "bytes=1500000-")
    ]
    assert find_weights(get_card("tiny")).ready


def test_wrong_checksum_is_one_sentence_and_leaves_nothing_that_looks_whole(
    hub: Hub, home: Path
) -> None:
    hub.spoiled.add(SHARD)
    result = zimg_pull(home, hub, "tiny")
    assert result.code == 1
    assert f"because {SHARD} differs from its checksum" in result.sentence
    assert result.sentence.endswith("run again: zimg pull tiny (what has arrived is kept)")
    assert not find_weights(get_card("tiny")).ready


def test_without_network_there_is_soon_one_sentence(hub: Hub, home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    result = zimg_pull(home, hub, "tiny", MODELSCOPE_ENDPOINT=nobody)
    assert result.code == 1
    assert "there is no connection to ModelScope" in result.sentence
    assert result.err.splitlines() == [result.sentence]
    assert result.seconds < 100


def test_repository_that_does_not_exist_is_one_sentence(online: Hub) -> None:
    with refused("not-downloaded", "source", WeightsMissing) as caught:
        pulled("elsewhere")
    assert "zimg pull elsewhere" in str(caught.value)


def test_too_little_disk_is_said_before_anything_is_fetched(hub: Hub, home: Path) -> None:
    result = zimg_pull(home, hub, "huge")
    assert result.code == 1
    assert "huge needs 1,000,000.0 GB more and the disk of" in result.sentence
    assert "set MODELSCOPE_CACHE to a folder on a larger disk" in result.sentence
    assert hub.requests == []


def test_card_without_a_size_asks_the_hub_for_it(
    online: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    enormous = [{**item, "Size": 10**15} for item in online.listing()]
    monkeypatch.setattr(online, "listing", lambda: enormous)
    with refused("disk-full", "MODELSCOPE_CACHE", WeightsMissing) as caught:
        pulled("tiny")
    assert f"{len(enormous)},000,000.0 GB" in str(caught.value)
    assert online.downloads() == []


def test_what_has_arrived_counts_for_the_disk(online: Hub, home: Path, model: Path) -> None:
    folder = already_pulled(home, model)
    (folder / SHARD).unlink()
    (folder / "ballast").touch()
    os.truncate(folder / "ballast", 5_000_000_000)  # a hole
    size = shutil.disk_usage(home).free / 1e9
    with (home / "zimg" / "models.yaml").open("a") as file:
        file.write(f"tight: {{like: tiny, download_gb: {size}}}\n")
    assert pulled("tight") == folder


def test_leftover_of_a_file_that_the_repository_has_no_longer_is_removed(
    online: Hub, home: Path, model: Path
) -> None:
    leftover = already_pulled(home, model) / "transformer" / "old.safetensors.incomplete"
    leftover.touch()
    assert not find_weights(get_card("tiny")).ready
    assert pulled("tiny") == snapshot(home)
    assert not leftover.exists()


def test_repository_without_a_whole_model_is_one_sentence(
    online: Hub, home: Path, model: Path
) -> None:
    online.folder = Path(shutil.copytree(model / "vae", home / "part" / "vae")).parent
    with refused("repository-incomplete", "source", WeightsMissing) as caught:
        pulled("tiny")
    message = str(caught.value)
    assert all(part in message for part in (REPOSITORY, str(snapshot(home)), "model_index.json"))
    assert "\n" not in message


def test_unknown_model_is_bad_input(hub: Hub, home: Path) -> None:
    result = zimg_pull(home, hub, "tinny")
    assert result.code == 2
    assert "There is no model called 'tinny': did you mean tiny?" in result.sentence


def test_model_without_repository_is_bad_input(home: Path, offline: None) -> None:
    with (home / "zimg" / "models.yaml").open("a") as file:
        file.write("own: {like: nano-turbo, source: {folder: own}}\n")
    with refused("no-repository", "source"):
        pulled("own")


def test_bf16_pull_leaves_half_the_bytes_and_a_model_that_is_ready(
    hub: Hub, home: Path, model: Path
) -> None:
    result = zimg_pull(home, hub, "tiny", "--bf16", "--drop-fp32")
    assert result.code == 0, result.err
    copy = Path(result.out.strip())
    assert copy == home / "zimg" / "models" / "tiny" / "bf16"
    assert find_weights(get_card("tiny")).folder == copy
    assert transformer_bytes(copy) == pytest.approx(transformer_bytes(model) / 2, rel=0.01)
    original = snapshot(home)
    assert transformer_bytes(original) == 0
    assert (original / SHARD).is_file()
    assert "Converting the transformer of tiny to bf16" in result.err
    assert "  25 of 25 files" in result.err


def test_plain_diffusers_opens_the_copy_with_the_same_weights_rounded(
    home: Path, model: Path, offline: None
) -> None:
    import torch
    from diffusers import ZImagePipeline, ZImageTransformer2DModel

    folder = already_pulled(home, model)
    copy = convert_to_bf16(get_card("tiny"), folder, print)
    assert find_weights(get_card("tiny")).folder == copy
    pipe = ZImagePipeline.from_pretrained(copy, dtype=torch.bfloat16, local_files_only=True)
    original = ZImageTransformer2DModel.from_pretrained(folder / "transformer").state_dict()
    converted = pipe.transformer.state_dict()
    assert converted.keys() == original.keys()
    for name, tensor in converted.items():
        assert tensor.dtype == torch.bfloat16
        assert torch.equal(tensor, original[name].to(torch.bfloat16))


def test_copy_is_made_once_and_the_original_can_be_dropped_later(
    home: Path, model: Path, offline: None
) -> None:
    folder, card = already_pulled(home, model), get_card("tiny")
    copy = convert_to_bf16(card, folder, print)
    written = next((copy / "transformer").glob("*.safetensors")).stat().st_mtime_ns
    again = pulled("tiny")
    assert convert_to_bf16(card, again, print, drop=True) == again == copy
    assert next((copy / "transformer").glob("*.safetensors")).stat().st_mtime_ns == written
    assert transformer_bytes(folder) == 0
    assert find_weights(card).folder == copy


def test_mending_a_model_does_not_fetch_a_transformer_that_was_dropped(
    online: Hub, home: Path, model: Path
) -> None:
    folder, card = already_pulled(home, model), get_card("tiny")
    copy = convert_to_bf16(card, folder, print, drop=True)
    (folder / SHARD).unlink()
    assert not find_weights(card).ready
    pulled("tiny")
    assert online.downloads() == [SHARD]
    assert find_weights(card).folder == copy


def test_damaged_copy_without_its_original_is_downloaded_afresh(
    online: Hub, home: Path, model: Path
) -> None:
    folder, card = already_pulled(home, model), get_card("tiny")
    copy = convert_to_bf16(card, folder, print, drop=True)
    next((copy / "transformer").glob("*.safetensors")).unlink()
    pulled("tiny")
    assert find_weights(card).folder == folder
    assert not copy.exists()


def test_newer_original_replaces_the_copy(online: Hub, home: Path, model: Path) -> None:
    folder, card = already_pulled(home, model), get_card("tiny")
    copy = convert_to_bf16(card, folder, print)
    for path in (folder / "transformer").glob("*-00001-*"):
        path.unlink()
    assert find_weights(card).folder == copy
    pulled("tiny", verify=True)
    assert find_weights(card).folder == folder
    assert not copy.exists()


def test_verify_keeps_a_copy_of_unchanged_files(online: Hub, home: Path, model: Path) -> None:
    copy = convert_to_bf16(get_card("tiny"), already_pulled(home, model), print)
    assert pulled("tiny", verify=True) == copy
    assert online.downloads() == []


def test_model_that_is_stored_in_bf16_is_left_as_it_is(
    home: Path, model: Path, offline: None
) -> None:
    folder, card = already_pulled(home, model), get_card("tiny")
    copy = convert_to_bf16(card, folder, print)
    shutil.rmtree(folder / "transformer")
    shutil.move(copy / "transformer", folder / "transformer")
    shutil.rmtree(copy)
    said: list[str] = []
    assert convert_to_bf16(card, folder, said.append, drop=True) == folder
    assert said == ["tiny is stored in bf16 already"]
    assert find_weights(card).folder == folder


def test_copy_that_cannot_be_written_leaves_the_original_and_no_rubbish(
    home: Path, model: Path, offline: None
) -> None:
    folder, card = already_pulled(home, model), get_card("tiny")
    (folder / "transformer" / "config.json").unlink()
    with refused("not-written", "ZIMG_HOME", ZimgError):
        convert_to_bf16(card, folder, print, drop=True)
    assert transformer_bytes(folder) == transformer_bytes(model)
    assert list((home / "zimg" / "models" / "tiny").iterdir()) == []


def test_embedded_model_is_neither_converted_nor_dropped(home: Path, offline: None) -> None:
    with refused("model-not-convertible", "model"):
        convert_to_bf16(get_card("nano-turbo"), home, print, drop=True)


def test_card_of_hugging_face_without_network_is_one_sentence(hub: Hub, home: Path) -> None:
    with (home / "zimg" / "models.yaml").open("a") as file:
        file.write("there: {like: nano-turbo, source: {huggingface: someone/There}}\n")
    result = zimg_pull(home, hub, "there", HF_HUB_OFFLINE="1")
    assert result.code == 1
    assert "there is no connection to Hugging Face" in result.sentence
