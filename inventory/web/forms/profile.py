"""One's own name, habits and password."""

from typing import Any

from wtforms import PasswordField, RadioField, SelectChoice
from wtforms.validators import InputRequired

from inventory.web.forms.base import PageForm, TrimmedField


class ProfileForm(PageForm):
    name: Any = TrimmedField("Name", [InputRequired("Type your name.")])
    density: Any = RadioField(
        "Rows of tables",
        choices=[SelectChoice("comfortable", "Comfortable"), SelectChoice("compact", "Compact")],
    )
    shortcuts: Any = RadioField(
        "Single-letter shortcuts",
        choices=[SelectChoice("on", "On"), SelectChoice("off", "Off")],
        description="Switch them off if speech input or a switch device presses them by mistake.",
    )


class PasswordForm(PageForm):
    old_password: Any = PasswordField("Present password", [InputRequired("Type it once more.")])
    new_password: Any = PasswordField("New password", [InputRequired("Type a new password.")])
