"""What process managers start: ``uvicorn server:app``. Settings come from the environment."""

import gc

from checker.logs import log_as_json
from checker.web import create_app

log_as_json()
app = create_app()
gc.freeze()  # the list stays as it is: not looked through again and again for what could go
