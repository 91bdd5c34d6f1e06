"""JSON takes keys and no cookies, so no session is opened for it, nor written back."""

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from inventory.api.prefix import is_json_address


class PageSessions(SecureCookieSessionInterface):
    """Sessions of pages alone."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if is_json_address(request.path):
            return None
        return super().open_session(app, request)
