"""Planning a count, and changing the plan while people count."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.database import reading
from inventory.domain.actor import Actor, Permission, permissions_of
from inventory.domain.errors import Invalid, Problem
from inventory.http.clock import utc_now
from inventory.http.permissions import needs
from inventory.http.request import current_actor
from inventory.queries.categories import list_tree
from inventory.queries.counts import get_count
from inventory.queries.line_items import find_exact_choices
from inventory.queries.locations import all_locations
from inventory.queries.users import list_members
from inventory.services.counts import create_count, update_count
from inventory.services.ids import new_public_id
from inventory.web.forms.choices import options
from inventory.web.forms.counts import CountForm, PlanForm, form_of
from inventory.web.saving import save

bp = Blueprint("plans", __name__)


@bp.get("/new")
@needs(Permission.MOVE_STOCK)
def new() -> AnyResponse:
    """An empty plan. It has its id already, so that planning it twice makes one."""
    form = PlanForm(formdata=None, public_id=new_public_id("count"))
    with reading() as session:
        _offer(session, current_actor(), form)
    form.location.data = _one_of(form.location, request.args.get("location", ""))
    form.category.data = _one_of(form.category, request.args.get("category", ""))
    return _page(form)


@bp.post("")
@needs(Permission.MOVE_STOCK)
def create() -> AnyResponse:
    actor, form = current_actor(), PlanForm()
    with reading() as session:
        _offer(session, actor, form)

    def work(session: Session) -> Any:
        items = _items_of(session, actor, form.codes)
        return create_count(session, actor, form.plan(actor.company.zone, items), now=utc_now())

    there = url_for("web.counts.show", count_id=form.public_id.data or "cnt_")
    done = save(form, work, there=there, told="The sheet is written: counting may begin")
    return _page(form, done) if isinstance(done, HTTPStatus) else done


@bp.get("/<count_id>/edit")
@needs(Permission.MOVE_STOCK)
def edit(count_id: str) -> AnyResponse:
    actor = current_actor()
    with reading() as session:
        known = get_count(session, actor, count_id)
        form = form_of(known, actor.company.zone)
        form.offer(_people(session, actor))
    return _page(form, known=known)


@bp.post("/<count_id>/edit")
@needs(Permission.MOVE_STOCK)
def update(count_id: str) -> AnyResponse:
    actor, form = current_actor(), CountForm()
    with reading() as session:
        form.offer(_people(session, actor))

    def work(session: Session) -> Any:
        draft, version = form.draft(actor.company.zone), form.expected_version
        return update_count(session, actor, count_id, draft, expected_version=version)

    there = url_for("web.counts.show", count_id=count_id)
    done = save(form, work, there=there, told="Saved")
    if not isinstance(done, HTTPStatus):
        return done
    with reading() as session:
        return _page(form, done, known=get_count(session, actor, count_id))


def _page(form: CountForm, status: HTTPStatus = HTTPStatus.OK, known: Any = None) -> AnyResponse:
    return make_response(render_template("counts/plan.html", form=form, known=known), status)


def _offer(session: Session, actor: Actor, form: PlanForm) -> None:
    places = [(one.public_id, one.name) for one in all_locations(session, actor)]
    form.location.choices = options(("", "Choose a place"), places)
    branches = [(one.public_id, one.path) for one in list_tree(session, actor) if one.is_active]
    form.category.choices = options(("", "Any"), branches)
    form.offer(_people(session, actor))


def _people(session: Session, actor: Actor) -> list[tuple[str, str]]:
    return [
        (one.user.public_id, one.user.name)
        for one in list_members(session, actor)
        if one.user.is_active and Permission.COUNT in permissions_of(one.roles)
    ]


def _one_of(field: Any, wanted: str) -> str:
    return wanted if wanted in {one.value for one in field.choices} else ""


def _items_of(session: Session, actor: Actor, codes: tuple[str, ...]) -> list[str]:
    """Public ids of items by what was typed. Raises Invalid, naming all that are none."""
    found = find_exact_choices(session, actor, codes) if codes else {}
    wrong = [
        Problem("items", f"No single item has the code {code}.", "INVALID_CHOICE")
        for code in codes
        if len(found[code]) != 1
    ]
    if wrong:
        raise Invalid(wrong)
    return [found[code][0].public_id for code in codes]
