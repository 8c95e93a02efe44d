"""People's reports of missing or wrong entries: the model, and the database that keeps them.

Belongs here: what a report is, and how it is masked, stored and migrated. Does not belong here: HTTP
(``web/reports.py``).
"""
