"""What all requests to one application share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette

if TYPE_CHECKING:
    from checker.service import Service
    from checker.web.messages import MessageThread
    from checker.web.metrics import Metrics
    from checker.web.reload import Reloader
    from checker.web.reports import Reports

__all__ = ["AppState", "state_of"]


@dataclass(slots=True)
class AppState:
    """Stands at ``app.state.portalcheck``."""

    metrics: Metrics
    reloader: Reloader
    reports: Reports
    messages: MessageThread
    stopping: bool = False
    """Whether the server was asked to stop; ``/readyz`` says so."""

    @property
    def service(self) -> Service:
        """The service that answers now. A reload replaces it, so a request takes it once."""
        return self.reloader.service


def state_of(app: Starlette) -> AppState:
    """The application's state, with its types."""
    state: AppState = app.state.portalcheck
    return state
