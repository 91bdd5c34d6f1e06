"""create_app: the only place that knows every room."""

from flask import Flask

from inventory.api.blueprint import init_api
from inventory.cli import register_commands
from inventory.config import ROOT, Settings
from inventory.database import init_database
from inventory.http.application import Application
from inventory.http.hosts import trust_hosts
from inventory.http.permissions import refuse_undeclared_routes
from inventory.jobs.command import register_jobs
from inventory.web import register_pages


def create_app(settings: Settings) -> Flask:
    """Build the application from its settings."""
    app = Application(
        "inventory",
        root_path=str(ROOT / "inventory"),
        template_folder=str(ROOT / "templates"),
        static_folder=None,  # the pages' room serves it, under addresses that may be kept
    )
    app.config["SECRET_KEY"] = settings.secret_key
    app.extensions["racking.settings"] = settings
    trust_hosts(app, settings)
    init_database(app, settings)
    init_api(app)
    register_commands(app)
    register_jobs(app)
    register_pages(app, settings, static=ROOT / "static")
    refuse_undeclared_routes(app)
    return app
