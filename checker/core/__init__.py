"""The check itself: values in, values out.

May live here: everything that an answer depends on, from the address to its words. May not: files, the network, the
clock, the environment, a web framework. Reference data and the day come in as parameters. The modules stand in the
order of the flow, and each imports only those before it: url, wrapper, text, allowlist, lookalike, verdict,
guidance, check, render.
"""
