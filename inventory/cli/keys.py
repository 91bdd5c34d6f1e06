"""flask create-key."""

from datetime import UTC, datetime, timedelta

import click
from flask.cli import with_appcontext

from inventory.cli.operator import OperatorCommand, operator_of
from inventory.database import transact
from inventory.domain.actor import ROLES, SCOPES
from inventory.domain.keys import KeyDraft
from inventory.http.clock import utc_now
from inventory.services import keys


@click.command("create-key", cls=OperatorCommand)
@click.option("--company", "company_id", required=True, help="Id of the company.")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--scope", "scopes", multiple=True, help=f"{', '.join(SCOPES)}; none means all.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    default=["manager"],
    show_default=True,
    help=f"{', '.join(ROLES)}; scopes narrow it.",
)
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Last day it is good, in UTC.")
@with_appcontext
def create_key(
    company_id: str,
    name: str,
    scopes: tuple[str, ...],
    roles: tuple[str, ...],
    expires: datetime | None,
) -> None:
    """Make an API key and print it, alone and once."""
    end = None if expires is None else expires.replace(tzinfo=UTC) + timedelta(days=1)
    draft = KeyDraft(name=name, roles=roles, scopes=scopes, expires_at=end)
    now = utc_now()
    made = transact(
        lambda session: keys.create_key(session, operator_of(session, company_id), draft, now=now)
    )
    click.echo(made.text)
