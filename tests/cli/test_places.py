"""Odd places: no home folder, consoles of other encodings, another program called zimg."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from cli.conftest import Run
from refusals import refused
from zimg_kernel import Gallery, GeneratedImage, GenerationParams, settings
from zimg_kernel.models.catalog import load_catalog

ROOM = Path(__file__).parents[2]


# The effective user stays, so that Python still finds its own files.
OF_USER = """import os, sys
os.setreuid({}, -1)
from zimg_kernel.cli import main
main(sys.argv[1:])"""


def command(*arguments: str, user: int | None = None, **environment: str) -> tuple[int, str]:
    """Run the command with these variables alone; return its exit code and all it said."""
    start = ["-m", "zimg_kernel"] if user is None else ["-c", OF_USER.format(user)]
    done = subprocess.run(
        [sys.executable, *start, *arguments],
        env={"PYTHONPATH": str(ROOM), "PATH": os.environ["PATH"], **environment},
        capture_output=True,
        cwd="/",
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert "Traceback" not in said
    return done.returncode, said


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="becomes another user")
def test_a_user_without_a_home_folder(tmp_path: Path) -> None:
    code, said = command("models", user=12345, ZIMG_HOME=str(tmp_path))
    assert code == 0
    assert "nano-turbo" in said
    code, said = command("gallery", user=12345)
    assert code == 2
    assert "ZIMG_HOME" in said
    code, said = command("doctor", user=12345)
    assert code == 0
    assert said.count("To fix    This user has no home folder") == 1


def test_the_home_folder_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    monkeypatch.delenv("MODELSCOPE_CACHE", raising=False)
    monkeypatch.delenv("ZIMG_HOME", raising=False)
    with refused("home-missing", "ZIMG_HOME"):
        settings.home()
    monkeypatch.setenv("ZIMG_HOME", str(tmp_path))
    assert settings.gallery_folder() == tmp_path / "gallery"
    assert settings.modelscope_cache() == tmp_path / ".cache" / "modelscope"


def test_variables_in_folders_are_expanded(monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    monkeypatch.setenv("MODELS", "/data/models")
    monkeypatch.setenv("ZIMG_GALLERY", "$MODELS/pictures")
    assert settings.gallery_folder() == Path("/data/models/pictures")
    own_home.mkdir(exist_ok=True)
    cards = "no: {like: z-image-turbo, source: {folder: $MODELS/zit}}\non: {like: nano-turbo}\n"
    (own_home / "models.yaml").write_text(cards, encoding="utf-8")
    found = load_catalog()
    assert found["no"].source.folder == "/data/models/zit"
    assert found["on"].id == "on"


@pytest.mark.parametrize("encoding", ["gbk", "cp1252", "utf-8"])
def test_a_console_that_lacks_characters(tmp_path: Path, encoding: str) -> None:
    gallery = Gallery(tmp_path / "gallery")
    params = GenerationParams(prompt="a cat 🐱 · 猫", model="nano-turbo", seed=1)
    gallery.add(GeneratedImage(Image.new("RGB", (16, 16)), params))
    said = {"PYTHONIOENCODING": encoding, "ZIMG_HOME": str(tmp_path)}
    code, text = command("gallery", **said)
    assert code == 0
    assert ("🐱" if encoding == "utf-8" else r"\ud83d\udc31") in text
    done = subprocess.run(
        [sys.executable, "-m", "zimg_kernel", "gallery", "--json"],
        env={**os.environ, **said},
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout.decode(encoding))[0]["params"]["prompt"] == "a cat 🐱 · 猫"


def test_a_file_name_that_is_no_unicode_is_printed(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xba\xec"))
    code, said = command("gallery", "--folder", str(folder), ZIMG_HOME=str(tmp_path))
    assert code == 0
    assert r"\udcba\udcec" in said


def test_the_doctor_tells_another_program_of_the_same_name(
    zimg: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "bin" / "zimg"
    other.parent.mkdir()
    other.write_text("#!/usr/bin/env python3\nfrom z_image_studio import main\nmain()\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", f"{other.parent}{os.pathsep}{os.environ['PATH']}")
    found = json.loads(zimg("doctor", "--json").stdout)
    assert found["program"]["command"] == str(other)
    assert any(str(other) in sentence for sentence in found["fix"])
    other.write_text("#!/usr/bin/python3\nfrom zimg_kernel.cli import main\nmain()\n")
    assert json.loads(zimg("doctor", "--json").stdout)["fix"] == []


def test_the_doctor_tells_another_package_with_the_same_command(
    zimg: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "z_image_studio-0.2.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: z-image-studio\nVersion: 0.2\n")
    (package / "entry_points.txt").write_text("[console_scripts]\nzimg = z_image_studio.cli:main\n")
    monkeypatch.syspath_prepend(tmp_path)
    fix = json.loads(zimg("doctor", "--json").stdout)["fix"]
    assert [sentence for sentence in fix if "z-image-studio" in sentence]
