"""The service: the page and the API over HTTP.

May live here: the app, its routes, and what surrounds them: request bodies, rate limits, metrics, logs, reload,
workers, templates. May not: any judgement about an address; that is the core's, and arrives here as an answer.
"""
