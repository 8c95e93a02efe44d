"""Migrations of the reports' tables; ``store.py`` runs them when it opens a database."""
