"""``zimg control-map``, and ``zimg pull`` of ControlNets and of the maps' models."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from tests.controls.networks import add_card, save_controlnet
from tests.hub import REPOSITORY, Hub
from zimg_kernel import BadInput, cli, get_card, settings
from zimg_kernel.controls.checkpoint import config_of_file
from zimg_kernel.controls.controlnet_files import find_controlnet


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
        assert found.mend == f"run: zimg pull {name} --controlnet"


def test_only_a_controlnet_may_be_a_file(tmp_path: Path) -> None:
    place = settings.models_file()
    place.parent.mkdir(parents=True, exist_ok=True)
    for source, said in (
        ("source: {folder: here, file: a.safetensors}", "source.file: a model is a whole"),
        ("controlnet: {folder: here, file: ../a.safetensors}", "no .safetensors file inside"),
        ("controlnet: {folder: here, file: a.ckpt}", "no .safetensors file inside"),
        ("controlnet: {file: a.safetensors}", "controlnet: give a folder, or a modelscope"),
    ):
        place.write_text(f"own: {{like: nano-turbo, {source}}}")
        with pytest.raises(BadInput, match=said):
            get_card("own")
    place.write_text("own: {like: nano-turbo, controlnet: {folder: here}}")
    assert get_card("own").controlnet.folder == str(place.parent / "here")


def test_pull_gets_only_the_file_that_the_card_names(tmp_path: Path) -> None:
    shelf = tmp_path / "repository"
    for name in ("union.safetensors", "tile.safetensors"):
        save_controlnet(shelf, file=name)
    home = tmp_path / "fresh"
    (home / "zimg").mkdir(parents=True)
    (home / "zimg" / "models.yaml").write_text(
        f"own: {{like: nano-turbo, controlnet: {{modelscope: {REPOSITORY}, "
        "file: union.safetensors}}\n"
    )
    with Hub(shelf) as hub:
        done = subprocess.run(
            [sys.executable, "-m", "zimg_kernel", "pull", "own", "--controlnet"],
            env={**os.environ, **hub.environment(home)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        path = Path(done.stdout.strip())
        assert path.read_bytes() == (shelf / "union.safetensors").read_bytes()
        assert set(hub.downloads()) == {"union.safetensors"}
    places = config_of_file(path, 7)
    assert places["control_layers_places"] == [0, 2, 4]
    assert places["add_control_noise_refiner"] == "control_layers"  # its projection is zero


def test_folder_of_the_card_comes_first(tmp_path: Path) -> None:
    folder = save_controlnet(tmp_path / "net")
    card = get_card(add_card(folder, modelscope=REPOSITORY))
    assert find_controlnet(card).folder == folder


def test_pull_refuses_a_controlnet_that_no_card_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert zimg("pull", "nano-base", "--controlnet") == 2
    assert "has no ControlNet" in capsys.readouterr().err
