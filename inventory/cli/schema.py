"""flask upgrade-db."""

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from inventory.cli.operator import OperatorCommand


@click.command("upgrade-db", cls=OperatorCommand)
@with_appcontext
def upgrade_db() -> None:
    """Bring the schema to the newest revision; safe from several processes at once."""
    upgrade()  # under a lock: who comes second waits, and finds nothing left to do
    click.echo("The schema is up to date.")
