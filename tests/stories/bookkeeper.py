"""Somebody who sends requests, writes what they should do into a book, and compares."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from tests.api_caller import ApiCaller
from tests.stories.paper import Book, Refused

Act = Callable[[Book, Mapping[str, Any], datetime], Mapping[str, Any]]
WAYS = ("once", "once", "once", "once", "dry", "twice", "key again")


class Bookkeeper:
    """Asks one company's API and keeps its book beside it."""

    def __init__(self, api: ApiCaller, book: Book) -> None:
        self.api = api
        self.book = book

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[Any, Any]:
        """The answer and what it says, with exact numbers."""
        sent = {} if body is None else {"data": json.dumps(body, default=_plain)}
        answer = self.api(
            method, path, headers={"Content-Type": "application/json", **(headers or {})}, **sent
        )
        return answer, json.loads(answer.data, parse_float=Decimal)

    def get(self, path: str) -> Any:
        answer, said = self.call("GET", path)
        assert answer.status_code == 200, said
        return said["data"]

    def everything(self, path: str) -> list[Any]:
        """All pages of a list."""
        mark = "&" if "?" in path else "?"
        rows: list[Any] = []
        more = f"{path}{mark}limit=200"
        while True:
            answer, said = self.call("GET", more)
            assert answer.status_code == 200, said
            rows += said["data"]
            assert said["pagination"]["total"] >= len(rows)
            if not said["pagination"]["hasMore"]:
                assert said["pagination"]["total"] == len(rows)
                return rows
            more = f"{path}{mark}limit=200&cursor={said['pagination']['nextCursor']}"

    def ask(
        self, way: str, method: str, path: str, body: Any, act: Act, *, if_match: int | None = None
    ) -> Any:
        """Send it and let the book do the same; both must come to the same end.

        act  writes into the book, given what was answered (ids, instants) and the clock

        Answers what was told when something changed.
        """
        headers = {} if if_match is None else {"If-Match": f'"{if_match}"'}
        if way in {"twice", "key again"}:
            headers["Idempotency-Key"] = uuid4().hex
        asked = f"{path}?dryRun=true" if way == "dry" else path
        clock = datetime.now(UTC)
        answer, said = self.call(method, asked, body, headers)
        trial = deepcopy(self.book)
        try:
            expected = act(trial, said.get("data") or {}, clock)
        except Refused as refused:
            _check_refusal(answer, said, refused, has_if_match=if_match is not None)
            return None
        assert answer.status_code == (201 if method == "POST" and _makes(path) else 200), said
        compare(said["data"], expected)
        assert said["meta"].get("dryRun", False) is (way == "dry")
        if way == "dry":
            return None
        self.book = trial
        if way == "twice":
            again, _ = self.call(method, asked, body, headers)
            assert again.headers["Idempotent-Replayed"] == "true"
            assert (again.status_code, again.data) == (answer.status_code, answer.data)
        if way == "key again":
            other, told = self.call(method, asked, {**(body or {}), "notes": "other"}, headers)
            assert (other.status_code, told["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
        return said["data"]


def _makes(path: str) -> bool:
    """Whether a POST there adds something, and does not only carry it on."""
    return not path.endswith(("/post", "/void"))


def _check_refusal(answer: Any, said: Any, refused: Refused, *, has_if_match: bool) -> None:
    status, code = refused.status, refused.code
    if has_if_match and refused.facts.get("field") == "version":
        status, code = 412, "PRECONDITION_FAILED"
    assert said["success"] is False, (said, refused)
    assert (answer.status_code, said["error"]["code"]) == (status, code), (said, refused)
    compare(said["error"]["details"][0], refused.facts)


def compare(said: Any, expected: Any, path: str = "") -> None:
    """What is said must hold what is expected; it may say more."""
    if isinstance(expected, Mapping):
        for key, value in expected.items():
            assert key in said, f"{path}.{key} is missing in {said}"
            compare(said[key], value, f"{path}.{key}")
    elif isinstance(expected, list):
        assert len(said) == len(expected), f"{path}: {said} instead of {expected}"
        for index, (one, other) in enumerate(zip(said, expected, strict=True)):
            compare(one, other, f"{path}[{index}]")
    else:
        assert _read(said, expected) == expected, f"{path}: {said!r} instead of {expected!r}"


def _read(said: Any, expected: Any) -> Any:
    """What is said, as what is expected is kept: moments come as texts."""
    if isinstance(expected, datetime) and isinstance(said, str):
        return datetime.fromisoformat(said)
    if isinstance(expected, date) and isinstance(said, str):
        return date.fromisoformat(said)
    return said


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value.isoformat()
