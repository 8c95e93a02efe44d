"""For maintainers only: what changes a list, or tells what a change does.

May live here: sources, import, edits, the effect of a change, revisions in git, and the visit of portals, which is
the one place in the package that opens the addresses of others. May not: anything that answering needs.
"""
