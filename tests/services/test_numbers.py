"""Numbers of documents: without gaps where asked, without waiting elsewhere."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from inventory.database import db, rehearsal, transact, transaction
from inventory.domain.actor import Actor
from inventory.services.numbers import next_number, next_numbers
from tests.factories import found_company


@pytest.fixture
def actor(app: Flask) -> Iterator[Actor]:
    with app.app_context():
        actor = transact(found_company)
        transact(lambda session: next_number(session, actor, "ADJ", year=2026))
        yield actor


def gap_free(actor: Actor) -> Actor:
    return replace(actor, company=replace(actor.company, gap_free_numbers=True))


def take(session: Session, actor: Actor, kind: str = "ADJ") -> int:
    return int(next_number(session, actor, kind, year=2026).rsplit("-", 1)[1])


def test_numbers_follow_one_another(actor: Actor) -> None:
    assert [transact(lambda session: take(session, actor)) for _ in range(3)] == [2, 3, 4]
    assert transact(lambda session: next_number(session, actor, "SUPP")) == "SUPP-0001"
    assert transact(lambda session: next_number(session, actor, "MOV", year=2027)) == (
        "MOV-2027-0001"
    )


def test_many_numbers_come_in_a_row(actor: Actor) -> None:
    numbers = transact(lambda session: next_numbers(session, actor, "ADJ", 100, year=2026))

    assert numbers[0] == "ADJ-2026-0002"
    assert numbers[-1] == "ADJ-2026-0101"
    assert transact(lambda session: take(session, actor)) > 101


def test_a_number_that_was_not_used_comes_again_where_gaps_are_forbidden(actor: Actor) -> None:
    strict = gap_free(actor)
    with rehearsal() as session:
        lost = take(session, strict)

    assert transact(lambda session: take(session, strict)) == lost


def test_a_posting_does_not_wait_for_the_number_of_another(app: Flask, actor: Actor) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")

    def elsewhere() -> int:
        with app.app_context():
            return transact(lambda session: take(session, actor))

    with transaction() as session, ThreadPoolExecutor(1) as other:
        mine = take(session, actor)
        theirs = other.submit(elsewhere).result(timeout=10)

    assert mine != theirs


def test_sixteen_clients_never_get_the_same_number(app: Flask, actor: Actor) -> None:
    def some(_: int) -> list[int]:
        with app.app_context():
            return [transact(lambda session: take(session, actor)) for _ in range(10)]

    with ThreadPoolExecutor(16) as pool:
        numbers = [number for taken in pool.map(some, range(16)) for number in taken]

    assert len(set(numbers)) == 160


def test_the_first_number_of_a_kind_is_followed_in_its_own_transaction(actor: Actor) -> None:
    with transaction() as session:
        first = [take(session, actor, "PO") for _ in range(3)]

    assert first == [1, 2, 3]
    assert transact(lambda session: take(session, actor, "PO")) == 4
