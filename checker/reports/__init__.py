"""What people tell about a missing or wrong entry: the model, and the database that keeps it.

May live here: what a report is, how it is masked, stored and migrated. May not: HTTP (``web/reports.py``).
"""
