"""Taking a session's next step: locked, allowed, and by somebody who may."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission
from inventory.domain.counts import PERMISSIONS, CountCommand, CounterNotAssigned, next_status
from inventory.models.counts import Count, CountCounter
from inventory.services.references import lock_named


def command(
    session: Session,
    actor: Actor,
    public_id: str,
    wanted: CountCommand,
    expected_version: int | None = None,
) -> Count:
    """The session, locked, in the state the command leads to.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition.
    """
    actor.must(PERMISSIONS[wanted])
    count: Count = lock_named(session, actor, Count, public_id, expected_version)
    count.status = next_status(count.status, wanted)
    count.version += 1
    return count


def refuse_unassigned(session: Session, actor: Actor, count: Count) -> None:
    """Raise CounterNotAssigned where others were asked to count; who manages stock always may."""
    if actor.may(Permission.MANAGE_STOCK):
        return
    asked = session.scalars(
        select(CountCounter.user_id).where(
            CountCounter.company_id == count.company_id, CountCounter.count_id == count.id
        )
    ).all()
    if asked and actor.user_id not in asked:
        raise CounterNotAssigned(count.number)
