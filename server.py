"""What process managers start: ``uvicorn server:app``. Settings come from the environment."""

from checker.logs import log_as_json
from checker.memory import settle
from checker.web import create_app

log_as_json()
app = create_app()
settle()
