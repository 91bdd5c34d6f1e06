"""Naming a view of a list."""

from typing import Any

from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from inventory.web.forms.base import PageForm, TrimmedField
from inventory.web.saved_views import NAME_LENGTH


class SavedViewForm(PageForm):
    name: Any = TrimmedField(
        "Name of the view",
        [
            InputRequired("Type a name."),
            Length(max=NAME_LENGTH, message=f"Use {NAME_LENGTH} characters at most."),
        ],
    )
    query: Any = HiddenField()
    before: Any = HiddenField()  # its name until now, when it is renamed
