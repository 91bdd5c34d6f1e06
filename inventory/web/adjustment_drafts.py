"""A draft as it is written: kept at each change, and rehearsed so that the preview is true."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from inventory.database import transact
from inventory.domain.actor import Actor, Permission
from inventory.domain.adjustments import AdjustmentLineDraft
from inventory.domain.companies import effect_of_date, today
from inventory.domain.errors import (
    Invalid,
    MaximumExceeded,
    NotFound,
    PeriodLocked,
    RuleBroken,
)
from inventory.domain.measures import VALUE_PLACES, from_scaled
from inventory.http.clock import utc_now
from inventory.models.adjustments import Adjustment
from inventory.queries.adjustments import AdjustmentView, get_adjustment
from inventory.queries.line_items import read_choices
from inventory.queries.locations import all_locations
from inventory.queries.movements import list_cost_changes
from inventory.queries.stock import on_hand_of
from inventory.services.adjustments import create_adjustment, post_adjustment, update_adjustment
from inventory.web.adjustment_sheets import DraftLine, Editor, Figures, LaterChange
from inventory.web.draft_editing import named_lines, save_once
from inventory.web.forms.adjustments import AdjustmentForm, LineForm
from inventory.web.refusals import distribute, meant_by, words_of

ZERO: Final = Decimal(0)


def keep(actor: Actor, editor: Editor, *, is_strict: bool) -> None:
    """Save what is complete, or say what is missing. A strict caller wants all lines complete."""
    form = editor.form
    complete = [row for row in form.rows if row.is_complete]
    missing = _missing(form, complete)
    if missing or (is_strict and len(complete) < len(form.rows)):
        editor.unsaved = missing or "Some lines are not complete."
        return
    costs = _stated_costs(actor, editor.known, complete)
    lines = tuple(row.draft(cost) for row, cost in zip(complete, costs, strict=True))
    try:
        version = transact(lambda session: _save(session, actor, editor, lines).version)
    except (Invalid, NotFound, MaximumExceeded) as refusal:
        distribute(form, complete, refusal)
        editor.unsaved = "Not saved: something above is wrong."
        return
    form.version.data = version
    editor.is_kept = True
    if len(complete) < len(form.rows):
        editor.unsaved = "Lines without a figure are not saved yet."


def rehearse(session: Session, actor: Actor, editor: Editor) -> None:
    """Do in earnest what posting will do, and let go of it: figures, value, what it changes."""
    complete = [row for row in editor.form.rows if row.is_complete]
    try:
        post_adjustment(session, actor, editor.id, now=utc_now())
        view = get_adjustment(session, actor, editor.id)
        figures = [
            Figures(line.current_stock, line.quantity, line.unit_cost, line.total_cost)
            for line in view.lines
        ]
        if len(figures) == len(complete):
            _give(editor, dict(zip(map(id, complete), figures, strict=True)))
            editor.total = view.head.total_value
        editor.later = later_changes(session, actor, view.head.id)
    except (Invalid, RuleBroken, MaximumExceeded) as refusal:
        _refuse(actor, editor, complete, refusal)


def later_changes(session: Session, actor: Actor, document_id: int) -> list[LaterChange]:
    """By the company's method, and for those only who may see costs."""
    method = actor.company.book_method
    if not actor.may(Permission.SEE_COST):
        return []
    return [
        LaterChange(
            date.fromisoformat(str(row.day)),
            row.item_code,
            from_scaled(getattr(row, f"{method}_before"), VALUE_PLACES),
            from_scaled(getattr(row, f"{method}_after"), VALUE_PLACES),
        )
        for row in list_cost_changes(session, actor, document_id)
    ]


def dress(session: Session, actor: Actor, editor: Editor, touched: Sequence[LineForm]) -> None:
    """Name the items of the lines, and what is there of them now."""
    form = editor.form
    editor.is_today = form.day.data is None or form.day.data >= today(utc_now(), actor.company.zone)
    place = next(
        (one for one in all_locations(session, actor) if one.public_id == form.location.data), None
    )
    key = place.id if place else None
    items = read_choices(session, actor, {row.item.data for row in form.rows}, place_id=key)
    stock = _stock(session, actor, editor, key, {one.id for one in items.values()})
    for index, row, item, was_touched in named_lines(form, items, touched):
        line = DraftLine(index, row, item, was_touched=was_touched)
        if key is not None:
            before = stock.get(item.id, ZERO)
            said = row.entry.entry if not row.entry.errors else None
            line.figures = Figures(before, said.target(before) - before if said else ZERO)
            stock[item.id] = line.figures.after
        editor.lines.append(line)


def _stock(
    session: Session, actor: Actor, editor: Editor, place_id: int | None, items: set[int]
) -> dict[int, Decimal]:
    if place_id is None or not items:
        return {}
    try:
        at = effect_of_date(editor.form.day.data, utc_now(), actor.company.zone)
    except Invalid:
        at = None
    return on_hand_of(session, actor, place_id, items, at=at)


def _missing(form: AdjustmentForm, complete: Sequence[LineForm]) -> str:
    """What is still needed before anything can be saved."""
    if form.location.errors or not form.location.data:
        return "Choose a location."
    if not form.rows:
        return "Add an item."
    if not complete:
        return "Type how each line changes."
    if not form.reason.data and any(not row.reason.data for row in complete):
        return "Choose a reason."
    if any(field.errors for field in (form.day, form.reference, form.notes, form.reason)):
        return "Something above is wrong."
    return ""


def _save(
    session: Session, actor: Actor, editor: Editor, lines: tuple[AdjustmentLineDraft, ...]
) -> Adjustment:
    form, now = editor.form, utc_now()

    def create() -> Adjustment:
        draft = form.draft(editor.id, lines)
        return create_adjustment(session, actor, draft, posts=False, now=now)

    def update(version: int | None) -> Adjustment:
        draft = form.draft(None, lines)
        return update_adjustment(
            session, actor, editor.id, draft, expected_version=version, now=now
        )

    return save_once(form, create, update)


def _stated_costs(
    actor: Actor, known: AdjustmentView | None, rows: Sequence[LineForm]
) -> list[Decimal | None]:
    """Unit costs as typed; who may not see costs leaves those that somebody else stated."""
    if actor.may(Permission.SEE_COST):
        return [row.unit_cost.data for row in rows]
    stated = {one.item_public_id: one.unit_cost for one in known.lines} if known else {}
    return [stated.get(row.item.data) for row in rows]


def _give(editor: Editor, figures: Mapping[int, Figures]) -> None:
    for line in editor.lines:
        line.figures = figures.get(id(line.form), line.figures)


def _refuse(
    actor: Actor,
    editor: Editor,
    rows: Sequence[LineForm],
    refusal: Invalid | RuleBroken | MaximumExceeded,
) -> None:
    """Say at each line why it cannot be posted, and above what concerns the document."""
    if not isinstance(refusal, RuleBroken):
        distribute(editor.form, rows, refusal)
        editor.refused = "Something is wrong with a line."
        return
    for broken in (refusal, *refusal.others):
        ours = meant_by(broken, editor.lines, rows)
        for line in ours:
            line.refused = words_of(actor, broken)
        if isinstance(broken, PeriodLocked):
            editor.form.day.errors = [words_of(actor, broken)]
        elif not ours:
            editor.refused = words_of(actor, broken)
