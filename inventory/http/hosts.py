"""By which name the application may be called, and how many proxies are believed."""

from typing import Final
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from inventory.config import Settings

LOOPBACK: Final = ["127.0.0.1", "localhost", "[::1]"]
EVERY_ADDRESS: Final = {"0.0.0.0", "::", None}  # noqa: S104  # compared with, not bound to


def trust_hosts(app: Flask, settings: Settings) -> None:
    """Answer to the host of the base URL and to this machine's own names only.

    Under a foreign name a page of somebody else could read ours (DNS rebinding). Where the
    base URL names no host, because the server listens everywhere, any name is taken.
    """
    host = urlsplit(settings.base_url).hostname
    if host not in EVERY_ADDRESS:
        app.config["TRUSTED_HOSTS"] = [f"[{host}]" if ":" in str(host) else host, *LOOPBACK]
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # the way Flask documents
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
