"""Benchmarks: each measures portalcheck and what it is compared with in the same run (``make bench``)."""
