"""Signing in."""

from typing import Any

from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired

from inventory.web.forms.base import PageForm


class SignInForm(PageForm):
    email: Any = EmailField("E-mail address", [InputRequired("Type your e-mail address.")])
    password: Any = PasswordField("Password", [InputRequired("Type your password.")])
