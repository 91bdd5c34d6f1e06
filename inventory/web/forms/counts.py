"""A count as people plan it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from wtforms import BooleanField, DateField, HiddenField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from inventory.domain.companies import end_of_day
from inventory.domain.counts import PERCENT_MAX, CountDraft, CountScope
from inventory.domain.drafts import UNSET
from inventory.queries.counts import CountView
from inventory.web.forms.base import NumberField, TrimmedField
from inventory.web.forms.people import ChecksField
from inventory.web.forms.settings import Group, SettingsForm, lines_of

HOW = ("is_blind", "tolerance", "due_on", "counters", "notes")


class CountForm(SettingsForm):
    """What may change while people count."""

    field_names = {"tolerancePercent": "tolerance", "dueAt": "due_on"}  # noqa: RUF012  # of the base
    groups: ClassVar[Sequence[Group]] = (("Count", ("name",)), ("How", HOW))

    name: Any = TrimmedField(
        "Name", [Optional(), Length(max=200)], description="Empty: it is named after today."
    )
    is_blind: Any = BooleanField(
        "Blind count",
        default=True,
        description="Counters do not see what is expected, so they count what is there.",
    )
    tolerance: Any = NumberField(
        "Tolerance, %",
        [Optional(), NumberRange(0, PERCENT_MAX, "Use a percentage from 0 to 100.")],
        description="Lines that differ by more are marked for a second look.",
    )
    due_on: Any = DateField("Due", [Optional()])
    counters: Any = ChecksField("Who counts", description="Nobody ticked: all who may.")
    notes: Any = TextAreaField("Notes", [Optional(), Length(max=5_000)], render_kw={"rows": 3})

    def offer(self, people: Sequence[tuple[str, str]]) -> None:
        """Set who may be asked to count: public id and name."""
        self.counters.choices = list(people)

    def draft(self, zone: ZoneInfo) -> CountDraft:
        due: date | None = self.due_on.data
        return CountDraft(
            name=self.name.data or UNSET,
            is_blind=bool(self.is_blind.data),
            tolerance=self.tolerance.data,
            due_at=end_of_day(due, zone) if due else None,
            counters=tuple(self.counters.data or ()),
            notes=self.notes.data or "",
        )


class PlanForm(CountForm):
    """A count that is not there yet: it says where and what, too."""

    field_names = {  # noqa: RUF012  # of the base
        **CountForm.field_names,
        "locationId": "location",
        "scope": "items",
        "scope.items": "items",
        "scope.categories": "category",
    }
    groups: ClassVar[Sequence[Group]] = (
        ("Count", ("name", "location")),
        ("What", ("category", "not_counted_since", "includes_empty", "items")),
        ("How", HOW),
    )

    public_id: Any = HiddenField()  # chosen beforehand, so that planning it twice makes one
    location: Any = SelectField("Location", [InputRequired("Choose a place.")], default="")
    category: Any = SelectField("Category", default="", description="With all that hangs below it.")
    not_counted_since: Any = DateField(
        "Not counted since",
        [Optional()],
        description="Leaves out what a posted count covered from that day on.",
    )
    includes_empty: Any = BooleanField(
        "Also what was once there and is not now",
        description="Goods that turn up on a shelf that should be empty.",
    )
    items: Any = TextAreaField(
        "Only these items",
        [Optional()],
        description="Codes, one on each line. Empty: everything that fits the rest.",
        render_kw={"rows": 4, "spellcheck": "false"},
    )

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that were typed."""
        return lines_of(self.items.data)

    def plan(self, zone: ZoneInfo, items: Sequence[str]) -> CountDraft:
        """The draft.

        items  public ids of the codes that were typed
        """
        how = self.draft(zone)
        scope = CountScope(
            items=tuple(items),
            categories=(self.category.data,) if self.category.data else (),
            not_counted_since=self.not_counted_since.data,
            includes_empty=bool(self.includes_empty.data),
        )
        return CountDraft(
            public_id=self.public_id.data or None,
            name=how.name,
            location=self.location.data,
            scope=scope,
            is_blind=how.is_blind,
            tolerance=how.tolerance,
            due_at=how.due_at,
            counters=how.counters,
            notes=how.notes,
        )


def form_of(view: CountView, zone: ZoneInfo) -> CountForm:
    """The form of a session that is there."""
    head = view.head
    due: datetime | None = head.due_at
    return CountForm(
        formdata=None,
        version=head.version,
        name=head.name,
        is_blind=head.is_blind,
        tolerance=head.tolerance,
        due_on=due.astimezone(zone).date() if due else None,
        counters=[one.public_id for one in view.counters if one.is_assigned],
        notes=head.notes,
    )
