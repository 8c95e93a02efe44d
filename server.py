"""What process managers start: ``uvicorn server:app``. Settings come from the environment."""

import logging

from checker.web import create_app

# A line per request would hold its path, and people do paste addresses behind a site's own.
logging.getLogger("uvicorn.access").disabled = True

app = create_app()
