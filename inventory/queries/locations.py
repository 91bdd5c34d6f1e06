"""Reading locations and their bins."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.domain.errors import NotFound
from inventory.domain.texts import normalised
from inventory.models.locations import Bin, Location
from inventory.queries.keyset import Page, PageRequest, SortKey, read_page


def list_locations(
    session: Session,
    actor: Actor,
    page: PageRequest,
    *,
    kind: str | None = None,
    is_active: bool | None = None,
    search: str = "",
) -> Page[Location]:
    """A page of locations by name.

    search  part of the name or code
    """
    statement = select(Location).where(Location.company_id == actor.company.id)
    if kind is not None:
        statement = statement.where(Location.kind == kind)
    if is_active is not None:
        statement = statement.where(Location.is_active.is_(is_active))
    if search:
        part = normalised(search)
        statement = statement.where(
            or_(
                Location.name_key.contains(part, autoescape=True),
                Location.code_key.contains(part, autoescape=True),
            )
        )
    keys = [SortKey(Location.name), SortKey(Location.id)]
    return read_page(session, statement, keys, page).map(lambda row: row[0])


def get_location(session: Session, actor: Actor, public_id: str) -> Location:
    """The location of that id. Raises NotFound."""
    found = session.scalar(
        select(Location).where(
            Location.company_id == actor.company.id, Location.public_id == public_id
        )
    )
    if found is None:
        raise NotFound("location", public_id)
    return found


def all_locations(session: Session, actor: Actor) -> Sequence[Location]:
    """All active locations by name: for choices on pages."""
    return session.scalars(
        select(Location)
        .where(Location.company_id == actor.company.id, Location.is_active)
        .order_by(Location.name, Location.id)
    ).all()


def bins_of(session: Session, actor: Actor, location_ids: Sequence[int]) -> dict[int, list[str]]:
    """Codes of the bins of each location, in order."""
    bins: dict[int, list[str]] = defaultdict(list)
    if location_ids:
        rows = session.execute(
            select(Bin.location_id, Bin.code)
            .where(Bin.company_id == actor.company.id, Bin.location_id.in_(location_ids))
            .order_by(Bin.location_id, Bin.code)
        )
        for location_id, code in rows:
            bins[location_id].append(code)
    return bins
