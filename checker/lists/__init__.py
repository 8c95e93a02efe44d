"""From files to an ``Allowlist``.

Belongs here: the format of the list files and how they are read, written and checked (rules, lint, canaries), the
loader, snapshots, and the tables that are passed to the core. Does not belong here: anything that changes a list on
a maintainer's behalf (``curate``), or that answers questions about addresses.
"""
