"""flask create-user."""

import sys

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from inventory.cli.operator import OperatorCommand, operator_of
from inventory.database import transact
from inventory.domain.actor import ROLES
from inventory.domain.errors import Invalid
from inventory.domain.passwords import BYTES_MAX
from inventory.domain.users import UserDraft
from inventory.http.clock import utc_now
from inventory.http.identity import current_passwords
from inventory.queries.users import find_user
from inventory.services import users


@click.command("create-user", cls=OperatorCommand)
@click.argument("email")
@click.option("--company", "company_id", required=True, help="Id of the company.")
@click.option("--role", "roles", multiple=True, required=True, help=", ".join(ROLES))
@click.option("--name", default="", help="Else the part of the address before the @.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_appcontext
def create_user(
    *, email: str, company_id: str, roles: tuple[str, ...], name: str, password_stdin: bool
) -> None:
    """Give somebody access to a company and print their id.

    Somebody another company knows already keeps their password and is only given the roles.
    """
    password = _password(is_piped=password_stdin)
    draft = UserDraft(email=email, roles=roles, name=name, password=password)
    now = utc_now()

    def add(session: Session) -> tuple[str, bool]:
        operator = operator_of(session, company_id)
        if find_user(session, email) is None:
            user = users.create_user(
                session, operator, draft, passwords=current_passwords(), now=now
            )
            return user.public_id, True
        return users.add_member(session, operator, email, roles, now=now).public_id, False

    user_id, is_new = transact(add)
    if not is_new:
        click.echo("This user was known already: their password stays as it is.", err=True)
    click.echo(user_id)


def _password(*, is_piped: bool) -> str:
    if not is_piped:
        if not sys.stdin.isatty():
            raise click.ClickException("Give the password with --password-stdin.")
        prompted: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return prompted
    try:
        text = sys.stdin.buffer.read(4 * BYTES_MAX).decode()
    except UnicodeDecodeError as error:
        raise Invalid.one("password", "Use UTF-8.", "INVALID_FORMAT") from error
    return text.removesuffix("\n").removesuffix("\r")
