"""The check itself: values in, values out.

Belongs here: everything an answer depends on, from the address to its sentences. Does not belong here: files, the
network, the clock, the environment, a web framework. Reference data and today's date are parameters. Each module
imports only those that come before it in the flow: url, wrapper, text, allowlist, lookalike, verdict, guidance,
check, render.
"""
