"""``app`` for any ASGI server: ``granian --interface asgi server:app``, ``uvicorn server:app``.

Settings come from the environment.
"""

from checker.web.app import create_app
from checker.web.logs import log_as_json

log_as_json()
app = create_app()
