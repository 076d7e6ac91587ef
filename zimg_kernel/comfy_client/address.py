"""Address of a ComfyUI server and the token shown to it, which appears nowhere else."""

from __future__ import annotations

import base64
import ipaddress
import logging
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from zimg_kernel import settings
from zimg_kernel.errors import BadInput

DEFAULT = "http://127.0.0.1:8188"
_PLACE = "{token}"
_FIELD = "ZIMG_COMFY_URL"


@dataclass(frozen=True, repr=False)
class Address:
    """Where a server is, and what it is shown.

    Attributes
    ----------
    shown : str
        Scheme, host and port, for messages; without path, names and token.
    """

    shown: str
    _base: str = field(repr=False)
    _authorization: str = field(default="", repr=False)

    def __repr__(self) -> str:
        return f"Address({self.shown!r})"

    def url(self, route: str) -> str:
        """Return the URL of a route, such as ``/prompt``; it may hold the token."""
        return self._base + route

    def socket_url(self, client_id: str) -> str:
        """Return the URL of the WebSocket; it may hold the token."""
        return f"ws{self._base.removeprefix('http')}/ws?clientId={quote(client_id)}"

    @property
    def headers(self) -> dict[str, str]:
        """Headers of each request and of the WebSocket."""
        return {"Authorization": self._authorization} if self._authorization else {}

    @classmethod
    def of(cls, url: str | None = None, token: str | None = None) -> Address:
        """Read an address.

        Parameters
        ----------
        url : str, optional
            Such as ``http://127.0.0.1:8188``; ``ZIMG_COMFY_URL`` otherwise. The token goes
            where it says: in the place of ``{token}`` in the path, or as the password of the
            name before the host (``http://me@host``), else as ``Authorization: Bearer``.
        token : str, optional
            ``ZIMG_COMFY_TOKEN`` otherwise, unless an address is given here.

        Raises
        ------
        BadInput
            It is no address of that kind, or the token could be read on the way.
        """
        known = settings.settings()
        if url is None:
            url = known.comfy_url or DEFAULT
            token = known.comfy_token if token is None else token
        token = (token or "").strip()
        parts = _split(url)
        host = parts.hostname or ""
        name = f"[{host}]" if ":" in host else host
        place = f"{name}:{parts.port}" if parts.port else name
        shown = f"{parts.scheme}://{place}"
        path = parts.path.rstrip("/")
        authorization = ""
        if _PLACE in unquote(path):
            path = unquote(path).replace(_PLACE, quote(token, safe=""))
            _hide(token)
        elif parts.username is not None:
            password = unquote(parts.password) if parts.password is not None else token
            pair = f"{unquote(parts.username)}:{password}".encode()
            authorization = f"Basic {base64.b64encode(pair).decode()}"
        elif token:
            _check_header(token)
            authorization = f"Bearer {token}"
        secret = token or authorization
        if secret and parts.scheme == "http" and not _is_near(host):
            raise BadInput(
                f"The token for {shown} would travel in the open, where anybody on the way can "
                "read it: use https://.",
                code="comfy-token-in-the-open",
                field=_FIELD,
            )
        return cls(shown, urlunsplit((parts.scheme, place, path, "", "")), authorization)


def _split(url: str) -> SplitResult:
    text = url.strip()
    if "://" not in text:
        text = f"http://{text}"
    scheme, _, rest = text.partition("://")
    scheme = {"ws": "http", "wss": "https"}.get(scheme.lower(), scheme.lower())
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        good = scheme in ("http", "https") and parts.hostname and parts.port != 0
        good = good and not parts.query and not parts.fragment
    except ValueError:
        good = False
    if not good:  # the text itself is not shown: it may hold a token
        raise BadInput(
            "The address of the ComfyUI server is no web address: write it as "
            f"{DEFAULT}, without anything after a question mark.",
            code="comfy-address",
            field=_FIELD,
        )
    return parts


def _check_header(token: str) -> None:
    if not token.isascii() or not token.isprintable() or " " in token:
        raise BadInput(
            "The token for the ComfyUI server has characters in it that no header can carry: copy "
            "it again, without spaces.",
            code="comfy-token",
            field="ZIMG_COMFY_TOKEN",
        )


def _is_near(host: str) -> bool:
    """Return whether a host is this machine, or one of a private network by its address or name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".lan"))
    return address.is_loopback or address.is_private or address.is_link_local


class _Hidden(logging.Filter):
    """Takes tokens that stand in paths out of what urllib3 logs."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace each token by dots."""
        text = record.getMessage()
        for secret in self.secrets:
            text = text.replace(secret, "...")
        record.msg, record.args = text, ()
        return True


_hidden = _Hidden()


def _hide(token: str) -> None:
    if token:
        _hidden.secrets |= {token, quote(token, safe="")}
        for name in ("urllib3.connectionpool", "urllib3.util.retry"):
            logging.getLogger(name).addFilter(_hidden)
