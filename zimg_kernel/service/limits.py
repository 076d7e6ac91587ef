"""Limits of callers: requests a minute, pictures and seconds a day, jobs that wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from .caller import Caller
from .options import LONGEST_RETRY, ServiceOptions
from .refusal import Refused
from .tokens import Tokens
from .usage import Usage

_MOST_CALLERS = 10_000  # whose rate is remembered


class Limits:
    """Says whether a caller may ask for more now.

    Parameters
    ----------
    options : ServiceOptions
        Limits of callers whose token has none of its own.
    tokens : Tokens
    usage : Usage
    clock : callable
        Returns the time in seconds.
    """

    def __init__(
        self, options: ServiceOptions, tokens: Tokens, usage: Usage,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._options, self._tokens, self._usage, self._clock = options, tokens, usage, clock
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}  # requests left, and when that was so

    def take_request(self, caller: Caller) -> None:
        """Count a request against its caller's rate.

        Raises
        ------
        Refused
            With status 429: too many in the last minute.
        """
        rate = self._of(caller, "rate")
        if not rate:
            return
        name = caller.token_id or caller.address
        now = self._clock()
        with self._lock:
            left, when = self._left.pop(name, (rate, now))
            left = min(rate, left + (now - when) * rate / 60)
            enough = left >= 1
            self._left[name] = (left - 1 if enough else left), now
            while len(self._left) > _MOST_CALLERS:
                self._left.pop(next(iter(self._left)))
        if not enough:
            raise Refused(
                f"{caller.name} may send {rate:g} requests a minute, which are used up: wait a "
                "little.",
                status=429,
                code="rate-limit",
                retry_after=max(1, min(LONGEST_RETRY, round((1 - left) * 60 / rate))),
            )

    def take_pictures(self, caller: Caller, pictures: int, waiting: int) -> None:
        """Refuse pictures that are over a caller's quota.

        Parameters
        ----------
        waiting : int
            Pictures of this caller that are accepted and not drawn.

        Raises
        ------
        Refused
            With status 429, and told not to try again soon.
        """
        most = self._of(caller, "pictures_per_day")
        seconds = self._of(caller, "seconds_per_day")
        if not most and not seconds:
            return
        used = self._usage.today(caller.token_id)
        if most and used.pictures + waiting + pictures > most:
            raise _over(caller, f"{most:g} pictures")
        if seconds and used.seconds >= seconds:
            raise _over(caller, f"{seconds:g} seconds of drawing")

    def _of(self, caller: Caller, name: str) -> float:
        token = self._tokens.get(caller.token_id) if caller.token_id else None
        own = getattr(token, name) if token is not None else None
        return float(getattr(self._options, name) if own is None else own)


def _over(caller: Caller, what: str) -> Refused:
    return Refused(
        f"{caller.name} may have {what} a day, which are used up: the next day begins at 0:00 UTC.",
        status=429,
        code="over-quota",
    )
