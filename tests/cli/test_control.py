"""``zimg control-map``, and ``zimg pull`` of ControlNets and of the maps' models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from refusals import refused
from tests.edit.controls.networks import add_card, save_controlnet
from tests.hub import REPOSITORY, Hub
from zimg_kernel import get_card, settings
from zimg_kernel.cli import command as cli
from zimg_kernel.edit.controls.controlnet_files import find_controlnet
from zimg_kernel.models.download import _MODELSCOPE_SETTINGS
from zimg_kernel.z_image.controlnet_config import config_of_file


def zimg(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    image = Image.new("RGBA", (120, 80), "white")
    ImageDraw.Draw(image).rectangle((30, 20, 80, 60), fill="navy")
    image.save(tmp_path / "house.png")
    return tmp_path / "house.png"


def test_command_writes_a_map(
    picture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "lines.png"
    cli.main(["control-map", str(picture), "scribble", "--width", "6", "-o", str(out)])
    assert capsys.readouterr().out.strip() == str(out)
    with Image.open(out) as made:
        assert (made.size, made.mode) == ((120, 80), "RGB")
        assert made.getextrema()[0] == (0, 255)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("depth", "-o", "out.png"), 1, "run: zimg pull depth"),
        (("canny", "-o", "out.txt"), 2, "must end in .png"),
        (("cany", "-o", "out.png"), 2, "did you mean canny?"),
        (("scribble", "--low", "3", "-o", "out.png"), 2, "its settings are threshold, detail"),
    ],
)
def test_command_refuses_in_one_sentence(
    picture: Path,
    arguments: tuple[str, ...],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert zimg("control-map", picture, *arguments) == code
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("zimg: ")
    assert said in line


def test_published_models_name_their_controlnets() -> None:
    for name in ("z-image-turbo", "z-image"):
        card = get_card(name)
        assert card.controlnet is not None
        assert str(card.controlnet.modelscope).startswith("alibaba-pai/Z-Image")
        found = find_controlnet(card)
        assert not found.ready
        assert found.remedy == f"run: zimg pull {name} --controlnet"


def test_only_a_controlnet_may_be_a_file(tmp_path: Path) -> None:
    place = settings.models_file()
    place.parent.mkdir(parents=True, exist_ok=True)
    for source, named in (
        ("source: {folder: here, file: a.safetensors}", "source.file"),
        ("controlnet: {folder: here, file: ../a.safetensors}", "controlnet.file"),
        ("controlnet: {folder: here, file: a.ckpt}", "controlnet.file"),
        ("controlnet: {file: a.safetensors}", "controlnet"),
    ):
        place.write_text(f"own: {{like: nano-turbo, {source}}}")
        with refused("invalid-card", "own") as caught:
            get_card("own")
        assert named in str(caught.value)
    place.write_text("own: {like: nano-turbo, controlnet: {folder: here}}")
    assert get_card("own").controlnet.folder == str(place.parent / "here")


def test_pull_gets_only_the_file_that_the_card_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from modelscope_hub.config import set_default_config

    shelf = tmp_path / "repository"
    for name in ("union.safetensors", "tile.safetensors"):
        save_controlnet(shelf, file=name)
    card = get_card(add_card(None, modelscope=REPOSITORY, file="union.safetensors"))
    with Hub(shelf) as hub:
        for variable, value in {**hub.environment(tmp_path), **_MODELSCOPE_SETTINGS}.items():
            if variable != "ZIMG_HOME":
                monkeypatch.setenv(variable, value)
        set_default_config(None)
        try:
            cli.main(["pull", "nano-control", "--controlnet"])
        finally:
            set_default_config(None)
    path = Path(capsys.readouterr().out.strip())
    assert path.read_bytes() == (shelf / "union.safetensors").read_bytes()
    assert set(hub.downloads()) == {"union.safetensors"}
    assert find_controlnet(card).folder == path


def test_shape_of_a_single_file_is_read_from_its_header(tmp_path: Path) -> None:
    for strength, refiner in ((0.0, "control_layers"), (0.1, "control_noise_refiner")):
        save_controlnet(tmp_path, strength=strength, file="union.safetensors")
        config = config_of_file(tmp_path / "union.safetensors", 7)
        assert config["add_control_noise_refiner"] == refiner
        assert config["control_layers_places"] == [0, 2, 4]
    places = {
        blocks: config_of_blocks(blocks, tmp_path)["control_layers_places"] for blocks in (15, 6, 3)
    }
    assert places[15] == list(range(0, 30, 2))
    assert places[6] == [0, 5, 10, 15, 20, 25]
    assert places[3] == [0, 10, 20]


def config_of_blocks(blocks: int, folder: Path) -> dict[str, Any]:
    """The config of a file of so many control layers for a transformer of 30."""
    from safetensors.numpy import save_file

    tensors = {f"control_layers.{i}.after_proj.weight": np.zeros((8, 8)) for i in range(blocks)}
    tensors["control_layers.0.attention.norm_q.weight"] = np.zeros(4)
    tensors["control_noise_refiner.0.ffn_norm1.weight"] = np.zeros(8)
    tensors["control_all_x_embedder.2-1.weight"] = np.zeros((8, 4 * 33))
    save_file(tensors, folder / "blocks.safetensors")
    config = config_of_file(folder / "blocks.safetensors", 30)
    assert (config["dim"], config["n_heads"], config["control_in_dim"]) == (8, 2, 33)
    assert config["add_control_noise_refiner"] is None
    return config


def test_folder_of_the_card_comes_first(tmp_path: Path) -> None:
    folder = save_controlnet(tmp_path / "net")
    card = get_card(add_card(folder, modelscope=REPOSITORY))
    assert find_controlnet(card).folder == folder


def test_pull_refuses_a_controlnet_that_no_card_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert zimg("pull", "nano-base", "--controlnet") == 2
    assert "has no ControlNet" in capsys.readouterr().err
