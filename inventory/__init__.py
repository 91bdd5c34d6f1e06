"""Racking: inventory with an exact, append-only ledger."""

__version__ = "0.1.0"
