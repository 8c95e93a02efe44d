"""From files to an ``Allowlist``.

May live here: the format of the list files and how they are read strictly, written and checked (rules, lint,
canaries), the loader, snapshots, and the tables that the core is handed. May not: anything that changes a list on
a maintainer's behalf (``curate``), or that answers anybody.
"""
