"""Writing a document with lines: one form that takes lines, keeps the draft and goes on.

What adjustments and transfers have in common. Each says what a line is, what is saved and
what going on will do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, TypeVar

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from inventory.domain.actor import Actor
from inventory.domain.errors import Duplicate
from inventory.queries.line_items import list_line_choices
from inventory.web import htmx
from inventory.web.forms.line_box import LineBoxForm
from inventory.web.line_box import Added, add_lines, read_typed

ADD, REMOVE, SAVE, REVIEW = "add", "remove", "save", "review"
AUTO: Final = "auto"  # what the form sends by itself
STRICT: Final = frozenset({SAVE, REVIEW})  # steps that want every line complete
CHOICES_SHOWN: Final = 8

T = TypeVar("T")


@dataclass(slots=True)
class DraftEditor:
    """The draft being written, with what the page of every such document shows.

    known    the draft as it is saved, if it is
    refused  why the document as a whole cannot go on
    unsaved  why what is typed is not kept yet
    is_kept  what is complete on the page is what is saved
    """

    id: str
    form: Any
    known: Any = None
    lines: list[Any] = field(default_factory=list)
    refused: str = ""
    unsaved: str = ""
    is_kept: bool = False

    @property
    def number(self) -> str:
        return str(self.known.head.number) if self.known else ""

    @property
    def may_go_on(self) -> bool:
        """Whether it can be posted or requested as it is."""
        return bool(
            self.known
            and self.lines
            and not (self.refused or self.unsaved)
            and self.is_head_sound
            and not any(one.refused for one in self.lines)
        )

    @property
    def is_head_sound(self) -> bool:
        """Whether nothing of the head stands in the way."""
        return True


@dataclass(frozen=True, slots=True)
class DraftPages:
    """Where the pages of a noun's drafts are.

    noun      of their blueprint and their folder of templates
    argument  of their addresses that is the document's id
    """

    noun: str
    argument: str

    def shown_at(self, document_id: str) -> str:
        """The address of the document."""
        return url_for(f"web.{self.noun}.show", **self._named(document_id))

    def page(self, editor: DraftEditor, status: HTTPStatus = HTTPStatus.OK) -> Response:
        """The form: alone for htmx, else on its page."""
        name = "_saved" if htmx.is_asking() else "edit"
        page = render_template(f"{self.noun}/{name}.html", editor=editor, asks=False)
        return make_response(page, status)

    def answer(self, editor: DraftEditor, step: str) -> AnyResponse:
        """What a step leads to: the form again, the next question, or the document's page."""
        is_wrong = step in STRICT and not (editor.is_kept and not editor.unsaved)
        if is_wrong or (step == REVIEW and not editor.may_go_on):
            return self.page(editor, HTTPStatus.UNPROCESSABLE_ENTITY)
        if not htmx.is_asking():
            return self._moved(editor, step)
        saved = render_template(f"{self.noun}/_saved.html", editor=editor, asks=step == REVIEW)
        response = make_response(saved)
        if editor.known:
            response.headers["HX-Replace-Url"] = self.shown_at(editor.id)
        if step == SAVE:
            htmx.with_events(response, toast=htmx.Toast(f"Draft {editor.number} saved"))
        if step == REVIEW:
            htmx.open_dialog(response, "#post")
        return response

    def _moved(self, editor: DraftEditor, step: str) -> AnyResponse:
        """The same for a plain form."""
        if step == REVIEW:
            review = url_for(f"web.{self.noun}.editing.review", **self._named(editor.id))
            return htmx.moved(review)
        form = editor.form
        if editor.unsaved or form.add.errors or form.listed.errors:
            return self.page(editor)
        told = htmx.Toast(f"Draft {editor.number} saved") if step == SAVE else None
        return htmx.moved(self.shown_at(editor.id), told)

    def _named(self, document_id: str) -> dict[str, Any]:
        return {self.argument: document_id}


def pressed_step() -> str:
    """The button that was pressed, or `auto`."""
    return (request.form.getlist("step") or [ADD])[-1]


def take_step(session: Session, actor: Actor, form: LineBoxForm, step: str) -> Added:
    """Take a line away, or put in what stands in the box."""
    if step.startswith(REMOVE):
        form.remove(step.removeprefix(f"{REMOVE}:"))
    if step == ADD or (step != AUTO and (form.add.data or form.listed.data)):
        return add_lines(session, actor, form)
    return Added()


def offered_choices(session: Session, actor: Actor, places: Sequence[Any], place: str) -> str:
    """What the line box offers while somebody types.

    place  public id of the one whose stock is told
    """
    query = read_typed(request.args.get("add", "")).code
    keys = {one.public_id: one.id for one in places}
    key = keys.get(place)
    found = (
        list_line_choices(session, actor, query, place_id=key, limit=CHOICES_SHOWN) if query else ()
    )
    return render_template("_line_choices.html", choices=found, query=query)


def named_lines(
    form: LineBoxForm, items: Mapping[str, Any], touched: Sequence[Any]
) -> Iterator[tuple[str, Any, Any, bool]]:
    """Index, form and item of each line, and whether it was just touched.

    What is no item of the company leaves the form.
    """
    lines = form["lines"]
    for entry in list(lines.entries):
        item = items.get(entry.form.item.data)
        if item is None:
            lines.entries.remove(entry)
            continue
        index = entry.name.rpartition("-")[2]
        yield index, entry.form, item, any(entry.form is one for one in touched)


def save_once(form: LineBoxForm, create: Callable[[], T], update: Callable[[int | None], T]) -> T:
    """The page gave the draft its id, so sending the form again never makes a second one.

    update  is given the version that the page shows
    """
    said = str(form["version"].data or "")
    if not said:
        try:
            return create()
        except Duplicate:
            pass  # the same form, sent twice
    return update(int(said) if said.isdigit() else None)
