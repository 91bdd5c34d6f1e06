"""What people type, scan or paste into the line box, turned into lines of the form."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy.orm import Session

from inventory.domain.actor import Actor
from inventory.queries.line_items import find_exact_choices, list_line_choices, read_choices
from inventory.web.forms.line_box import LineBoxForm

# "CTB-200, 5" or "CTB-200<tab>-2" or "CTB-200 =83": a code, then what becomes of it.
PASTED: Final = re.compile(r'"?(?P<code>[^,;\t"]+)"?\s*[,;\t]\s*"?(?P<entry>[^,;\t"]*)"?.*')
TYPED: Final = re.compile(r"(?P<code>.*\S)\s+(?P<entry>[=+\u2212-]=?[\d.,]+)")
SHOWN: Final = 2


@dataclass(frozen=True, slots=True)
class Typed:
    """One line as it was typed; the entry is empty where only an item was named."""

    code: str
    entry: str


@dataclass(slots=True)
class Added:
    """The lines that something was added to, and what was not understood, by field."""

    rows: list[Any] = field(default_factory=list)
    problems: dict[str, list[str]] = field(default_factory=dict)

    def tell(self, form: LineBoxForm) -> None:
        """Say at the fields what was not understood. Checking the form would forget it."""
        for name, problems in self.problems.items():
            form[name].errors = problems


def add_lines(session: Session, actor: Actor, form: LineBoxForm) -> Added:
    """Put what the box and the list say into the form; what is not understood stays there."""
    added = Added()
    if form.pick.data:
        added.rows += _add_picked(session, actor, form)
        return added
    for box, lines in ((form.add, [form.add.data]), (form.listed, _lines_of(form.listed.data))):
        typed = [read_typed(line) for line in lines if line]
        exact = find_exact_choices(session, actor, {one.code for one in typed})
        left = []
        for one in typed:
            problem = _add(session, actor, form, one, exact.get(one.code, ()), added.rows)
            if problem:
                added.problems.setdefault(box.name, []).append(problem)
                left.append(f"{one.code}, {one.entry}" if one.entry else one.code)
        box.data = "\n".join(left)
        box.raw_data = [box.data]
    return added


def read_typed(line: str) -> Typed:
    """A code alone, or with what becomes of it."""
    found = PASTED.fullmatch(line) or TYPED.fullmatch(line)
    if found is None:
        return Typed(line.strip(), "")
    return Typed(found["code"].strip(), found["entry"].strip())


def _lines_of(text: str | None) -> list[str]:
    return [line for line in (text or "").splitlines() if line.strip()]


def _add_picked(session: Session, actor: Actor, form: LineBoxForm) -> list[Any]:
    known = read_choices(session, actor, {form.pick.data}, place_id=None)
    form.pick.data = form.add.data = ""
    return [form.put(item_id, "") for item_id in known]


def _add(
    session: Session,
    actor: Actor,
    form: LineBoxForm,
    typed: Typed,
    exact: Sequence[object],
    touched: list[Any],
) -> str:
    """Add the line, or say why not."""
    found = exact or list_line_choices(session, actor, typed.code, place_id=None, limit=SHOWN)
    if not found:
        return f"There is no item \u201c{typed.code}\u201d."
    if len(found) > 1:
        return f"Several items match \u201c{typed.code}\u201d: choose one from the list."
    problem = form.refuse_entry(typed.entry) if typed.entry else ""
    if problem:
        return f"\u201c{typed.entry}\u201d of {typed.code} is {problem}."
    item_id = str(found[0].public_id)  # type: ignore[attr-defined]  # a row
    if len(form.rows) >= form.lines_max and not form.row_of(item_id):
        return f"{form.noun} has {form.lines_max:,} lines at most."
    touched.append(form.put(item_id, typed.entry))
    return ""
