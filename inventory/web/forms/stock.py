"""Adjusting the stock of one item: a figure, or a change, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from flask import request
from wtforms import HiddenField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Length, ValidationError

from inventory.domain.adjustments import REASONS
from inventory.domain.lines import ItemName
from inventory.domain.stock import StockDraft
from inventory.queries.item_rows import LevelView
from inventory.queries.stock import StockPlace
from inventory.web.forms.base import MINUS, PageForm, TrimmedField, read_number
from inventory.web.forms.choices import options

EXPECTED: Final = "expected-"  # a hidden field per location: the stock that the person saw there
SIGNS: Final = ("+", "-", MINUS)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was typed: `83` is a figure, `+5` and `-2` are changes, `=-2` is a figure again."""

    amount: Decimal
    is_change: bool

    def target(self, before: Decimal) -> Decimal:
        """The stock there shall be."""
        return before + self.amount if self.is_change else self.amount


class EntryField(TrimmedField):
    is_number = True

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = valuelist[0].strip() if valuelist else ""
        self.entry: Entry | None = None
        self.entry = read_entry(self.data) if self.data else None

    def put(self, text: str) -> None:
        """Fill in what is not typed here."""
        self.data, self.raw_data = text, [text]
        self.entry = read_entry(text) if text else None


def read_entry(text: str) -> Entry:
    """The figure or change somebody typed. Raises ValidationError."""
    try:
        amount = read_number(text.removeprefix("="))
    except ValidationError:
        raise ValidationError("Type a figure such as 83, or a change such as +5 or -2.") from None
    return Entry(amount, is_change=text.startswith(SIGNS))


class StockForm(PageForm):
    field_names = {"newQuantity": "entry", "locationId": "location"}  # noqa: RUF012  # of the base

    entry: Any = EntryField("New quantity", [InputRequired("Type a figure or a change.")])
    location: Any = SelectField("Location", [InputRequired("Choose where.")])
    reason: Any = SelectField(
        "Reason",
        [InputRequired("Choose a reason.")],
        choices=options(("", "Choose a reason"), REASONS.items()),
    )
    notes: Any = TrimmedField("Note", [Length(max=500)])
    loc: Any = HiddenField()  # the location whose figures the list shows
    back: Any = HiddenField()  # the page to return to

    def offer(self, places: Sequence[StockPlace]) -> None:
        """Let the person choose among the locations, each with what is there."""
        self.places = places
        self.location.choices = [
            SelectChoice("", "Choose where"),
            *(
                SelectChoice(
                    one.public_id,
                    f"{one.name} ({one.on_hand:,f})",
                    {"data-on-hand": str(one.on_hand)},
                )
                for one in places
            ),
        ]

    @property
    def place(self) -> StockPlace | None:
        """The location that is chosen."""
        return next((one for one in self.places if one.public_id == self.location.data), None)

    def draft(self, item_id: str) -> StockDraft:
        place = self.place
        assert place is not None, "a choice among the places offered"
        expected = self.expected(place)
        return StockDraft(
            name=ItemName(item=item_id),
            location=place.public_id,
            quantity=self.entry.entry.target(expected),
            reason=self.reason.data,
            notes=self.notes.data,
            expected=expected,
        )

    def expected(self, place: StockPlace) -> Decimal:
        """What the person saw at the location when they typed."""
        seen = request.form.get(EXPECTED + place.public_id, "")
        try:
            return read_number(seen)
        except ValidationError:
            return place.on_hand


def likely_place(
    levels: Sequence[LevelView], places: Sequence[StockPlace], *, wanted: str | None, last: str
) -> str:
    """Where the person probably means: where they look, the only place there is, the last one."""
    known = [one.public_id for one in places]
    stocked = [one.location_public_id for one in levels if one.location_public_id in known]
    if wanted in known:
        return str(wanted)
    if len(known) == 1:
        return known[0]
    if len(stocked) == 1:
        return stocked[0]
    return last if last in stocked else ""
