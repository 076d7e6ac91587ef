"""Place of a shared engine: its private folder, and the file by which clients find it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from zimg_kernel import __version__, settings
from zimg_kernel.errors import ZimgError

from .certificates import certificate_files, make_certificates
from .options import Options
from .private import is_private, lock_file, make_private, socket_path, write_private

if TYPE_CHECKING:
    from distributed import Security

Wanted = Literal["up", "down"]
Role = Literal["supervisor", "scheduler", "service", "worker", "client"]

_FILE = "engine.json"
_SHAPING = (
    "model", "models", "loras", "device", "dtype", "speed", "runtime", "memory", "split", "cache",
    "modelscope_cache", "hf_home", "hf_hub_cache",
)  # fmt: skip
# Of the environment in which an engine was started: what its processes keep when another process
# brings them back. No secrets; none of them draws through the enhancer.
_KEPT = ("ZIMG_", "MODELSCOPE_CACHE", "HF_H", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER",
         "OMP_", "MKL_NUM_THREADS", "PYTHONPATH", "LANG", "LC_")  # fmt: skip
_DROPPED = ("ZIMG_ENHANCER_", "ZIMG_ENGINE")


@dataclass(frozen=True)
class Place:
    """Where a shared engine of this user is, and what it was told.

    Attributes
    ----------
    folder : Path
        Private folder of its files.
    socket : Path
        Socket on which its service listens.
    scheduler : str
        Address of the scheduler.
    options : Options
    digest : str
        Digest of the settings that shape pictures.
    wanted : {"up", "down"}
        Whether its processes shall run.
    python : str
        Interpreter of its processes.
    environment : dict of str
        Variables of its processes, as they were when it was started first.
    host : str
        Name of the machine on which it runs.
    """

    folder: Path
    socket: Path
    scheduler: str
    options: Options
    digest: str
    wanted: Wanted
    python: str
    environment: dict[str, str]
    host: str

    @classmethod
    def find(cls) -> Place | None:
        """Return the place of this user's engine in ZIMG_HOME; None if there is none here.

        Reads one small file.
        """
        return cls.read(engine_folder())

    @classmethod
    def read(cls, folder: Path) -> Place | None:
        """Return the place in a folder; None if there is none, or it is not this user's alone."""
        try:
            found = json.loads((folder / _FILE).read_bytes())
            if not is_private(folder):
                return None
            return cls(
                folder, Path(found["socket"]), found["scheduler"],
                Options.from_dict(found["options"]), found["digest"], found["wanted"],
                found["python"], dict(found["environment"]), found["host"],
            )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @classmethod
    def make(cls, options: Options) -> Place:
        """Return the place for an engine with these options, written down as wanted.

        The address of the scheduler stays what it was, if it still suits.

        Raises
        ------
        BadInput
            The folder is not this user's alone.
        ZimgError
            It cannot be written.
        """
        folder = engine_folder()
        before = cls.read(folder)
        try:
            make_private(folder)
            if not options.scheduler:
                make_certificates(folder)
            address = options.scheduler or _address(options, before)
            made = cls(
                folder, socket_path(folder), address, options, settings_digest(), "up",
                sys.executable, _kept_environment(), socket.gethostname(),
            )  # fmt: skip
            made._write()
        except OSError as error:
            raise ZimgError(
                f"{folder} cannot be written ({error.strerror or error}), so no engine was "
                "started; set ZIMG_HOME to a folder that can be written.",
                code="not-written",
                field="ZIMG_HOME",
            ) from error
        return made

    def want(self, wanted: Wanted) -> Place:
        """Write down whether the engine shall run; return the place as it is then."""
        changed = replace(self, wanted=wanted)
        changed._write()
        return changed

    def move(self) -> Place:
        """Write down a free port for the scheduler; return the place as it is then."""
        host = self.options.host
        address = f"tls://{_contact(host)}:{_free_port(host)}"
        changed = replace(self.now(), scheduler=address)
        changed._write()
        return changed

    def now(self) -> Place:
        """Return the place as it is written down now; as it was, with nothing wanted, if gone."""
        return Place.read(self.folder) or replace(self, wanted="down")

    @property
    def here(self) -> bool:
        """Whether the engine is one of this machine."""
        return self.host == socket.gethostname()

    @property
    def matches(self) -> bool:
        """Whether the engine draws with the settings that this process has now."""
        return self.digest == settings_digest()

    def security(self, role: Role = "client") -> Security:
        """Return what distributed needs for mutual TLS.

        Parameters
        ----------
        role : {"supervisor", "scheduler", "service", "worker", "client"}
            Which process asks; all show the same certificate.
        """
        from distributed import Security

        told = self.options
        own = certificate_files(self.folder)
        ca, cert, key = (told.tls_ca, told.tls_cert, told.tls_key) if told.scheduler else own
        if not ca:
            return Security(require_encryption=False)
        parts = ("scheduler", "worker", "client")
        files = {f"tls_{part}_cert": str(cert) for part in parts}
        files |= {f"tls_{part}_key": str(key) for part in parts}
        return Security(require_encryption=True, tls_ca_file=str(ca), **files)

    def log(self, name: str) -> Path:
        """Return the file of what a process prints, such as ``service``."""
        folder = self.folder / "logs"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / f"{name}.log"

    def full_environment(self) -> dict[str, str]:
        """Return the environment for the engine's processes, whoever starts them."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith((*_KEPT, *_DROPPED))}
        return {**kept, **self.environment, "ZIMG_ENGINE": "local"}

    @contextlib.contextmanager
    def only_one(self, name: str) -> Iterator[bool]:
        """Hold a lock of the engine, such as ``service``; yield False if another holds it."""
        file = lock_file(self.folder / f"{name}.only")
        try:
            yield file is not None
        finally:
            if file is not None:
                file.close()

    def _write(self) -> None:
        values: dict[str, Any] = {
            "socket": str(self.socket), "scheduler": self.scheduler,
            "options": self.options.to_dict(), "digest": self.digest, "wanted": self.wanted,
            "python": self.python, "environment": self.environment, "host": self.host,
            "version": __version__,
        }  # fmt: skip
        write_private(self.folder / _FILE, json.dumps(values, indent=1).encode())


def engine_folder() -> Path:
    """Return the private folder of this user's engine: HOME/engine."""
    return settings.home().absolute() / "engine"


def settings_digest() -> str:
    """Return a digest of the settings that shape pictures, as they are now."""
    now = settings.settings()
    values = {name: str(getattr(now, name) or "") for name in _SHAPING}
    values |= {"home": str(settings.home().resolve()), "version": __version__}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _kept_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_KEPT) and not name.startswith(_DROPPED)
    }


def _address(options: Options, before: Place | None) -> str:
    port = options.port
    if not port and before is not None and not before.options.scheduler:
        port = int(before.scheduler.rpartition(":")[2])
        if not is_free(options.host, port):
            port = 0
    return f"tls://{_contact(options.host)}:{port or _free_port(options.host)}"


def _contact(host: str) -> str:
    """Return the address at which this machine's own processes reach what listens on another."""
    return "127.0.0.1" if host in ("", "0.0.0.0", "::") else host  # noqa: S104


def is_free(host: str, port: int) -> bool:
    """Return whether a port of an address can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
