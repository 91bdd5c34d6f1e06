import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Response
from sqlalchemy import event
from sqlalchemy.orm import Session

from inventory.api.writing import write
from inventory.database import db, transact
from inventory.domain.errors import RequestInProgress
from inventory.domain.units import UnitDraft
from inventory.http.clock import utc_now
from inventory.http.idempotency import once, repeatable_request
from inventory.http.request import act_as
from inventory.services.idempotency import KEPT_FOR, Repeatable, claim
from inventory.services.units import create_unit
from tests.api_caller import ApiCaller, new_caller
from tests.database_digest import database_digest

REPEATABLE = Repeatable("order 67", "0" * 64)
AGE = KEPT_FOR * 2
KEY = {"Idempotency-Key": "order 66"}
UNIT = {"code": "crate", "name": "Crates", "decimalPlaces": 0}


def units_of(api: ApiCaller) -> int:
    total: int = api.get("/units").json["pagination"]["total"]
    return total


def test_a_repeated_request_has_one_effect_and_one_answer(api: ApiCaller) -> None:
    first = api.post("/units", UNIT, headers=KEY)
    second = api.post("/units", UNIT, headers=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Location"] == first.headers["Location"]
    assert units_of(api) == 11


def test_a_key_stands_for_one_request(api: ApiCaller) -> None:
    api.post("/units", UNIT, headers=KEY)

    other_body = api.post("/units", {**UNIT, "code": "bag"}, headers=KEY)
    other_address = api.put("/units/pcs", {"name": "Piece"}, headers=KEY)

    for answer in (other_body, other_address):
        assert answer.status_code == 422
        assert answer.json["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert units_of(api) == 11


def test_companies_share_no_keys(api: ApiCaller) -> None:
    other = new_caller(api.app)

    assert api.post("/units", UNIT, headers=KEY).status_code == 201
    answer = other.post("/units", UNIT, headers=KEY)

    assert answer.status_code == 201
    assert "Idempotent-Replayed" not in answer.headers


def test_a_refusal_is_not_kept(api: ApiCaller) -> None:
    wrong = {**UNIT, "decimalPlaces": 7}

    refused = api.post("/units", wrong, headers=KEY)
    accepted = api.post("/units", UNIT, headers=KEY)

    assert refused.status_code == 422
    assert accepted.status_code == 201


def test_a_rehearsal_is_not_kept(api: ApiCaller) -> None:
    before = database_digest(api.app)

    rehearsed = api.post("/units?dryRun=true", UNIT, headers=KEY)

    assert rehearsed.status_code == 201
    assert rehearsed.json["meta"]["dryRun"] is True
    assert rehearsed.json["data"].items() >= UNIT.items()
    assert "Location" not in rehearsed.headers
    assert database_digest(api.app) == before
    assert api.post("/units", UNIT, headers=KEY).json["meta"].get("dryRun") is None


def test_a_rehearsal_is_refused_like_the_real_thing(api: ApiCaller) -> None:
    answer = api.post("/units?dryRun=true", {**UNIT, "code": "kg"})

    assert answer.status_code == 409


@pytest.mark.parametrize("key", ["x" * 256, "caf\u00e9".encode().decode("latin-1"), "a\tb"])
def test_a_strange_key_is_refused(api: ApiCaller, key: str) -> None:
    answer = api.post("/units", UNIT, headers={"Idempotency-Key": key})

    assert answer.status_code == 422
    assert answer.json["error"]["details"][0]["field"] == "Idempotency-Key"


def in_request(api: ApiCaller, run: Callable[[Session], Response], via: Any = write) -> Response:
    """One request with the key, in the thread at hand."""
    with api.app.test_request_context("/api/v1/units", method="POST", headers=KEY):
        act_as(api.actor)
        answer: Response = via(run)
        return answer


def adds_slowly(api: ApiCaller, seconds: float) -> Callable[[Session], Response]:
    def work(session: Session) -> Response:
        draft = UnitDraft(code="crate", name="Crates", places=0)
        create_unit(session, api.actor, draft, now=utc_now())
        time.sleep(seconds)
        return Response(b"done", 201)

    return work


def test_a_twin_waits_for_the_first_answer(api: ApiCaller) -> None:
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(in_request, api, adds_slowly(api, 0.5))
        time.sleep(0.1)
        second = pool.submit(in_request, api, adds_slowly(api, 0.5))

    answers = [first.result(), second.result()]
    assert [one.data for one in answers] == [b"done", b"done"]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert units_of(api) == 11


def test_a_twin_does_not_wait_for_ever(api: ApiCaller) -> None:
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(in_request, api, adds_slowly(api, 3))
        time.sleep(0.1)
        began = time.monotonic()
        with pytest.raises(RequestInProgress):
            in_request(api, adds_slowly(api, 0))
        waited = time.monotonic() - began

    assert 1.8 < waited < 2.6
    assert first.result().status_code == 201
    assert units_of(api) == 11


def test_twins_in_other_processes_have_one_effect(api: ApiCaller) -> None:
    def elsewhere(run: Callable[[Session], Response]) -> Response:
        """As `write` does it in a process that knows nothing of ours."""
        wanted = repeatable_request()
        return transact(lambda session: once(session, api.actor, wanted, lambda: run(session)))

    with ThreadPoolExecutor(4) as pool:
        runs = [
            pool.submit(in_request, api, adds_slowly(api, 0.2), via=elsewhere) for _ in range(4)
        ]

    answers = [one.result() for one in runs]
    assert [one.data for one in answers] == [b"done"] * 4
    assert sum("Idempotent-Replayed" in one.headers for one in answers) == 3
    assert units_of(api) == 11


def test_a_twin_in_another_process_does_not_wait_for_ever(api: ApiCaller) -> None:
    with api.app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("the one writer of SQLite is waited for; its transactions are short")

    def elsewhere(run: Callable[[Session], Response]) -> Response:
        wanted = repeatable_request()
        return transact(lambda session: once(session, api.actor, wanted, lambda: run(session)))

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(in_request, api, adds_slowly(api, 3), via=elsewhere)
        time.sleep(0.2)
        with pytest.raises(RequestInProgress):
            in_request(api, adds_slowly(api, 0), via=elsewhere)

    assert first.result().status_code == 201


def test_an_answer_is_for_whoever_asked_first(api: ApiCaller) -> None:
    """Another key of the company may see less: costs that its roles hide, for one."""
    item = {"itemCode": "A", "name": "A", "type": "inventory", "pricing": {"costPrice": 7}}
    clerk = api.with_key(roles=("clerk",))

    answer = api.post("/items", item, headers=KEY)
    refused = clerk.post("/items", item, headers=KEY)

    assert answer.json["data"]["pricing"]["costPrice"] == 7
    assert refused.status_code == 422
    assert refused.json["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"


def test_a_key_too_old_to_be_kept_is_used_by_one_twin(api: ApiCaller) -> None:
    """The second one finds the old row too, but takes its place only if it still is there."""
    with api.app.app_context():
        if db.engine.dialect.name == "sqlite":
            pytest.skip("has one writer, so nobody comes between")
        made = transact(lambda session: claim(session, api.actor, REPEATABLE, now=utc_now() - AGE))
        assert made is None

    def first_one(*said: Any) -> None:
        if said[2].startswith("DELETE FROM idempotency_keys") and not came:
            came.append(1)
            with ThreadPoolExecutor(1) as pool:
                pool.submit(_claim_in_another_thread, api).result()

    came: list[int] = []
    with api.app.app_context():
        event.listen(db.engine, "before_cursor_execute", first_one)
        with pytest.raises(RequestInProgress):
            transact(lambda session: claim(session, api.actor, REPEATABLE, now=utc_now()))
        event.remove(db.engine, "before_cursor_execute", first_one)

    assert came


def _claim_in_another_thread(api: ApiCaller) -> None:
    with api.app.app_context():
        made = transact(lambda session: claim(session, api.actor, REPEATABLE, now=utc_now()))
    assert made is None
