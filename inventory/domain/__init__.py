"""The rules. Plain Python over frozen values; no database, no clock, no chance."""
