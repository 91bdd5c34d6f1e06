"""Sixteen programs at once against the served product: exact counts, no 5xx, books that add up.

RACE_ROUNDS=50 pytest tests/api/test_races.py  runs each race so many times.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from threading import Barrier
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, build_opener

import pytest
from flask import Flask

from inventory.database import reading
from inventory.services.audit import audit_company
from tests.api_caller import ApiCaller, new_caller
from tests.served import served

CLIENTS = 16
ROUNDS = range(int(os.environ.get("RACE_ROUNDS", "1")))
STOCK, ADJUSTMENTS, MOVEMENTS = (
    f"/inventory/{noun}" for noun in ("stock", "adjustments", "movements")
)  # fmt: skip

pytestmark = pytest.mark.parametrize("seed", ROUNDS)


@dataclass(frozen=True)
class Call:
    """A request that is sent at the same time as others."""

    method: str
    path: str
    body: Any
    key: str = ""

    def over(self, address: str, api: ApiCaller) -> tuple[str, bytes]:
        """How it ended (status, or status and code of the refusal), and what was said."""
        headers = {
            "Authorization": f"Bearer {api.key}",
            "X-Company-Id": api.company_id,
            "Content-Type": "application/json",
            **({"Idempotency-Key": self.key} if self.key else {}),
        }
        data = json.dumps(self.body).encode()
        asked = Request(  # noqa: S310  # our own server
            f"{address}/api/v1{self.path}", data, headers, method=self.method
        )
        try:
            with build_opener().open(asked, timeout=60) as answer:
                return str(answer.status), answer.read()
        except HTTPError as refused:
            with refused:
                status, said = refused.code, refused.read()
        (first, *_) = json.loads(said)["error"]["details"] or [{}]
        return f"{status} {first.get('rule', first.get('field'))}", said


@dataclass
class Arena:
    """A company of its own with six items, behind the served product."""

    address: str
    api: ApiCaller

    @property
    def items(self) -> list[str]:
        return [f"item_{number}" for number in range(6)]

    def furnish(self) -> "Arena":
        made = self.api.post("/locations", {"id": "loc_main", "name": "Main"})
        assert made.status_code == 201
        for name in self.items:
            body = {"id": name, "itemCode": name, "name": name, "type": "inventory"}
            assert self.api.post("/items", body).status_code == 201
        return self

    def race(self, calls: Sequence[Call]) -> tuple[Counter[str], list[bytes]]:
        """How calls end that start at once."""
        start = Barrier(min(CLIENTS, len(calls)))

        def run(number: int) -> tuple[str, bytes]:
            if number < start.parties:
                start.wait()
            return calls[number].over(self.address, self.api)

        with ThreadPoolExecutor(CLIENTS) as pool:
            ends = list(pool.map(run, range(len(calls))))
        return Counter(end for end, _ in ends), [said for _, said in ends]

    def one(self, call: Call) -> None:
        end, said = call.over(self.address, self.api)
        assert end == "201", said

    def on_hand(self) -> dict[str, int]:
        rows = self.api.get(f"{STOCK}?limit=200").json["data"]
        return {row["itemId"]: row["currentStock"] for row in rows}

    def count(self, path: str) -> int:
        total: int = self.api.get(path).json["pagination"]["total"]
        return total

    def prove(self) -> None:
        with self.api.app.app_context(), reading() as session:
            assert list(audit_company(session, self.api.actor)) == []


@pytest.fixture(scope="module")
def address(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(app, tmp_path_factory.mktemp("served"), threads=8, workers=2) as address:
        yield address


@pytest.fixture
def arena(app: Flask, address: str) -> Arena:
    return Arena(address, new_caller(app)).furnish()


def adjust(*changes: tuple[str, int], key: str = "") -> Call:
    lines = [
        {"itemId": item, "adjustmentQuantity": change} | ({"unitCost": 2} if change > 0 else {})
        for item, change in changes
    ]
    body = {"locationId": "loc_main", "reason": "found", "items": lines}
    return Call("POST", ADJUSTMENTS, body, key)


def sell(item: str = "item_0", quantity: int = 1, key: str = "") -> Call:
    body = {"type": "sale", "itemId": item, "locationId": "loc_main", "quantity": quantity}
    return Call("POST", MOVEMENTS, body, key)


def put(quantity: int, expected: int) -> Call:
    body = {
        "itemId": "item_0", "locationId": "loc_main", "newQuantity": quantity,
        "expectedQuantity": expected, "reason": "stock_count",
    }  # fmt: skip
    return Call("PUT", STOCK, body)


def test_first_receipts_all_count(arena: Arena, seed: int) -> None:
    ends, _ = arena.race([adjust(("item_0", 3))] * 20)

    assert ends == {"201": 20}, seed
    assert arena.on_hand() == {"item_0": 60}
    arena.prove()


def test_the_last_ten_are_sold_ten_times(arena: Arena, seed: int) -> None:
    arena.one(adjust(("item_0", 10)))

    ends, _ = arena.race([sell()] * 50)

    assert ends == {"201": 10, "422 INSUFFICIENT_STOCK": 40}, seed
    assert arena.on_hand() == {"item_0": 0}
    assert arena.count(MOVEMENTS) == 11
    arena.prove()


def test_one_of_fifty_sets_the_figure_that_all_expect(arena: Arena, seed: int) -> None:
    arena.one(adjust(("item_0", 5)))

    ends, said = arena.race([put(quantity, 5) for quantity in range(100, 150)])

    assert ends == {"200": 1, "409 expectedQuantity": 49}, seed
    (won,) = [json.loads(one)["data"]["currentStock"] for one in said if b'"success":true' in one]
    assert arena.on_hand() == {"item_0": won}
    arena.prove()


def test_crossed_documents_never_shut_each_other_out(arena: Arena, seed: int) -> None:
    arena.one(adjust(*((item, 100) for item in arena.items)))
    chance = Random(seed)
    held = dict.fromkeys(arena.items, 100)
    calls = []
    for _ in range(48):
        lines = [(item, chance.choice((-1, 1))) for item in chance.sample(arena.items, 4)]
        calls.append(adjust(*lines))
        for item, change in lines:
            held[item] += change

    ends, _ = arena.race(calls)

    assert ends == {"201": 48}
    assert arena.on_hand() == held
    numbers = [
        one["adjustmentNumber"] for one in arena.api.get(f"{ADJUSTMENTS}?limit=200").json["data"]
    ]
    assert len(numbers) == len(set(numbers)) == 49
    arena.prove()


@pytest.mark.parametrize("make", [sell, lambda key: adjust(("item_1", -1), key=key)])
def test_twins_of_one_key_have_one_effect(
    arena: Arena, seed: int, make: Callable[..., Call]
) -> None:
    arena.one(adjust(("item_0", 100), ("item_1", 100)))
    keys = [f"order-{seed}-{number}" for number in range(8)]

    ends, said = arena.race([make(key=key) for key in keys for _ in range(6)])

    assert ends.keys() <= {"201", "409 Idempotency-Key"}
    assert len({one for one in said if b'"success":true' in one}) == len(keys)
    assert sum(arena.on_hand().values()) == 200 - len(keys)
    assert arena.count(MOVEMENTS) == 2 + len(keys)
    arena.prove()


def test_codes_that_all_want_are_given_once(arena: Arena, seed: int) -> None:
    body = {"itemCode": f"WANTED-{seed}", "name": "Wanted", "type": "inventory"}

    ends, _ = arena.race([Call("POST", "/items", body)] * 32)

    assert ends == {"201": 1, "409 itemCode": 31}
    assert arena.count(f"/items?search=WANTED-{seed}") == 1


def test_a_draft_is_posted_once_and_taken_back_once(arena: Arena, seed: int) -> None:
    arena.one(adjust(("item_0", 50)))
    draft = adjust(("item_0", -2))
    draft.body["status"] = "draft"
    _, said = draft.over(arena.address, arena.api)
    path = f"{ADJUSTMENTS}/{json.loads(said)['data']['id']}"

    posted, _ = arena.race([Call("POST", f"{path}/post", {})] * 24)
    voided, _ = arena.race([Call("POST", f"{path}/void", {})] * 24)

    assert posted == voided == {"200": 1, "422 INVALID_STATUS_TRANSITION": 23}, seed
    assert arena.on_hand() == {"item_0": 50}
    arena.prove()
