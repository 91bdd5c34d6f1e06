"""How fast a program may call: a bucket that fills steadily, kept as one moment.

The generic cell rate algorithm: each request moves the moment at which the bucket is full
again by one step; a request is refused that would move it further away than a full bucket.
"""

from dataclasses import dataclass
from typing import Final

MINUTE: Final = 60_000_000  # microseconds
SECOND: Final = 1_000_000
SHARE: Final = 6  # of a burst that one process may take at a time
BLOCK_MAX: Final = 10  # tokens a process takes at a time


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests a minute, and so many that may come at once."""

    per_minute: int
    burst: int

    @property
    def step(self) -> int:
        """Microseconds in which one token comes back."""
        return MINUTE // self.per_minute

    @property
    def depth(self) -> int:
        """Microseconds from a bucket that is empty to one that is full."""
        return self.step * max(self.burst, 1)

    @property
    def block(self) -> int:
        """Tokens a process takes at a time, so that most requests need no counter."""
        return max(1, min(BLOCK_MAX, self.burst // SHARE))

    @property
    def block_lasts(self) -> int:
        """Microseconds after which what is left of a block is let go.

        Long enough that a process wastes half of the rate at most.
        """
        return 2 * self.block * self.step


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a key stands after a request.

    is_over      the request is one too many
    remaining    requests that may follow at once
    full_at      microseconds since 1970
    retry_after  seconds until one more is possible, 0 unless it is over
    """

    is_over: bool
    remaining: int
    full_at: int
    retry_after: int


def standing(rate: Rate, full_at: int, now: int, *, in_hand: int, is_over: bool) -> Standing:
    """Where a key stands.

    full_at  of its bucket, microseconds since 1970
    in_hand  tokens this process has taken and not used
    """
    missing = max(full_at - now, 0)
    remaining = max((rate.depth - missing) // rate.step, 0) + in_hand
    wait = missing + rate.step - rate.depth
    retry_after = max(-(-wait // SECOND), 1) if is_over else 0
    return Standing(is_over, 0 if is_over else remaining, max(full_at, now), retry_after)
