"""What of the settings decides how people are recognised: cost of passwords, length of sessions."""

from datetime import timedelta

from flask import current_app

from inventory.config import Settings
from inventory.domain.sessions import SessionLimits
from inventory.services.passwords import PasswordCost, Passwords


def current_passwords() -> Passwords:
    """The hasher of this installation; one for all requests, since it keeps a dummy hash."""
    known: Passwords | None = current_app.extensions.get("racking.passwords")
    if known is None:
        settings = _settings()
        known = Passwords(PasswordCost(settings.password_rounds, settings.password_memory_kib))
        current_app.extensions["racking.passwords"] = known
    return known


def session_limits() -> SessionLimits:
    """How long sessions last here."""
    settings = _settings()
    return SessionLimits(
        idle=timedelta(hours=settings.session_idle_hours),
        absolute=timedelta(days=settings.session_days),
    )


def _settings() -> Settings:
    settings: Settings = current_app.extensions["racking.settings"]
    return settings
