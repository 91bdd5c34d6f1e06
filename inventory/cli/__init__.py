"""Commands for the operator: `flask --app app COMMAND`."""

from flask import Flask

from inventory.cli import companies, schema


def register_commands(app: Flask) -> None:
    """Make every command known to `flask`."""
    for command in (companies.create_company, schema.upgrade_db):
        app.cli.add_command(command)
