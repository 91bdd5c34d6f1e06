"""Planning counts, and the steps they take until they are posted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor, Permission, permissions_of
from inventory.domain.companies import today
from inventory.domain.counts import (
    PERMISSIONS,
    CountCommand,
    CountDraft,
    CountScope,
    CountStatus,
    check_draft,
    check_size,
)
from inventory.domain.drafts import Unset, stated
from inventory.domain.errors import Invalid, NotFound, Problem, raise_together
from inventory.domain.texts import check_text
from inventory.models.categories import Category
from inventory.models.counts import Count, CountCounter
from inventory.models.identity import Membership, User
from inventory.models.items import Item
from inventory.queries.counts_scope import list_scope
from inventory.services.bulk import Rows, write_rows
from inventory.services.counts_sheet import write_lines
from inventory.services.counts_steps import command, refuse_unassigned
from inventory.services.ids import new_id, new_public_id
from inventory.services.lines import find_active_location
from inventory.services.numbers import next_number
from inventory.services.references import refuse_taken


def create_count(session: Session, actor: Actor, draft: CountDraft, *, now: datetime) -> Count:
    """Write the sheet of what is to be counted. Nothing is frozen: goods may move meanwhile.

    Raises Forbidden, Invalid, Duplicate, NotFound (location, items, categories, counters),
    LocationInactive, in this order.
    """
    actor.must(PERMISSIONS[CountCommand.EDIT])
    check_draft(draft)
    refuse_taken(session, actor, Count, draft.public_id)
    location = find_active_location(session, actor, stated(draft.location, ""))
    scope = stated(draft.scope, CountScope())
    _refuse_unknown(session, actor, scope)
    counters = _find_counters(session, actor, stated(draft.counters, ()))
    sheet = list_scope(session, actor, location.id, scope)
    check_size(len(sheet))
    day = today(now, actor.company.zone)
    count = Count(
        company_id=actor.company.id,
        id=new_id(),
        public_id=draft.public_id or new_public_id("count"),
        number=next_number(session, actor, "CNT", year=day.year),
        name=stated(draft.name, "").strip() or f"Count of {day.isoformat()}",
        status=CountStatus.OPEN,
        location_id=location.id,
        scope=_scope_facts(scope),
        is_blind=stated(draft.is_blind, otherwise=True),
        tolerance=stated(draft.tolerance, None),
        due_at=stated(draft.due_at, None),
        notes=stated(draft.notes, ""),
        lines=len(sheet),
        created_by=actor.user_id,
        created_at=now,
        version=1,
    )
    session.add(count)
    session.flush()  # the rows that follow refer to it
    _assign(session, count, counters)
    write_lines(session, count, sheet, first=1, since=now)
    return count


def update_count(
    session: Session,
    actor: Actor,
    public_id: str,
    draft: CountDraft,
    *,
    expected_version: int | None = None,
) -> Count:
    """Change what a session says of itself while it is open; location and scope stay.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, Invalid.
    """
    count = command(session, actor, public_id, CountCommand.EDIT, expected_version)
    check_draft(draft)
    if not isinstance(draft.counters, Unset):
        _assign(session, count, _find_counters(session, actor, draft.counters))
    count.name = stated(draft.name, count.name).strip()
    count.is_blind = stated(draft.is_blind, count.is_blind)
    count.tolerance = stated(draft.tolerance, count.tolerance)
    count.due_at = stated(draft.due_at, count.due_at)
    count.notes = stated(draft.notes, count.notes)
    session.flush()  # read again by statements of its own
    return count


def finish_count(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Count:
    """Say that the counting is done; what was not counted is settled when it is posted.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, CounterNotAssigned.
    """
    count = command(session, actor, public_id, CountCommand.FINISH, expected_version)
    refuse_unassigned(session, actor, count)
    count.finished_by = actor.user_id
    count.finished_at = now
    session.flush()  # read again by statements of its own
    return count


def reopen_count(
    session: Session, actor: Actor, public_id: str, *, expected_version: int | None = None
) -> Count:
    """Let the counting go on. Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition."""
    count = command(session, actor, public_id, CountCommand.REOPEN, expected_version)
    session.flush()  # read again by statements of its own
    return count


def cancel_count(
    session: Session,
    actor: Actor,
    public_id: str,
    reason: str,
    *,
    expected_version: int | None = None,
    now: datetime,
) -> Count:
    """Give a session up. What was counted stays as evidence; no stock moves.

    Raises Forbidden, NotFound, StaleVersion, InvalidStatusTransition, Invalid.
    """
    count = command(session, actor, public_id, CountCommand.CANCEL, expected_version)
    problems = list(check_text(reason, "reason", 500))
    if problems:
        raise Invalid(problems)
    count.cancel_reason = reason
    count.closed_by = actor.user_id
    count.closed_at = now
    session.flush()  # read again by statements of its own
    return count


def _refuse_unknown(session: Session, actor: Actor, scope: CountScope) -> None:
    missing = [
        *_unknown(session, actor, Item, scope.items, "scope.items"),
        *_unknown(session, actor, Category, scope.categories, "scope.categories"),
    ]
    raise_together(missing)


def _unknown(
    session: Session, actor: Actor, model: Any, names: Sequence[str], path: str
) -> list[NotFound]:
    if not names:
        return []
    known = set(
        session.scalars(
            select(model.public_id).where(
                model.company_id == actor.company.id, model.public_id.in_(set(names))
            )
        )
    )
    resource = model.__name__.lower()
    return [
        NotFound(resource, name, field=f"{path}[{index}]")
        for index, name in enumerate(names)
        if name not in known
    ]


def _find_counters(session: Session, actor: Actor, names: Sequence[str]) -> list[int]:
    """Keys of people of the company who may count. Raises NotFound, Invalid, naming all."""
    if not names:
        return []
    rows = session.execute(
        select(User.public_id, User.id, Membership.roles)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.company_id == actor.company.id, User.public_id.in_(set(names)))
    )
    known = {public_id: (key, tuple(roles)) for public_id, key, roles in rows}
    raise_together(
        [
            NotFound("user", name, field=f"counters[{index}]")
            for index, name in enumerate(names)
            if name not in known
        ]
    )
    unable = [
        Problem(f"counters[{index}]", "This person may not count.", "INVALID_CHOICE", value=name)
        for index, name in enumerate(names)
        if Permission.COUNT not in permissions_of(known[name][1])
    ]
    if unable:
        raise Invalid(unable)
    return sorted({known[name][0] for name in names})


def _assign(session: Session, count: Count, counters: Sequence[int]) -> None:
    session.execute(
        delete(CountCounter)
        .where(CountCounter.company_id == count.company_id, CountCounter.count_id == count.id)
        .execution_options(synchronize_session=False)
    )
    rows = [(count.id, user_id) for user_id in counters]
    write_rows(session, count.company_id, [Rows(CountCounter, ("count_id", "user_id"), rows)])


def _scope_facts(scope: CountScope) -> Mapping[str, Any]:
    return {
        "items": list(scope.items),
        "categories": list(scope.categories),
        "notCountedSince": scope.not_counted_since.isoformat() if scope.not_counted_since else None,
        "includesEmpty": scope.includes_empty,
    }
