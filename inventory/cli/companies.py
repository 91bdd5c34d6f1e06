"""flask create-company."""

import click
from flask.cli import with_appcontext

from inventory.cli.operator import OperatorCommand
from inventory.database import transact
from inventory.domain.companies import CompanyDraft
from inventory.http.clock import utc_now
from inventory.services import companies


@click.command("create-company", cls=OperatorCommand)
@click.argument("name")
@click.option("--id", "public_id", help="Id of your choice, company_ and so on.")
@click.option("--currency", default="MYR", show_default=True, help="Three-letter code.")
@click.option("--timezone", default="Asia/Kuala_Lumpur", show_default=True)
@click.option("--value-places", type=int, help="Decimals of a value, if more than usual.")
@with_appcontext
def create_company(
    name: str, public_id: str | None, currency: str, timezone: str, value_places: int | None
) -> None:
    """Found a company and print its id."""
    draft = CompanyDraft(
        name=name,
        currency=currency,
        timezone=timezone,
        public_id=public_id,
        value_places=value_places,
    )
    now = utc_now()
    click.echo(
        transact(lambda session: companies.create_company(session, draft, now=now).public_id)
    )
