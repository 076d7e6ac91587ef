"""Backups of galleries: incremental, verified, of a gallery in use, made by killed processes."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from cli.conftest import Run, zimg, zimg_process  # noqa: F401
from refusals import refused
from zimg_kernel import Gallery, GeneratedImage, GenerationParams
from zimg_kernel.backup import make as making
from zimg_kernel.backup import make_backup, restore_backup
from zimg_kernel.backup.folder import BackupFolder
from zimg_kernel.backup.objects import Objects
from zimg_kernel.cluster.place import engine_folder
from zimg_kernel.engine.queue_file import NAME
from zimg_kernel.engine.queue_store import QueueStore
from zimg_kernel.errors import ZimgError

PARAMS = GenerationParams(
    model="nano-turbo", prompt="a red circle", width=128, height=128, steps=2, seed=1, count=3
)
DRAWING = """
import sys
from zimg_kernel import Gallery, GenerationParams, LocalEngine
engine = LocalEngine(Gallery(sys.argv[1]))
params = GenerationParams.from_json(sys.argv[2])
jobs = [engine.submit(params.replace(seed=10 * n)) for n in range(400)]
jobs[0].results(100)
print("drawing", flush=True)
jobs[-1].results(600)
"""


@pytest.fixture
def gallery(tmp_path: Path) -> Gallery:
    """A gallery with pictures, an input, something thrown away, a queue, and logs."""
    pictures = Gallery(tmp_path / "gallery")
    paths = [_add(pictures, seed) for seed in range(5)]
    pictures.keep(Image.new("L", (64, 64), 200))
    pictures.trash(paths[0])
    store = QueueStore(pictures.folder)
    store.accept("first", PARAMS)
    logs = engine_folder() / "logs"
    logs.mkdir(parents=True, mode=0o700)
    (logs / "service.log").write_text("begun\n")
    return pictures


def _add(pictures: Gallery, seed: int) -> Path:
    noise = Image.frombytes("RGB", (64, 64), random.Random(seed).randbytes(64 * 64 * 3))
    return pictures.add(GeneratedImage(noise, PARAMS.replace(seed=seed, count=1)))


def _files(folder: Path) -> dict[str, bytes]:
    plain = (p for p in folder.rglob("*") if p.is_file() and "sqlite" not in p.name)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in plain}


def _objects(backup: Path) -> dict[str, tuple[int, int]]:
    found = [p for p in (backup / "objects").rglob("*") if p.is_file()]
    return {p.name: (p.stat().st_ino, p.stat().st_mtime_ns) for p in found}


def _end(gallery: Gallery, id: str = "first") -> None:
    QueueStore(gallery.folder).end(id, "cancelled", 0)


def test_all_of_it_comes_back(gallery: Gallery, tmp_path: Path) -> None:
    made = make_backup(tmp_path / "backup", gallery.folder)
    assert not made.problems
    assert made.copied == made.files == 8  # 4 pictures, 1 in the trash, input, queue, log
    before, times = _files(gallery.folder), gallery.search()[0].path.stat().st_mtime_ns
    searched = [entry.record for entry in gallery.search()]
    name = gallery.search()[0].path.relative_to(gallery.folder)
    _end(gallery)
    shutil.rmtree(gallery.folder)
    shutil.rmtree(engine_folder())

    done = restore_backup(tmp_path / "backup", gallery.folder)
    assert (done.files, done.broken, done.kept) == (8, [], [])
    assert _files(gallery.folder) == before
    assert (gallery.folder / name).stat().st_mtime_ns == times
    assert [entry.record for entry in Gallery(gallery.folder).search()] == searched
    assert len(Gallery(gallery.folder).trashed()) == 1
    entry = QueueStore(gallery.folder).find("first")
    assert entry is not None
    assert entry.params.prompt == "a red circle"
    log = engine_folder() / "logs" / "service.log"
    assert log.read_text() == "begun\n"
    assert log.stat().st_mode & 0o777 == 0o600
    again = restore_backup(tmp_path / "backup", Path(tmp_path / "elsewhere"))
    assert again.broken == []
    assert _files(tmp_path / "elsewhere") == before


def test_only_what_is_new_is_copied(gallery: Gallery, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    make_backup(backup, gallery.folder)
    before = _objects(backup)
    again = make_backup(backup, gallery.folder)
    assert again.copied == 0
    path = _add(gallery, 99)
    gallery.trash(gallery.search()[-1])  # a picture that moved is not copied, either
    assert make_backup(backup, gallery.folder).copied == 1
    now = _objects(backup)
    assert {name: now[name] for name in before} == before
    assert len(now) == len(before) + 1
    os.utime(path)  # touched, and the same
    assert make_backup(backup, gallery.folder).copied == 0
    assert all(p.stat().st_mode & 0o077 == 0 for p in backup.rglob("*"))


def test_old_snapshots_are_forgotten_with_their_contents(gallery: Gallery, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    first = make_backup(backup, gallery.folder)
    gone = gallery.search()[0].path
    content = gone.read_bytes()
    gone.unlink()
    make_backup(backup, gallery.folder)
    restore_backup(backup, tmp_path / "old", snapshot=first.snapshot)
    assert (tmp_path / "old" / gone.relative_to(gallery.folder)).read_bytes() == content
    objects = len(_objects(backup))
    made = make_backup(backup, gallery.folder, keep=1)
    assert len(list((backup / "snapshots").iterdir())) == 1
    assert len(_objects(backup)) == objects - 1
    assert restore_backup(backup, tmp_path / "new").snapshot == made.snapshot
    with refused("unknown-snapshot", "snapshot"):
        restore_backup(backup, tmp_path / "new", snapshot=first.snapshot)


def _break(path: Path, how: str) -> None:
    content = path.read_bytes()
    middle = len(content) // 2
    changed = {
        "cut off": content[:middle],
        "changed": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "longer": content + b"!",
        "empty": b"",
    }
    path.unlink()
    if how in changed:
        path.write_bytes(changed[how])


@pytest.mark.parametrize("how", ["cut off", "changed", "longer", "empty", "gone"])
def test_a_broken_copy_is_named_and_the_rest_restored(
    how: str, gallery: Gallery, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    make_backup(backup, gallery.folder)
    last = BackupFolder(backup).last()
    assert last is not None
    entries = [e for e in last.entries.values() if e.name.endswith(".png")]
    _break(BackupFolder(backup).objects.path(entries[1].digest), how)
    checked = restore_backup(backup, tmp_path / "x", check=True)
    assert (checked.there, len(checked.broken)) == (7, 1)
    assert not (tmp_path / "x").exists()
    done = restore_backup(backup, tmp_path / "restored")
    assert done.files + done.there == 7
    assert [entries[1].name in sentence for sentence in done.broken] == [True]
    assert set(_files(gallery.folder)) - set(_files(tmp_path / "restored")) == {
        entries[1].name.removeprefix("gallery/")
    }
    mended = make_backup(backup, gallery.folder, check=True)
    assert [*mended.mended, *mended.problems] == ([] if how == "gone" else [entries[1].name])
    assert mended.copied == 1
    assert restore_backup(backup, tmp_path / "whole").broken == []


@pytest.mark.parametrize("kind", ["queue", "list", "all lists"])
def test_a_damaged_queue_or_list_loses_no_picture(
    kind: str, gallery: Gallery, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    make_backup(backup, gallery.folder)
    make_backup(backup, gallery.folder)
    folder = BackupFolder(backup)
    last = folder.last()
    assert last is not None
    lists = sorted((backup / "snapshots").iterdir())
    if kind == "queue":
        _break(folder.objects.path(last.entries[f"gallery/{NAME}"].digest), "changed")
    for file in {"queue": [], "list": lists[-1:], "all lists": lists}[kind]:
        _break(file, "cut off")
    done = restore_backup(backup, tmp_path / "restored")
    pictures = len(Gallery(tmp_path / "restored"))
    assert done.broken
    if kind == "all lists":
        assert 0 < done.files + done.there < 8
        assert done.snapshot == last.name
    else:
        assert pictures == 4
    if kind == "list":
        assert done.snapshot != last.name
        assert len(done.broken) == 1


def test_newer_files_are_kept_unless_forced(gallery: Gallery, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    make_backup(backup, gallery.folder)
    newer, older, same = [entry.path for entry in gallery.search()][:3]
    backed_up = _files(gallery.folder)
    changed = older.stat().st_mtime_ns
    newer.write_bytes(b"edited since")
    older.write_bytes(b"damaged")
    os.utime(older, ns=(changed - 10**9, changed - 10**9))
    done = restore_backup(backup, gallery.folder)
    assert len(done.kept) == 2  # and the queue, of this process
    assert str(newer) in "".join(done.kept)
    assert newer.read_bytes() == b"edited since"
    assert older.read_bytes() == backed_up[older.relative_to(gallery.folder).as_posix()]
    assert done.files == 1
    assert same.is_file()
    _end(gallery)
    done = restore_backup(backup, gallery.folder)
    assert len(done.kept) == 2  # the queue is newer now
    open_elsewhere = QueueStore(gallery.folder)
    assert open_elsewhere.find("first").state == "cancelled"  # type: ignore[union-attr]
    done = restore_backup(backup, gallery.folder, force=True)
    assert open_elsewhere.find("first").state == "queued"  # type: ignore[union-attr]
    assert done.kept == done.broken == []
    assert _files(gallery.folder) == backed_up
    entry = QueueStore(gallery.folder).find("first")
    assert entry is not None
    assert entry.state == "queued"


def test_what_is_no_plain_file_is_left_out(gallery: Gallery, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for the backup")
    (gallery.folder / "link.png").symlink_to(secret)
    (gallery.folder / "more").symlink_to(tmp_path)
    os.mkfifo(gallery.folder / "pipe")
    (gallery.folder / ".x.png.1234.part").write_bytes(b"half")
    made = make_backup(tmp_path / "backup", gallery.folder)
    assert made.files == 8
    assert len(made.problems) == 3


def test_names_that_lead_outside_are_not_written(gallery: Gallery, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    make_backup(backup, gallery.folder)
    file = next((backup / "snapshots").iterdir())
    lines = file.read_text().splitlines()
    name, size, when, digest = json.loads(lines[2])
    bad = ["gallery/../../x", "/etc/x", "gallery//etc/x", "gallery", "other/x", "gallery/a\0b"]
    bad += ["gallery/..\\x", "gallery/./x"]
    lines[2:2] = [json.dumps([one, size, when, digest]) for one in bad]
    lines[2:2] = ["[", '{"a": 1}', '["gallery/n", -1, 0, "ab"]', "[" * 3000]
    file.write_text("\n".join(lines))
    outside = tmp_path / "outside"
    outside.mkdir()
    target = tmp_path / "restored"
    target.mkdir()
    (target / Path(name).parts[1]).symlink_to(outside)
    done = restore_backup(backup, target)
    assert not any(outside.iterdir())
    assert not (tmp_path / "x").exists()
    assert any("link" in sentence for sentence in done.broken)


def test_a_folder_that_is_no_backup_is_refused(gallery: Gallery, tmp_path: Path) -> None:
    with refused("not-a-backup", "folder"):
        restore_backup(tmp_path / "nothing", gallery.folder)
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "letter").write_text("x")
    with refused("not-a-backup", "folder"):
        make_backup(tmp_path / "documents", gallery.folder)
    for inside in (gallery.folder / "backup", tmp_path):
        with refused("backup-inside", "folder"):
            make_backup(inside, gallery.folder)
    assert not (gallery.folder / "backup").exists()
    (tmp_path / "file").write_text("")
    with refused("not-written", "folder", ZimgError):
        make_backup(tmp_path / "file", gallery.folder)


def test_room_is_checked_before(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup(tmp_path / "there", gallery.folder)
    monkeypatch.setattr(making, "_MARGIN", 1 << 60)
    with refused("no-room", "folder", ZimgError):
        make_backup(tmp_path / "backup", gallery.folder)
    assert _objects(tmp_path / "backup") == {}
    monkeypatch.setattr("zimg_kernel.backup.restore._MARGIN", 1 << 60)
    with refused("no-room", "gallery", ZimgError):
        restore_backup(tmp_path / "there", tmp_path / "restored")
    assert not (tmp_path / "restored").exists()


def test_one_process_writes_a_backup_at_a_time(gallery: Gallery, tmp_path: Path) -> None:
    backup = BackupFolder(tmp_path / "backup")
    backup.make()
    with backup.alone(), refused("backup-in-use", "folder", ZimgError):
        make_backup(backup.path, gallery.folder)
    make_backup(backup.path, gallery.folder)


def test_a_damaged_queue_is_named_and_the_pictures_are_backed_up(
    gallery: Gallery, tmp_path: Path
) -> None:
    _end(gallery)
    for suffix in ("-wal", "-shm"):
        (gallery.folder / f"{NAME}{suffix}").unlink(missing_ok=True)
    (gallery.folder / NAME).write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    made = make_backup(tmp_path / "backup", gallery.folder)
    assert [NAME in sentence for sentence in made.problems] == [True]
    assert made.files == 7


@pytest.mark.slow
def test_a_gallery_in_use(tmp_path: Path) -> None:
    """Pictures are drawn, saved and noted meanwhile; what the queue says to be drawn is there."""
    folder = tmp_path / "gallery"
    command = [sys.executable, "-c", DRAWING, str(folder), PARAMS.to_json()]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "drawing\n"
        for _ in range(5):
            made = make_backup(tmp_path / "backup", folder)
            assert made.problems == ()
            assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    snapshots = sorted(file.stem for file in (tmp_path / "backup" / "snapshots").iterdir())
    for snapshot in snapshots:
        target = tmp_path / snapshot
        done = restore_backup(tmp_path / "backup", target, snapshot=snapshot)
        assert done.broken == []
        with sqlite3.connect(target / NAME) as queue:
            assert queue.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            promised = queue.execute("SELECT id, finished FROM requests").fetchall()
        pictures = Gallery(target)
        assert pictures.rebuild() == len(list(target.rglob("*.png")))
        assert pictures.unread == ()
        records = [entry.record["job"] for entry in pictures.search()]
        saved = {(job["id"], job["index"]) for job in records}
        assert len(saved) == len(records)
        assert {(id, index) for id, count in promised for index in range(count)} <= saved
    assert len(promised) == 400


@pytest.mark.slow
def test_a_killed_backup_goes_on_and_a_killed_restore_too(
    gallery: Gallery, tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    for number in range(300):
        (gallery.folder / f"{number}.bin").write_bytes(random.Random(number).randbytes(200_000))
    backup, target = tmp_path / "backup", tmp_path / "restored"
    command = [sys.executable, "-m", "zimg_kernel"]
    moments = random.Random(7)

    def killed(arguments: list[str], folder: Path, counted: str, wanted: int) -> None:
        process = subprocess.Popen([*command, *arguments], env=clean_environment)
        while len(list(folder.glob(counted))) < wanted:
            assert process.poll() is None
            time.sleep(0.002)
        time.sleep(moments.random() * 0.02)
        process.kill()
        process.wait()

    asked = ["backup", str(backup), "--gallery", str(gallery.folder)]
    kept: dict[str, tuple[int, int]] = {}
    for wanted in (1, 40, 80, 120):
        killed(asked, backup / "objects", "??/*", wanted)
        now = _objects(backup)
        assert {name: now[name] for name in kept} == kept  # nothing was copied again
        kept = {name: at for name, at in now.items() if not name.endswith(".part")}
        assert all(
            Objects(backup / "objects").has(name, (backup / "objects" / name[:2] / name)
            .stat().st_size, whole=True) for name in kept
        )  # fmt: skip
        assert not list((backup / "snapshots").glob("[0-9]*"))
    subprocess.run([*command, *asked], env=clean_environment, check=True)
    now = _objects(backup)
    assert {name: now[name] for name in kept} == kept
    assert len(now) == 308
    assert not list((backup / "objects").glob(".*"))

    asked = ["restore", str(backup), "--gallery", str(target)]
    for wanted in (1, 60, 120):
        killed(asked, target, "*.bin", wanted)
        for file in target.glob("*.bin"):
            assert file.read_bytes() == (gallery.folder / file.name).read_bytes()
    done = subprocess.run([*command, *asked], env=clean_environment, check=True)
    assert done.returncode == 0
    left = {name for name in _files(target) if name.endswith(".part")}
    assert {n: c for n, c in _files(target).items() if n not in left} == _files(gallery.folder)


def test_the_commands_tell_what_they_did(zimg: Run, gallery: Gallery, tmp_path: Path) -> None:  # noqa: F811
    backup = tmp_path / "backup"
    said = zimg("backup", backup, "--gallery", gallery.folder)
    assert "8 files" in said.stdout
    told = json.loads(zimg("restore", backup, "--gallery", tmp_path / "r", "--json").stdout)
    assert (told["files"], told["broken"]) == (7, [])
    next((backup / "objects").rglob("[0-9a-f]" * 64)).unlink()
    said = zimg("restore", backup, "--gallery", tmp_path / "r2", code=1)
    assert "is missing" in said.stderr
    zimg("restore", tmp_path / "none", code=2)
