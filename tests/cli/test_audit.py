"""flask audit and flask rebuild-balances, on an installation of their own."""

from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from inventory.cli.operator import operator_of
from inventory.database import transact
from inventory.domain.lines import ItemName
from inventory.domain.movements import MovementLineDraft, MovementsDraft
from inventory.http.clock import utc_now
from inventory.services.movements import record_movements
from tests.factories import add_item, add_location
from tests.installation import Installation


def test_damage_is_named_and_repaired(installation: Installation) -> None:
    def furnish(session: Session) -> None:
        actor = operator_of(session, "company_acme")
        add_location(session, actor, "Main", public_id="loc_main")
        add_item(session, actor, "A", public_id="item_a")
        line = MovementLineDraft(
            name=ItemName(item="item_a"), kind="purchase", quantity=Decimal(5), unit_cost=Decimal(2)
        )
        draft = MovementsDraft(location="loc_main", lines=(line,))
        record_movements(session, actor, draft, now=utc_now())

    with installation.app.app_context():
        transact(furnish)
    assert "I5 ok" in installation.succeed("audit", "--company", "company_acme")

    with installation.app.app_context():
        transact(
            lambda session: session.execute(
                text("UPDATE stock_positions SET fifo = fifo + 100 WHERE company_id > 0")
            )
        )
    refused = installation.invoke("audit")
    assert refused.exit_code == 1
    assert "company_acme I5: item A: position" in refused.stderr

    repaired = installation.succeed("rebuild-balances")
    assert "company_acme: 1 differences" in repaired
    assert "FAILED" not in installation.succeed("audit")
