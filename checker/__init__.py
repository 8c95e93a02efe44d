"""portalcheck: is this address on the list of official organization portals?"""

__version__ = "0.1.0"
