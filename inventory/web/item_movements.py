"""The movements of one item: filtered by kind and location, with the balance after each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app, url_for
from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.queries.keyset import Page
from inventory.queries.locations import all_locations
from inventory.queries.movement_filters import MovementFilter
from inventory.queries.movement_rows import MovementView
from inventory.queries.movements import list_movements
from inventory.web.forms.choices import word_of
from inventory.web.forms.item_movements import KINDS, MovementFilterForm
from inventory.web.lists import More, here, more_of, wanted_page


@dataclass(frozen=True, slots=True)
class MovementListing:
    """Rows with where they go on and what they are narrowed to."""

    form: MovementFilterForm
    page: Page[MovementView]
    more: More

    @property
    def chips(self) -> Iterator[tuple[str, str, str]]:
        """Filters in force: label, value, address without."""
        for field in (self.form.kind, self.form.location):
            if field.data:
                without: dict[str, Any] = {field.name: None}
                yield field.label.text, word_of(field), here(**without)


# Kinds of document that have a page, and the endpoint that shows it.
PAGES: Final = {
    "adjustment": ("web.adjustments.show", "adjustment_id"),
    "transfer": ("web.transfers.show", "transfer_id"),
}


def read_movements(session: Session, actor: Actor, item_id: str) -> MovementListing:
    """The movements of the item that the request's address asks for."""
    form = MovementFilterForm.of_request(all_locations(session, actor))
    wanted = MovementFilter(
        item=item_id, kind=form.kind.data or None, location=form.location.data or None
    )
    found = list_movements(session, actor, wanted, wanted_page())
    more = more_of(
        found,
        rows="web.items.movement_rows",
        index="web.items.movements",
        nouns=("movement", "movements"),
    )
    return MovementListing(form, found, more)


def document_address(kind: str, public_id: str | None) -> str | None:
    """The page of the document behind a movement, if it has one."""
    endpoint, argument = PAGES.get(kind, ("", ""))
    if not public_id or endpoint not in current_app.view_functions:
        return None
    wanted: dict[str, Any] = {argument: public_id}
    return url_for(endpoint, **wanted)


def kind_word(kind: str) -> str:
    """What a page calls a kind of movement."""
    return KINDS.get(kind, kind.replace("_", " ").capitalize())
