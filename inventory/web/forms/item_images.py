"""A picture of an item, as a file."""

from typing import Any

from flask_wtf.file import FileField, FileRequired

from inventory.web.forms.base import PageForm


class ItemImageForm(PageForm):
    file: Any = FileField("Picture", [FileRequired("Choose a file.")])
