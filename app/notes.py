"""What the steps of one request tell each other.

`api.middleware` makes the notes of a request before anything else sees it, and reads them when it
writes the answer's headers, the metrics and the line of log. In between every step adds what it
knows. They travel at one key of the request's ASGI scope.
"""

from dataclasses import dataclass, field
from typing import cast

from starlette.types import Scope

_KEY = "notes"


@dataclass(slots=True)
class Notes:
    """The notes of one request.

    request_id: the caller's own, its trace's, or a new one; sent as X-Request-ID.
    digest: of the weights that answer, once `api.intake` has chosen them; sent as X-Model-Digest.
    timings: seconds of each step of a reading, from the routes; sent as Server-Timing.
    problem: the kind of the refusal, from `errors`; one of its KINDS.
    is_page: whether `web.pages` answers, whose answers bring a content policy of their own.
    """

    request_id: str
    digest: str | None = None
    timings: dict[str, float] = field(default_factory=dict)
    problem: str | None = None
    is_page: bool = False


def take_notes(scope: Scope, request_id: str) -> Notes:
    """Begin the notes of a request."""
    notes = scope[_KEY] = Notes(request_id)
    return notes


def notes_of(scope: Scope) -> Notes:
    """Return the notes of a request that `take_notes` has begun; raises KeyError otherwise."""
    return cast(Notes, scope[_KEY])
