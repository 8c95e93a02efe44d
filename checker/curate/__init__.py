"""Tools for maintainers: they change a list, or show what a change does.

May live here: directories of portals and their import, edits, the effect of a change, revisions in git, and visits
to portals, the only code in the package that opens other people's addresses. May not: anything that answering needs.
"""
