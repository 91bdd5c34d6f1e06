"""Flask without what no request of ours needs."""

from collections.abc import Callable
from typing import Any

from flask import Flask


class Application(Flask):
    """The application of one installation."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is: none of ours is a coroutine, so none is looked at each time."""
        return func
