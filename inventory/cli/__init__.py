"""Commands for the operator: `flask --app app COMMAND`."""

from flask import Flask

from inventory.cli import audit, balances, companies, demo, imports, keys, schema, serve, users


def register_commands(app: Flask) -> None:
    """Make every command known to `flask`."""
    for command in (
        companies.create_company,
        users.create_user,
        keys.create_key,
        schema.upgrade_db,
        demo.seed_demo,
        imports.import_file,
        audit.audit,
        balances.rebuild_balances,
        serve.serve,
        serve.run_all,
    ):
        app.cli.add_command(command)
