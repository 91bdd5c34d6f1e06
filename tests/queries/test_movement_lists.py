"""The list of movements on a big ledger: a few are found by key, and many walked in order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.database import db, rehearsal
from inventory.domain.actor import Actor
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.queries.keyset import PageRequest
from inventory.queries.movement_filters import MovementFilter
from inventory.queries.movements import list_movements
from inventory.services.movements import record_movements
from tests.factories import NOW, add_item, add_location, found_company
from tests.queries.test_plans import NUMBERS, explain, sent

MANY = 60_000  # movements of one document, item and place, none of them looked for
UNIT = 1_000_000


@dataclass(frozen=True)
class Ledger:
    session: Session
    actor: Actor
    number: str  # of a document with two lines

    def found(self, **wanted: Any) -> list[tuple[str, str]]:
        page = self.page(MovementFilter(**wanted))
        assert page.total == len(page.rows)
        return [(one.row.item_code, one.row.reference) for one in page.rows]

    def page(self, wanted: MovementFilter) -> Any:
        return list_movements(self.session, self.actor, wanted, PageRequest(limit=50))


@pytest.fixture(scope="module")
def ledger(app: Flask) -> Iterator[Ledger]:
    with app.app_context(), rehearsal() as session:
        actor = found_company(session)
        for name in ("main", "shop"):
            add_location(session, actor, name, public_id=f"loc_{name}")
        for code in ("BOLT", "Nut 100%"):
            add_item(session, actor, code, public_id=f"item_{code[0]}")
        fill(session, actor)
        record(session, actor, ("item_B", "purchase", "po-9"), ("item_N", "purchase", "PO-91"))
        record(session, actor, ("item_N", "sale", ""), place="loc_shop")
        done = record(
            session, actor, ("item_B", "purchase", "X1"), ("item_N", "purchase", ""), call="PO-9"
        )
        session.execute(text("ANALYZE stock_movements"))
        yield Ledger(session, actor, done)


def fill(session: Session, actor: Actor) -> None:
    """A past that nobody looks for: one receipt, and then as many numbers as are wanted."""
    record(session, actor, ("item_N", "purchase", "OLD"), place="loc_shop")
    copied = (
        "recorded_at, kind, quantity, value, document_kind, document_id, line, reference, user_id"
    )
    many = NUMBERS[db.engine.dialect.name].format(last=MANY, name="n")
    session.execute(
        text(
            f"INSERT INTO stock_movements (company_id, item_id, sequence, place_id, effective_at,"  # noqa: S608  # constants only
            f" {copied}) SELECT company_id, item_id, 1000 + n.v, place_id, n.v, {copied}"
            f" FROM stock_movements CROSS JOIN {many} WHERE company_id = :company"
        ),
        {"company": actor.company.id},
    )


def record(
    session: Session,
    actor: Actor,
    *lines: tuple[str, str, str],
    place: str = "loc_main",
    call: str = "",
) -> str:
    drafts = tuple(
        MovementLineDraft(
            name=ItemName(item=item), kind=kind, quantity=Decimal(1), reference=reference
        )
        for item, kind, reference in lines
    )
    draft = MovementsDraft(location=place, lines=drafts, reference=call)
    return record_movements(session, actor, draft, now=NOW).document.number


def test_a_reference_is_the_movements_own_or_its_documents(ledger: Ledger) -> None:
    mine = [("Nut 100%", "PO-9"), ("BOLT", "X1")]

    assert sorted(ledger.found(reference="PO-9")) == sorted(mine)
    assert sorted(ledger.found(reference=ledger.number)) == sorted(mine)
    assert ledger.found(reference="X1") == [("BOLT", "X1")]
    assert ledger.found(reference="po-9") == [("BOLT", "po-9")]
    assert ledger.found(reference="PO-") == []


def test_a_search_finds_how_references_begin_and_what_items_are_called(ledger: Ledger) -> None:
    bolts = [("BOLT", "X1"), ("BOLT", "po-9")]

    assert sorted(ledger.found(search="bolt")) == bolts
    assert sorted(ledger.found(search="PO-9")) == [
        ("Nut 100%", "PO-9"),
        ("Nut 100%", "PO-91"),
    ]
    assert ledger.found(search="x1") == [("BOLT", "X1")]
    assert len(ledger.found(search=ledger.number.lower())) == 2
    assert ledger.found(search="nothing like it") == []


def test_other_filters_narrow_what_is_found_by_reference(ledger: Ledger) -> None:
    assert ledger.found(reference="PO-9", item="item_B") == [("BOLT", "X1")]
    assert ledger.found(reference="PO-9", location="loc_shop") == []
    assert ledger.found(search="po-9", date_to=date(2020, 1, 1)) == []


BY_DOCUMENT = "ix_stock_movements_company_id_document_id_line"
LOOK_UPS = {
    "reference": (MovementFilter(reference="PO-9"), BY_DOCUMENT),
    "search": (MovementFilter(search="po-9"), BY_DOCUMENT),
    "kind": (MovementFilter(kind="sale"), "ix_stock_movements_kind"),
    "location": (MovementFilter(location="loc_main"), "ix_stock_movements_place"),
}


@pytest.mark.parametrize("name", LOOK_UPS)
def test_a_few_are_found_by_an_index_of_theirs(ledger: Ledger, name: str) -> None:
    wanted, index = LOOK_UPS[name]

    def read(_session: Session, _company: int) -> None:
        assert 0 < len(ledger.page(wanted).rows) < 10

    plans = [
        explain(ledger.session, statement, parameters)
        for statement, parameters in sent(ledger.session, ledger.actor.company.id, read)
    ]

    assert any(index in plan for plan in plans), "\n\n".join(plans)
    for plan in plans:
        assert "Seq Scan on stock_movements" not in plan
        assert "ix_stock_movements_company_id_effective_at_item_id_sequence" not in plan
