"""Where to turn when an address leads nowhere or something is not allowed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import request, url_for
from sqlalchemy.orm import Session

from inventory.database import reading
from inventory.domain.actor import Actor, Permission
from inventory.domain.errors import Forbidden
from inventory.domain.users import ADMIN
from inventory.http.request import find_actor
from inventory.queries.users import list_companies_of, list_members
from inventory.web.login import find_person

NAMED: Final = 3  # people who can help
WORDS_MAX: Final = 60
# What a person may do, after "the right to".
RIGHTS: Final = {
    Permission.READ: "look at this",
    Permission.SEE_COST: "see costs and values",
    Permission.COUNT: "count stock",
    Permission.EDIT_ITEMS: "edit items, suppliers and categories",
    Permission.MOVE_STOCK: "move stock",
    Permission.APPROVE: "approve",
    Permission.MANAGE_STOCK: "manage stock and locations",
    Permission.ADMINISTER: "administer the company",
}


@dataclass(frozen=True, slots=True)
class Sought:
    """A search among the items in place of a page that is not there."""

    address: str
    words: str


def who_can_help(refusal: Forbidden) -> str:
    """Which right is missing, and who can give it."""
    right = next((words for name, words in RIGHTS.items() if name == refusal.permission), "")
    said = f"This needs the right to {right} (the permission '{refusal.permission}')."
    actor = find_actor()
    if actor is None:
        return said
    with reading() as session:
        names = _admins(session, actor)
    if not names:
        return said
    return f"{said} {' or '.join(names)} can give it to you."


def _admins(session: Session, actor: Actor) -> Sequence[str]:
    return [
        one.user.name
        for one in list_members(session, actor)
        if ADMIN in one.roles and one.user.is_active
    ][:NAMED]


def sought_instead() -> Sought | None:
    """What the lost address may have meant, for those who are signed in."""
    company = _company()
    last = request.path.rstrip("/").rpartition("/")[2]
    words = re.sub(r"[^\w.]+", " ", re.sub(r"^[a-z]+_", "", last)).strip()[:WORDS_MAX]
    if company is None:
        return None
    return Sought(url_for("web.items.index", company_id=company), words)


def _company() -> str | None:
    """The company the address names or the person acts in, if it is theirs."""
    actor, person = find_actor(), find_person()
    if actor is not None or person is None:
        return actor.company.public_id if actor else None
    wanted = re.match(r"/c/([^/]+)", request.path)
    with reading() as session:
        known = [one.company.public_id for one in list_companies_of(session, person.user_id)]
    if wanted and wanted[1] in known:
        return wanted[1]
    return known[0] if len(known) == 1 else None
