"""The service: page and API over HTTP.

May live here: the app, its routes, and what stands around them: bodies, limits, metrics, logs, reload, workers,
templates. May not: any judgement about an address; that is the core's, and reaches this room as an answer.
"""
