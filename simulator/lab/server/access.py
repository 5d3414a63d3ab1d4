"""Tokens that give rights, and limits on how often a client may ask."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from time import monotonic

MOST_CLIENTS = 4096
"""Clients that are remembered; those that were silent for the longest time are forgotten first."""


def new_token() -> str:
    """A token that cannot be guessed: 128 bits, in characters that a link may contain."""
    return secrets.token_urlsafe(16)


def same_token(given: str | None, known: str) -> bool:
    """Whether the token is the known one; takes the same time for every wrong one."""
    return given is not None and hmac.compare_digest(given.encode("utf-8", "replace"), known.encode())


class RateLimit:
    """How often each client may ask: a number of requests at once, which grow back at a rate.

    >>> limit = RateLimit(1.0, 2, clock=iter([0.0, 0.0, 0.0, 1.0]).__next__)
    >>> [limit.allows("a") for _ in range(4)]
    [True, True, False, True]

    Args:
        rate: requests that grow back, per second.
        burst: requests that a silent client may send at once.
        clock: seconds, never falling.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self.rate, self.burst, self.clock = rate, burst, clock
        self._left: dict[str, tuple[float, float]] = {}
        """Requests left and when that was, by client; the last to ask comes last."""

    def may(self, client: str) -> bool:
        """Whether the client may ask now; counts nothing."""
        return self._now(client)[0] >= 1

    def _now(self, client: str) -> tuple[float, float]:
        """Requests left now, and when that is."""
        now = self.clock()
        left, since = self._left.get(client, (float(self.burst), now))
        return min(self.burst, left + (now - since) * self.rate), now

    def allows(self, client: str) -> bool:
        """Whether the client may ask now; counts the request if so."""
        left, now = self._now(client)
        self._left.pop(client, None)
        allowed = left >= 1
        self._left[client] = (left - allowed, now)
        if len(self._left) > MOST_CLIENTS:
            del self._left[next(iter(self._left))]
        return allowed
