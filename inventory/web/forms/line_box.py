"""The box of a document's form that takes items: typed, scanned, chosen or pasted."""

from abc import abstractmethod
from typing import Any, ClassVar, Final

from wtforms import Form, HiddenField, TextAreaField
from wtforms.validators import Length

from inventory.web.forms.base import PageForm, TrimmedField

TYPED_MAX: Final = 200


class LineBoxForm(PageForm):
    """A document with lines of items."""

    lines_max: ClassVar[int]
    noun: ClassVar[str]  # "An adjustment"
    may_wait: ClassVar[tuple[str, ...]]  # fields of the head that a draft may lack for now

    add: Any = TrimmedField("Add an item", [Length(max=TYPED_MAX)])
    pick: Any = HiddenField()  # id of the item that was chosen from the list
    listed: Any = TextAreaField("Paste a list")

    @property
    def rows(self) -> list[Any]:
        """The lines as they stand on the page; each has an `item`."""
        return [entry.form for entry in self._fields["lines"].entries]

    def row_of(self, item_id: str) -> Any | None:
        """The item's own line, if it has one."""
        return next((row for row in self.rows if row.item.data == item_id), None)

    def remove(self, index: str) -> None:
        """Take the line away that bears this index in its name."""
        lines = self._fields["lines"]
        wanted = f"{lines.name}-{index}"
        lines.entries = [one for one in lines.entries if one.name != wanted]

    def forgive_blanks(self) -> None:
        """What is not filled in yet is no error while the document is still being written."""
        for name in self.may_wait:
            if not self[name].data:
                self[name].errors = ()
        for row in self.rows:
            if not row.entry.data:
                row.entry.errors = ()

    @abstractmethod
    def put(self, item_id: str, entry: str) -> Form:
        """A new line of the item, or more on its own; without an entry as much as a scan means."""

    @abstractmethod
    def refuse_entry(self, entry: str) -> str:
        """What is wrong with what stands behind a code, if anything."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the head and every line; each line keeps its own errors."""
        lines = self._fields.pop("lines")
        try:
            is_head_sound = super().validate(extra_validators)
        finally:
            self._fields["lines"] = lines
        sound = [_is_sound(row) for row in self.rows]
        return is_head_sound and all(sound)


def _is_sound(row: Any) -> bool:
    return bool(row.validate())
