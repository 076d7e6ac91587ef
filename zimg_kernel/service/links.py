"""Signed links to pictures: they work without a token for an hour."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, quote

from zimg_kernel.cluster.private import make_private, write_private

PREFIX = "/static/"
_FILE = "links.key"
_BYTES = 32
_SECONDS = 3600


class Links:
    """Makes and checks links to files of the gallery.

    Parameters
    ----------
    folder : Path
        The service's; the key lies in it.
    clock : callable
        Returns seconds since 1970.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        file = make_private(folder) / _FILE
        if not file.is_file() or file.stat().st_size != _BYTES:
            write_private(file, secrets.token_bytes(_BYTES))
        self._key = file.read_bytes()

    def sign(self, name: str) -> str:
        """Return path and query of a link to a picture of the gallery."""
        until = int(self._clock()) + _SECONDS
        path = PREFIX + quote(name)
        return f"{path}?until={until}&signature={self._signature(PREFIX + name, until)}"

    def is_valid(self, path: str, query: str) -> bool:
        """Whether a request's path and query are a link of ours that has not expired."""
        if not path.startswith(PREFIX):
            return False
        given = parse_qs(query)
        until, signature = given.get("until", [""])[0], given.get("signature", [""])[0]
        if not (until.isascii() and until.isdigit() and len(until) < 15 and signature.isascii()):
            return False
        right = self._signature(path, int(until))
        return hmac.compare_digest(signature, right) and int(until) >= self._clock()

    def _signature(self, path: str, until: int) -> str:
        told = f"{path}\n{until}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()
