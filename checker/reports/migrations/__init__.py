"""Changes of the reports' tables, in order; run by ``report_store.py`` when it opens a database."""
