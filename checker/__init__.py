"""portalcheck: is this address on the list of official organization portals?"""
