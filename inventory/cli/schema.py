"""flask upgrade-db."""

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade


@click.command("upgrade-db")
@with_appcontext
def upgrade_db() -> None:
    """Bring the schema to the newest revision; safe from several processes at once."""
    upgrade()
    click.echo("The schema is up to date.")
