"""Tokens of the service: made once, kept as digests, found in constant time."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from zimg_kernel.cluster.private import make_private, write_private
from zimg_kernel.errors import BadInput

# As OpenAI's, which programs know as a secret; the logs hide it.
PREFIX = "sk-zimg-"
_FILE = "tokens.json"
_LONGEST_NAME = 64


@dataclass(frozen=True)
class Token:
    """What is known of a token: not the token itself.

    Attributes
    ----------
    id : str
        Stable and public.
    name : str
        Whose it is.
    digest : str
        SHA-256 of the token, 64 hex digits. A token has 256 random bits: no slower hash is needed.
    created : float
        Seconds since 1970.
    rate, pictures_per_day, seconds_per_day : int, int, float or None
        Own limits; None for those of the service.
    admin : bool
        Whether its holder may see what everybody has used.
    """

    id: str
    name: str
    digest: str
    created: float
    rate: int | None = None
    pictures_per_day: int | None = None
    seconds_per_day: float | None = None
    admin: bool = False


class Tokens:
    """File of tokens in the service's folder; changes of other processes are seen at once.

    Parameters
    ----------
    folder : Path
        The service's.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._tokens: tuple[Token, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.all())

    def all(self) -> tuple[Token, ...]:
        """Return what is known of all tokens, the oldest first.

        Raises
        ------
        BadInput
            The file is damaged: nobody is let in rather than everybody.
        """
        with self._lock:
            state = self._state()
            if state != self._seen:
                self._tokens = self._read() if state else ()
                self._seen = state
            return self._tokens

    def find(self, secret: str) -> Token | None:
        """Return the token that a secret is; the time that takes tells nothing about it."""
        digest = _digest(secret)
        found = None
        for token in self.all():
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found

    def get(self, token_id: str) -> Token | None:
        """Return what is known of a token by its id."""
        return next((token for token in self.all() if token.id == token_id), None)

    def add(self, name: str, **limits: Any) -> str:
        """Make a token and return it: it is shown only now.

        Parameters
        ----------
        name : str
            Whose it is; one token for each name.
        **limits
            ``rate``, ``pictures_per_day``, ``seconds_per_day``, ``admin``.

        Raises
        ------
        BadInput
            There is a token of this name, or it is no name.
        """
        if not name.isprintable() or not 1 <= len(name.strip()) <= _LONGEST_NAME:
            raise BadInput(
                f"A token's name has 1 to {_LONGEST_NAME} printable characters, not {name!r:.40}.",
                code="invalid-name",
                field="name",
            )
        known = self.all()
        if any(token.name == name for token in known):
            raise BadInput(
                f"There is a token called {name} already: remove it first, or choose another name.",
                code="name-taken",
                field="name",
            )
        secret = PREFIX + secrets.token_urlsafe(32)
        given = {key: value for key, value in limits.items() if value is not None}
        made = Token(secrets.token_hex(6), name, _digest(secret), time.time(), **given)
        self._write((*known, made))
        return secret

    def remove(self, name: str) -> None:
        """Forget a token; its holder is let in no more.

        Raises
        ------
        BadInput
            There is none of this name.
        """
        known = self.all()
        kept = tuple(token for token in known if token.name != name)
        if len(kept) == len(known):
            listed = ", ".join(token.name for token in known) or "none"
            raise BadInput(
                f"There is no token called {name}: there are {listed}.",
                code="unknown-token",
                field="name",
            )
        self._write(kept)

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> tuple[Token, ...]:
        try:
            listed = json.loads(self._file.read_text(encoding="utf-8"))["tokens"]
            return tuple(_token(values) for values in listed)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadInput(
                f"The tokens in {self._file} cannot be read: bring the file back from a backup, or "
                "delete it and make new tokens with zimg serve token add NAME.",
                code="invalid-tokens",
                field="tokens",
            ) from None

    def _write(self, tokens: tuple[Token, ...]) -> None:
        make_private(self._file.parent)
        text = json.dumps({"tokens": [asdict(token) for token in tokens]}, indent=1)
        write_private(self._file, text.encode())


def _token(values: Mapping[str, Any]) -> Token:
    known = {field.name for field in fields(Token)}
    token = Token(**{name: value for name, value in values.items() if name in known})
    if not all(isinstance(text, str) for text in (token.id, token.name, token.digest)):
        raise TypeError("a token's texts")
    if not isinstance(token.admin, bool):
        raise TypeError("a token's admin")
    return token


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
