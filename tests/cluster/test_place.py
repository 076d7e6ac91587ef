"""Place of a shared engine: private, found by its settings, with certificates of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from refusals import refused
from zimg_kernel.cluster.certificates import certificate_files, make_certificates
from zimg_kernel.cluster.options import Options
from zimg_kernel.cluster.place import Place, engine_folder
from zimg_kernel.cluster.processes import hold, holder, roles_left
from zimg_kernel.engine.owner import this_process


def test_what_was_made_is_found_as_it_was(own_home: Path) -> None:
    assert Place.find() is None
    made = Place.make(Options(workers=2, users=("ann", "bob"), quota=5))
    assert Place.find() == made
    assert made.folder == own_home / "engine"
    assert (made.wanted, made.here, made.matches) == ("up", True, True)
    made.want("down")
    assert made.now().wanted == "down"
    assert Place.make(made.options).scheduler == made.scheduler


def test_all_of_it_is_the_users_alone() -> None:
    made = Place.make(Options())
    assert stat.S_IMODE(made.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in made.folder.iterdir()} == {0o600}
    made.folder.chmod(0o755)
    assert Place.find() is None
    assert stat.S_IMODE(Place.make(Options()).folder.stat().st_mode) == 0o700


def test_a_link_or_a_file_in_its_place_is_refused(own_home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    own_home.mkdir(exist_ok=True)
    engine_folder().symlink_to(tmp_path / "elsewhere")
    with refused("not-private", "ZIMG_HOME"):
        Place.make(Options())
    engine_folder().unlink()
    engine_folder().write_text("")
    with refused("not-private", "ZIMG_HOME"):
        Place.make(Options())


def test_a_damaged_file_is_no_place() -> None:
    made = Place.make(Options())
    for text in ("", "{}", "[1]", '{"socket": 1}', "\x00"):
        (made.folder / "engine.json").write_text(text)
        assert Place.find() is None
        assert made.now().wanted == "down"


@pytest.mark.parametrize("name", ["ZIMG_SPEED", "ZIMG_MEMORY", "ZIMG_DTYPE", "ZIMG_RUNTIME",
                                  "ZIMG_SPLIT", "ZIMG_MODELS", "ZIMG_LORAS"])  # fmt: skip
def test_other_settings_are_another_engine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Place.make(Options())
    monkeypatch.setenv(name, "/other")
    assert not made.matches


def test_a_home_under_another_name_is_the_same_engine(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Place.make(Options())
    (tmp_path / "link").symlink_to(own_home)
    monkeypatch.setenv("ZIMG_HOME", str(tmp_path / "link"))
    found = Place.find()
    assert found is not None
    assert found.matches
    assert found.digest == made.digest


def test_secrets_are_not_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZIMG_ENHANCER_KEY", "sesame")
    made = Place.make(Options())
    assert "sesame" not in (made.folder / "engine.json").read_text()
    assert "ZIMG_ENHANCER_KEY" not in made.full_environment()


def test_a_socket_can_be_bound_however_long_the_folder(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = own_home / ("x" * 120)
    long.mkdir(parents=True)
    monkeypatch.setenv("ZIMG_HOME", str(long))
    made = Place.make(Options())
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(made.socket))
    assert stat.S_IMODE(made.socket.parent.stat().st_mode) == 0o700
    made.socket.unlink()


def test_only_one_process_holds_a_role() -> None:
    made = Place.make(Options())
    code = (
        "from zimg_kernel.cluster import processes\n"
        "from zimg_kernel.cluster.place import Place\n"
        "processes._GIVEN_WAY = 0.2\n"
        "print(processes.hold(Place.find(), 'service') is not None)"
    )

    def held_elsewhere() -> str:
        return subprocess.check_output([sys.executable, "-c", code], text=True).strip()

    release = hold(made, "service")
    assert release is not None
    assert holder(made, "service") == this_process()
    assert held_elsewhere() == "False"
    release()
    assert holder(made, "service") is None
    assert held_elsewhere() == "True"
    assert roles_left(made) == {}  # it has ended without a word


def test_certificates_are_made_once_and_again_before_they_end(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    files = certificate_files(tmp_path)
    first = [file.read_bytes() for file in files]
    make_certificates(tmp_path)
    assert [file.read_bytes() for file in files] == first
    files[1].write_text("damaged")
    make_certificates(tmp_path)
    assert not {file.read_bytes() for file in files} & set(first)


def test_who_has_another_certificate_cannot_connect(tmp_path: Path) -> None:
    from distributed.comm import connect, listen

    made = Place.make(Options())
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    make_certificates(stranger)
    theirs = Place(**{**vars(made), "folder": stranger})

    async def heard(by: Place) -> str:
        async def answer(comm: object) -> None:
            await comm.write("heard")  # type: ignore[attr-defined]

        own = made.security("scheduler").get_listen_args("scheduler")
        async with listen("tls://127.0.0.1:0", answer, **own) as listener:
            args = by.security("client").get_connection_args("client")
            comm = await connect(listener.contact_address, timeout=2, **args)
            try:
                return str(await comm.read())
            finally:
                await comm.close()

    assert asyncio.run(heard(made)) == "heard"
    with pytest.raises(OSError):  # noqa: PT011
        asyncio.run(heard(theirs))


def test_finding_it_brings_no_heavy_library() -> None:
    Place.make(Options())
    code = (
        "import sys; from zimg_kernel.cluster.place import Place; assert Place.find().matches\n"
        "print({'torch', 'diffusers', 'distributed', 'dask', 'cryptography'}"
        " & set(sys.modules))"
    )
    said = subprocess.check_output([sys.executable, "-c", code], text=True, env={**os.environ})
    assert said == "set()\n"
