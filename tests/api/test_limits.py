from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from inventory.api.limits import EXTENSION
from inventory.config import Settings
from inventory.database import db
from inventory.factory import create_app
from tests.api_caller import ApiCaller


@pytest.fixture
def limited(app: Flask, api: ApiCaller, tmp_path: Path) -> Iterator[Callable[..., ApiCaller]]:
    """The same installation in processes of their own that count requests."""
    settings: Settings = app.extensions["racking.settings"]

    made: list[Flask] = []

    def make(per_minute: int, burst: int) -> ApiCaller:
        other = create_app(
            replace(
                settings,
                instance=tmp_path,
                rate_limit_per_minute=per_minute,
                rate_limit_burst=burst,
            )
        )
        made.append(other)
        return ApiCaller(other, api.actor, api.key)

    yield make
    for one in made:
        with one.app_context():
            db.engine.dispose()
            if EXTENSION in one.extensions:
                one.extensions[EXTENSION].engine.dispose()


def test_a_burst_is_served_and_no_more(limited: Callable[..., ApiCaller]) -> None:
    api = limited(1, 5)

    answers = [api.get("/company") for _ in range(7)]

    assert [one.status_code for one in answers] == [200] * 5 + [429] * 2
    assert [one.headers["X-RateLimit-Remaining"] for one in answers[:5]] == list("43210")
    assert answers[0].headers["X-RateLimit-Limit"] == "1"
    assert int(answers[-1].headers["Retry-After"]) in range(50, 61)
    error = answers[-1].json["error"]
    assert error["code"] == "RATE_LIMIT_EXCEEDED"
    assert error["retryAfter"] == error["details"][0]["retryAfter"]
    assert error["limit"] == 1


def test_processes_count_together(limited: Callable[..., ApiCaller]) -> None:
    one, other = limited(1, 60), limited(1, 60)

    def call(number: int) -> int:
        status: int = (one if number % 2 else other).get("/company").status_code
        return status

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(100)))
    answers += [call(number) for number in range(40)]  # what either process still had in hand

    assert answers.count(200) == 60
    assert answers.count(429) == 80


def test_a_bucket_fills_again(limited: Callable[..., ApiCaller]) -> None:
    api = limited(600_000, 1)

    answers = [api.get("/company").status_code for _ in range(20)]

    assert set(answers) == {200}  # ten tokens a millisecond


def test_a_refused_key_is_not_counted(limited: Callable[..., ApiCaller]) -> None:
    api = limited(1, 1)

    stranger = api.get("/company", headers={"Authorization": "Bearer nobody"})

    assert stranger.status_code == 401
    assert api.get("/company").status_code == 200
    assert api.get("/company", headers={"X-Company-Id": "company_x"}).status_code == 429


def test_health_is_never_limited(limited: Callable[..., ApiCaller]) -> None:
    api = limited(1, 1)

    assert {api.get("/health").status_code for _ in range(5)} == {200}
