"""New keys: the only place that asks chance for them."""

import secrets
import threading
import time

from inventory.domain import ids

_lock = threading.Lock()
_last = 0


def new_id() -> int:
    """Give an internal key, larger than any this process gave before."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[int]:
    """Give so many internal keys in growing order."""
    global _last  # noqa: PLW0603  # one sequence for all threads of the process
    with _lock:
        first = max(ids.internal_id(time.time_ns() // 1000, secrets.randbits(21)), _last + 1)
        _last = first + count - 1
    return list(range(first, first + count))


def new_public_id(kind: str) -> str:
    """Give an id to show to the outside, with 80 random bits behind its prefix."""
    return ids.public_id(kind, secrets.randbits(80))


def new_file_name(ending: str) -> str:
    """Give a name nobody can guess to a file of ours."""
    return f"{secrets.token_hex(20)}.{ending}"
