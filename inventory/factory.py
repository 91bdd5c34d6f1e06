"""create_app: the only place that knows every room."""

from flask import Flask

from inventory.cli import register_commands
from inventory.config import ROOT, Settings
from inventory.database import init_database
from inventory.jobs.command import register_jobs


def create_app(settings: Settings) -> Flask:
    """Build the application from its settings."""
    app = Flask(
        "inventory",
        root_path=str(ROOT / "inventory"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions["racking.settings"] = settings
    init_database(app, settings)
    register_commands(app)
    register_jobs(app)
    return app
