"""Options of the HTTP service."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from zimg_kernel import settings
from zimg_kernel.errors import BadInput

LONGEST_RETRY = 20  # seconds of a Retry-After; OpenAI's SDK obeys up to 120
_MEGABYTE = 1_000_000


def service_folder() -> Path:
    """Return the folder of tokens, accepted requests and logs: ``service`` in ZIMG_HOME."""
    return settings.home() / "service"


@dataclass(frozen=True)
class ServiceOptions:
    """What ``zimg serve`` was told.

    Attributes
    ----------
    host : str
        Address to listen on.
    port : int
        0 for a free one. The default is ComfyUI's, whose scripts have it written in them.
    folder : Path
        Tokens, the list of accepted requests, the audit log.
    allow : tuple of str
        Addresses and networks of clients, such as ``10.0.0.0/8``; empty for any.
    hosts : tuple of str
        Names under which the service is asked for, beside its addresses and localhost.
    origins : tuple of str
        Pages of other servers that may call it, such as ``https://shop.example``.
    hooks : tuple of str
        Host names, with ports where they are not the usual, to which webhooks may go.
    words : Path or None
        Own list of words that prompts must not hold, one in a line, beside the built-in one.
    filter_words : bool
        Whether prompts are looked through for such words.
    time_limit : float
        Seconds that an answer with a picture is waited for; the job goes on.
    grace : float
        Seconds that the end of the service waits for what is drawn.
    max_waiting : int
        Jobs that may wait or run at once, of all callers.
    max_body : int
        Bytes of a request's body.
    max_prompt : int
        Characters of a prompt.
    max_pictures : int
        Pictures of one request.
    max_pixels : int
        Pixels of one picture.
    rate : int
        Requests a minute of a caller; 0 for no limit.
    pictures_per_day, seconds_per_day : int, float
        Quota of a caller: pictures, and seconds of drawing; 0 for no limit.
    """

    host: str = "127.0.0.1"
    port: int = 8188
    folder: Path = field(default_factory=service_folder)
    allow: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    words: Path | None = None
    filter_words: bool = True
    time_limit: float = 30.0
    grace: float = 30.0
    max_waiting: int = 64
    max_body: int = 64 * _MEGABYTE
    max_prompt: int = 8000
    max_pictures: int = 10
    max_pixels: int = 4_194_304
    rate: int = 0
    pictures_per_day: int = 0
    seconds_per_day: float = 0.0

    def __post_init__(self) -> None:
        for network in self.allow:
            _network(network)

    @property
    def loopback(self) -> bool:
        """Whether only programs of this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def networks(self) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        """The networks whose clients are let in; empty for any."""
        return tuple(_network(network) for network in self.allow)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise BadInput(
            f"{text!r} is no address and no network: write it as 192.168.1.7 or 10.0.0.0/8.",
            code="not-an-address",
            field="allow",
        ) from None
