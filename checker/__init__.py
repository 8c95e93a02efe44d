"""portalcheck: is this address on the list of official organization portals?

The rooms, from left to right. Each imports only rooms to its left, and its ``__init__`` says what may live there.

    core      one address in, one answer out: values only, no file, network, clock or web framework
    lists     the files of the list, read and checked
    reports   what people report about addresses, and the database that keeps it
    checker/  the files beside this one: what every way in shares
    bulk      many addresses: files, and columns for Arrow, Polars and Spark
    curate    the maintainers' tools: import, edits, effect, visits
    web       the page and the API
    cli       the commands

One address takes one direction through ``core``:

    text -> url -> wrapper -> allowlist -> lookalike -> verdict -> guidance -> render

``service.Service`` holds one list and gives the answers; ``web``, ``cli`` and ``bulk`` all ask it.
"""

__version__ = "0.1.0"
